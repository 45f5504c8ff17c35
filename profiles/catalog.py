"""The catalog: stores, products and their categories, business units and data sources; the same rows for every customer."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from profiles.columns import instant, key, minor, reference, text


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
    """A point of sale, physical or online."""

    __tablename__ = "stores"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    business_unit_id: int | None = reference(nullable=True, foreign_key="business_units.id")


class Category(SQLModel, table=True):
    """A product category."""

    __tablename__ = "categories"
    id: int = key()
    name: str = text(unique=True)


class Product(SQLModel, table=True):
    """Something that can be bought; one that is known only by its external id has that id as name (ruling 27)."""

    __tablename__ = "products"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
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
