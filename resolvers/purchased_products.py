"""The panel of purchased products."""

from executor.promises import Each
from profiles.storage.pages import SearchedPage
from resolvers.arguments import After, First, Search, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, of_customer
from resolvers.types.purchased_product import PurchasedProduct, shape_purchased_product


def panel(
    info: Info, search: Search = None, first: First = 10, after: After = None
) -> Each[Connection[PurchasedProduct] | None]:
    loaders = info.context.loaders
    asked = SearchedPage(search or None, page_arguments(first, after))
    pages, counts = loaders.latest_purchased_products, loaders.purchased_product_count
    return of_customer(pages, asked, counts, asked.search, shape_purchased_product)
