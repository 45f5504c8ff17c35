"""Carts, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.cart import LeftLine
from profiles.cart.reading import OpenCart, left_lines, open_carts
from profiles.storage.reads import Read


class OpenCarts(Loader[int, None, OpenCart | None]):
    """What waits in each customer's cart."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, OpenCart | None]:
        asking = self.asking
        return open_carts(asking.viewer, asking.account, asking.moment, ids)

    def missing(self, id: int) -> OpenCart | None:
        return None


class LeftBehind(Loader[int, None, Sequence[LeftLine]]):
    """What each customer left behind in abandoned carts."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Sequence[LeftLine]]:
        asking = self.asking
        return left_lines(asking.viewer, asking.account, asking.moment, ids)

    def missing(self, id: int) -> Sequence[LeftLine]:
        return ()
