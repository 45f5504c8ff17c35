"""Items of a cart, as the schema shows them."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles.timeline.details import CartLine
from resolvers.context import Info
from resolvers.types.amount import amount
from resolvers.types.money import Money
from resolvers.types.product import Product, named_product


@strawberry.type(description="A product in a cart.")
class CartItem:
    line: strawberry.Private[CartLine]
    quantity: Decimal = strawberry.field(description="Pieces, or a weight.")
    added_at: datetime = strawberry.field(description="When it was put into the cart.")
    price: Money = amount(lambda item: item.line.price, Money, description="The price of one, as when it was added.")

    @strawberry.field(description="Which product.")
    async def product(self, info: Info) -> Product:
        return await named_product(info, self.line.product_id)


def shape_cart_item(line: CartLine) -> CartItem:
    """A line as the schema shows it."""
    return CartItem(line=line, quantity=line.quantity, added_at=line.added_at)
