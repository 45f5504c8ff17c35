"""Purchases summed up per product and per store, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.purchases import (
    PurchasedProductRow,
    PurchasedStoreRow,
    favorite_products,
    favorite_stores,
    purchased_product_counts,
    purchased_products,
)
from profiles.storage.pages import Page, SearchedPage
from profiles.storage.reads import Read


class LatestPurchasedProducts(Loader[int, SearchedPage, Page[PurchasedProductRow]]):
    """The products each customer purchased, the latest purchase first, one page."""

    def read(self, ids: Sequence[int], arguments: SearchedPage) -> Read[int, Page[PurchasedProductRow]]:
        return purchased_products(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[PurchasedProductRow]:
        return Page.empty()


class PurchasedProductCount(Loader[int, str | None, int]):
    """How many products each customer purchased."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return purchased_product_counts(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class FavoriteProducts(Loader[int, int, tuple[PurchasedProductRow, ...]]):
    """The products each customer purchased most often; the argument is how many at most."""

    def read(self, ids: Sequence[int], arguments: int) -> Read[int, tuple[PurchasedProductRow, ...]]:
        return favorite_products(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> tuple[PurchasedProductRow, ...]:
        return ()


class FavoriteStores(Loader[int, int, tuple[PurchasedStoreRow, ...]]):
    """The stores each customer purchased at most often; the argument is how many at most."""

    def read(self, ids: Sequence[int], arguments: int) -> Read[int, tuple[PurchasedStoreRow, ...]]:
        return favorite_stores(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> tuple[PurchasedStoreRow, ...]:
        return ()
