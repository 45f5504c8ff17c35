"""The panel of purchased products."""

import strawberry

from profiles.storage.pages import SearchedPage
from resolvers.about import About
from resolvers.arguments import After, First, Search, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.purchased_product import PurchasedProduct, shape_purchased_product


def panel(
    about: strawberry.Parent[About], info: Info, search: Search = None, first: First = 10, after: After = None
) -> Connection[PurchasedProduct] | None:
    loaders = info.context.loaders
    asked = SearchedPage(search or None, page_arguments(first, after))
    return Connection(
        load_page=lambda: loaders.latest_purchased_products.ask(about.customer_id, asked),
        load_count=lambda: loaders.purchased_product_count.ask(about.customer_id, asked.search),
        node=shape_purchased_product,
    )
