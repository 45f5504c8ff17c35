"""The catalog: stores, products, categories, business units, data sources; the same rows for every customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Field, SQLModel

from profiles.columns import instant, key, minor, reference, text
from profiles.listing import Listed, ListPage, NamedList
from profiles.money import Money
from profiles.records import record
from profiles.storage.keeping import BY_REFERENCE
from profiles.storage.pages import Page
from profiles.storage.reads import Build, Read, among_ids, shaped, table
from profiles.viewer import Viewer

EVERY = 0
"""The key under which a list that is the same for everybody, such as that of all data sources, is asked for."""


class BusinessUnit(SQLModel, table=True):
    """A part of the company, known by its number."""

    __tablename__ = "business_units"
    id: int = key()
    number: int = Field(unique=True)
    name: str = text()


class DataSource(SQLModel, table=True):
    """A system that sends data to the platform."""

    __tablename__ = "data_sources"
    id: int = key()
    name: str = text(unique=True)
    last_received_at: datetime | None = instant(nullable=True)


class Store(SQLModel, table=True):
    """A point of sale, physical or online. `name_key` as of a product."""

    __tablename__ = "stores"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    name_key: str | None = text(nullable=True)
    business_unit_id: int | None = reference(nullable=True, foreign_key="business_units.id")


class Category(SQLModel, table=True):
    """A product category. `name_key` as of a product."""

    __tablename__ = "categories"
    id: int = key()
    name: str = text(unique=True)
    name_key: str | None = text(nullable=True)


class Product(SQLModel, table=True):
    """Something that can be bought; one that is known only by its external id has that id as name (ruling 27).
    `name_key` is `profiles.folding.stored_key` of the name: null where the name is plain."""

    __tablename__ = "products"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    name_key: str | None = text(nullable=True)
    is_named: bool = Field(default=True)
    brand: str | None = text(nullable=True)
    department: str | None = text(nullable=True)
    package_size: str | None = text(nullable=True)
    category_id: int | None = reference(nullable=True, foreign_key="categories.id", index=True)
    price_minor: int | None = minor(nullable=True)
    price_currency: str | None = text(nullable=True)
    image_url: str | None = text(nullable=True)
    url: str | None = text(nullable=True)


class ExchangeRate(SQLModel, table=True):
    """What one unit of a currency was worth in the account's currency on a day; `rate` is a decimal as text, exact."""

    __tablename__ = "exchange_rates"
    currency: str = text(primary_key=True)
    day: str = text(primary_key=True)
    rate: str = text()


@record
class BusinessUnitRow:
    """A business unit as it is read."""

    id: int
    number: int
    name: str


@record
class StoreRow:
    """A store as it is read."""

    id: int
    external_id: str
    name: str
    business_unit_id: int | None


@record
class CategoryRow:
    """A category as it is read."""

    id: int
    name: str


@record
class ProductRow:
    """A product as it is read."""

    id: int
    external_id: str
    name: str
    brand: str | None
    category_id: int | None
    price_minor: int | None
    price_currency: str | None
    image_url: str | None
    url: str | None

    @property
    def price(self) -> Money | None:
        """Today's price; None where none is known."""
        if self.price_minor is None or self.price_currency is None:
            return None
        return Money(self.price_minor, self.price_currency)


STORES = NamedList(Store, "name_key", tuple(StoreRow.__dataclass_fields__), StoreRow)
CATEGORIES = NamedList(Category, "name_key", tuple(CategoryRow.__dataclass_fields__), CategoryRow)
PRODUCTS = NamedList(Product, "name_key", tuple(ProductRow.__dataclass_fields__), ProductRow)


@shaped()
def _by_id(model: Any, row: Any) -> Build:
    catalog = table(model)
    return lambda dialect: select(*[catalog.c[name] for name in row.__dataclass_fields__]).where(
        among_ids(dialect, catalog.c.id)
    )


def business_units_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, BusinessUnitRow]:
    """Business units; unknown ones are absent."""
    return Read(
        _by_id(BusinessUnit, BusinessUnitRow),
        {"ids": ids},
        lambda rows: {row[0]: BusinessUnitRow(*row) for row in rows},
        BY_REFERENCE,
    )


@shaped()
def _every_business_unit() -> Build:
    units = table(BusinessUnit)
    return lambda dialect: select(*[units.c[name] for name in BusinessUnitRow.__dataclass_fields__]).order_by(
        units.c.number, units.c.id
    )


def every_business_unit(viewer: Viewer) -> Read[int, tuple[BusinessUnitRow, ...]]:
    """All business units, by number, under the key `EVERY`: they are few."""
    return Read(_every_business_unit(), {}, lambda rows: {EVERY: tuple(BusinessUnitRow(*row) for row in rows)})


def stores_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, StoreRow]:
    """Stores; unknown ones are absent."""
    return Read(
        _by_id(Store, StoreRow), {"ids": ids}, lambda rows: {row[0]: StoreRow(*row) for row in rows}, BY_REFERENCE
    )


def categories_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, CategoryRow]:
    """Categories; unknown ones are absent."""
    return Read(
        _by_id(Category, CategoryRow),
        {"ids": ids},
        lambda rows: {row[0]: CategoryRow(*row) for row in rows},
        BY_REFERENCE,
    )


def products_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, ProductRow]:
    """Products; unknown ones are absent."""
    return Read(
        _by_id(Product, ProductRow), {"ids": ids}, lambda rows: {row[0]: ProductRow(*row) for row in rows}, BY_REFERENCE
    )


def store_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[StoreRow]]]:
    """All stores by name, one page."""
    return STORES.page(page)


def store_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many stores there are (whose name contains `search`)."""
    return STORES.count(search)


def category_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[CategoryRow]]]:
    """All product categories by name, one page."""
    return CATEGORIES.page(page)


def category_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many product categories there are (whose name contains `search`)."""
    return CATEGORIES.count(search)


def product_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[ProductRow]]]:
    """All products by name, one page; one known only by its external id has that as name."""
    return PRODUCTS.page(page)


def product_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many products there are (whose name contains `search`)."""
    return PRODUCTS.count(search)
