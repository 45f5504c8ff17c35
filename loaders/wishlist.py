"""Wish lists, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.storage.reads import Read
from profiles.wishlist import WishlistRow, wishlists_of


class Wishlists(Loader[int, None, WishlistRow | None]):
    """Each customer's wish list."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, WishlistRow | None]:
        return wishlists_of(self.asking.viewer, self.asking.account, ids)

    def missing(self, id: int) -> WishlistRow | None:
        return None
