"""The panel of favorite products."""

from collections.abc import Awaitable

import strawberry

from profiles.purchases import PurchasedProductRow
from profiles.storage.pages import checked_first
from resolvers.about import About
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.types.purchased_product import PurchasedProduct, shape_purchased_product


async def _shaped(loading: Awaitable[tuple[PurchasedProductRow, ...]]) -> list[PurchasedProduct]:
    return [shape_purchased_product(row) for row in await loading]


def panel(about: strawberry.Parent[About], info: Info, first: First = 10) -> Awaitable[list[PurchasedProduct] | None]:
    return _shaped(info.context.loaders.favorite_products.ask(about.customer_id, checked_first(first)))
