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
    every_business_unit,
    products_by_id,
    stores_by_id,
)
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
