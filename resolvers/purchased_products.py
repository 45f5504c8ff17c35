"""The panel of purchased products."""

import strawberry

from profiles.purchases import PurchasedProductsPage
from resolvers.about import About, page_arguments
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.purchased_product import PurchasedProduct, shape_purchased_product


def panel(
    about: strawberry.Parent[About], info: Info, search: Search = None, first: First = 10, after: After = None
) -> Connection[PurchasedProduct] | None:
    loaders = info.context.loaders
    size, position = page_arguments(first, after)
    page = PurchasedProductsPage(search or None, size, position)
    return Connection(
        load_page=lambda: loaders.latest_purchased_products.ask(about.customer_id, page),
        load_count=lambda: loaders.purchased_product_count.ask(about.customer_id, page.search),
        shape=shape_purchased_product,
    )
