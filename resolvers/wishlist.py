"""The panel of the wish list."""

from executor.promises import Each
from resolvers.context import Info
from resolvers.types.wishlist import Wishlist


def panel(info: Info) -> Each[Wishlist | None]:
    wishlists = info.context.loaders.wishlists
    return lambda about: wishlists.ask(about.customer_id, None)
