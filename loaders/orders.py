"""Orders, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.narrowing import NarrowedPage, Narrowing
from profiles.orders import (
    BRIEF,
    BRIEF_ITEM,
    WHOLE,
    WHOLE_ITEM,
    OrderItemRow,
    OrderRow,
    items_of_orders,
    latest_orders,
    order_counts,
    orders_by_id,
)
from profiles.storage.pages import Page
from profiles.storage.pairs import Pair
from profiles.storage.reads import Read


class LatestOrders(Loader[int, NarrowedPage, Page[OrderRow]]):
    """Each customer's newest orders, one page."""

    def read(self, ids: Sequence[int], arguments: NarrowedPage) -> Read[int, Page[OrderRow]]:
        cut = BRIEF if OrderRow in self.asking.brief else WHOLE
        return latest_orders(self.asking.viewer, ids, arguments, cut)

    def missing(self, id: int) -> Page[OrderRow]:
        return Page.empty()


class OrderCount(Loader[int, Narrowing, int]):
    """How many orders each customer has."""

    def read(self, ids: Sequence[int], arguments: Narrowing) -> Read[int, int]:
        return order_counts(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class OrderById(Loader[Pair, None, OrderRow | None]):
    """Single orders."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, OrderRow | None]:
        return orders_by_id(self.asking.viewer, ids)

    def missing(self, id: Pair) -> OrderRow | None:
        return None


class ItemsOfOrder(Loader[Pair, None, tuple[OrderItemRow, ...]]):
    """The lines of each order."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, tuple[OrderItemRow, ...]]:
        cut = BRIEF_ITEM if OrderItemRow in self.asking.brief else WHOLE_ITEM
        return items_of_orders(self.asking.viewer, ids, cut)

    def missing(self, id: Pair) -> tuple[OrderItemRow, ...]:
        return ()
