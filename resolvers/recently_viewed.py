"""The panel of recently viewed products."""

from datetime import datetime

import strawberry

from executor.promises import Each, Later
from profiles.recently_viewed import ViewedProductRow
from profiles.storage.pages import checked_first
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.types.product import Product, named_product


@strawberry.type(description="A product that the customer looked at on the website or in the app.")
class ViewedProduct:
    viewed_product_id: strawberry.Private[int]
    viewed_at: datetime = strawberry.field(description="The latest look.")

    @strawberry.field(description="Which product.")
    async def product(self, info: Info) -> Product:
        return await named_product(info, self.viewed_product_id)


def panel(info: Info, first: First = 10) -> Each[list[ViewedProduct] | None]:
    most, viewed = checked_first(first), info.context.loaders.recently_viewed
    return lambda about: Later(viewed.ask(about.customer_id, most), _shaped)


def _shaped(rows: tuple[ViewedProductRow, ...]) -> list[ViewedProduct]:
    return [ViewedProduct(viewed_product_id=row.product_id, viewed_at=row.occurred_at) for row in rows]
