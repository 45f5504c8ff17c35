"""The catalog, batched: stores, business units, products and categories by id."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.catalog import (
    BusinessUnitRow,
    CategoryRow,
    ProductRow,
    StoreRow,
    business_units_by_id,
    categories_by_id,
    category_list,
    category_list_count,
    every_business_unit,
    product_list,
    product_list_count,
    products_by_id,
    store_list,
    store_list_count,
    stores_by_id,
)
from profiles.listing import Listed, ListPage
from profiles.storage.pages import Page
from profiles.storage.reads import Read


class BusinessUnitById(Loader[int, None, BusinessUnitRow | None]):
    """Single business units."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, BusinessUnitRow | None]:
        return business_units_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> BusinessUnitRow | None:
        return None


class EveryBusinessUnit(Loader[int, None, tuple[BusinessUnitRow, ...]]):
    """All business units."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[BusinessUnitRow, ...]]:
        return every_business_unit(self.asking.viewer)

    def missing(self, id: int) -> tuple[BusinessUnitRow, ...]:
        return ()


class StoreById(Loader[int, None, StoreRow | None]):
    """Single stores."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, StoreRow | None]:
        return stores_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> StoreRow | None:
        return None


class CategoryById(Loader[int, None, CategoryRow | None]):
    """Single categories."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, CategoryRow | None]:
        return categories_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> CategoryRow | None:
        return None


class ProductById(Loader[int, None, ProductRow | None]):
    """Single products."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, ProductRow | None]:
        return products_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> ProductRow | None:
        return None


class StoreList(Loader[int, ListPage, Page[Listed[StoreRow]]]):
    """All stores by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[StoreRow]]]:
        return store_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[StoreRow]]:
        return Page.empty()


class StoreListCount(Loader[int, str | None, int]):
    """How many stores there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return store_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0


class CategoryList(Loader[int, ListPage, Page[Listed[CategoryRow]]]):
    """All product categories by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[CategoryRow]]]:
        return category_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[CategoryRow]]:
        return Page.empty()


class CategoryListCount(Loader[int, str | None, int]):
    """How many product categories there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return category_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0


class ProductList(Loader[int, ListPage, Page[Listed[ProductRow]]]):
    """All products by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[ProductRow]]]:
        return product_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[ProductRow]]:
        return Page.empty()


class ProductListCount(Loader[int, str | None, int]):
    """How many products there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return product_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0
