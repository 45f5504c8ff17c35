"""Wish lists, as the schema shows them."""

from datetime import datetime
from typing import Any

import strawberry

from profiles.storage.pages import checked_first
from profiles.wishlist import WishlistRow, WishRow
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.rows import values_are
from resolvers.types.amount import amount
from resolvers.types.money import Money
from resolvers.types.product import Product, named_product


@strawberry.type(description="A product on a wish list.")
class WishlistItem:
    is_type_of = values_are(WishRow)

    added_at: datetime = strawberry.field(description="When it was put on the list.")
    price: Money = amount(
        lambda wish: wish.price, Money, description="The product's price today; 0 where none is known."
    )

    @strawberry.field(description="Which product.")
    async def product(wish: strawberry.Parent[WishRow], info: Info) -> Product:
        return await named_product(info, wish.product_id)


@strawberry.type(description="The products that a customer wants to remember.")
class Wishlist:
    is_type_of = values_are(WishlistRow)

    total: Money = amount(
        lambda wishlist: wishlist.total,
        Money,
        description="What all of them cost today; a price in another currency is left out.",
    )

    @strawberry.field(description="The products, the newest first.")
    def items(wishlist: strawberry.Parent[WishlistRow], first: First = 20) -> list[WishlistItem]:
        wishes: Any = wishlist.wishes[: checked_first(first)]
        return wishes
