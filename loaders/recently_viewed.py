"""Recently viewed products, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.recently_viewed import ViewedProductRow, recently_viewed
from profiles.storage.reads import Read


class RecentlyViewed(Loader[int, int, tuple[ViewedProductRow, ...]]):
    """The products each customer viewed lately; the argument is how many at most."""

    def read(self, ids: Sequence[int], arguments: int) -> Read[int, tuple[ViewedProductRow, ...]]:
        return recently_viewed(self.asking.viewer, ids, arguments, self.asking.moment.minute)

    def missing(self, id: int) -> tuple[ViewedProductRow, ...]:
        return ()
