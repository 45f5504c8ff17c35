"""The panel of what was left behind in abandoned carts."""

from datetime import datetime

import strawberry

from executor.promises import Each, Later
from profiles.cart import LeftLine
from profiles.storage.pages import checked_first
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.rows import values_are
from resolvers.types.amount import amount
from resolvers.types.money import Money
from resolvers.types.product import Product, named_product


@strawberry.type(description="A product that was left behind in an abandoned cart and not purchased since.")
class AbandonedItem:
    is_type_of = values_are(LeftLine)

    name: str = strawberry.field(description="The product's name.")
    added_at: datetime = strawberry.field(description="When it was put into the cart.")
    price: Money = amount(lambda line: line.price, Money, description="The price of one, as when it was added.")

    @strawberry.field(description="Which product.")
    async def product(line: strawberry.Parent[LeftLine], info: Info) -> Product:
        return await named_product(info, line.product_id)


def panel(info: Info, first: First = 10) -> Each[list[AbandonedItem] | None]:
    most, lines = checked_first(first), info.context.loaders.left_behind
    return lambda about: Later(lines.ask(about.customer_id, None), lambda own: own[:most])
