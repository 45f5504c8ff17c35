"""Carts and their items, as the schema shows them."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles.cart import CartStatus
from profiles.cart.reading import OpenCart
from profiles.timeline.details import CartLine
from resolvers.context import Info
from resolvers.rows import values_are
from resolvers.types.amount import amount
from resolvers.types.enums import described
from resolvers.types.money import Money
from resolvers.types.product import Product, named_product

described(
    CartStatus,
    "What became of a cart.",
    {
        "OPEN": "Products wait in it, and it was changed lately.",
        "ABANDONED": "Products wait in it, and it was left alone for longer than the account's time (an hour), or its "
        "source says that it was abandoned.",
        "ORDERED": "An order emptied it, and nothing was put into it since.",
    },
)


@strawberry.type(description="A product in a cart.")
class CartItem:
    line: strawberry.Private[CartLine]
    quantity: Decimal = strawberry.field(description="Pieces, or a weight.")
    added_at: datetime = strawberry.field(description="When it was put into the cart.")
    price: Money = amount(lambda item: item.line.price, Money, description="The price of one, as when it was added.")

    @strawberry.field(description="Which product.")
    async def product(self, info: Info) -> Product:
        return await named_product(info, self.line.product_id)


@strawberry.type(description="What waits in a customer's cart.")
class Cart:
    is_type_of = values_are(OpenCart)

    status: CartStatus = strawberry.field(description="Whether it was abandoned; one in which nothing waits is null.")
    total: Money = amount(
        lambda cart: cart.total,
        Money,
        description="What is in it at the prices as when it was added; a price in another currency is left out.",
    )
    updated_at: datetime = strawberry.field(description="Its last change.")

    @strawberry.field(description="What is in it, the newest first.")
    def items(cart: strawberry.Parent[OpenCart]) -> list[CartItem]:
        return [shape_cart_item(line) for line in cart.lines]


def shape_cart_item(line: CartLine) -> CartItem:
    """A line as the schema shows it."""
    return CartItem(line=line, quantity=line.quantity, added_at=line.added_at)
