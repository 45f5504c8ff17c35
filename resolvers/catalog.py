"""The lists to pick from: all stores, products and product categories, by name."""

from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection, named_list
from resolvers.types.product import Category, Product, shape_category, shape_product
from resolvers.types.store import Store, shape_store


def stores(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Store] | None:
    loaders = info.context.loaders
    return named_list(loaders.store_list, loaders.store_list_count, search, first, after, shape_store)


def products(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Product] | None:
    loaders = info.context.loaders
    return named_list(loaders.product_list, loaders.product_list_count, search, first, after, shape_product)


def categories(
    info: Info, search: Search = None, first: First = 20, after: After = None
) -> Connection[Category] | None:
    loaders = info.context.loaders
    return named_list(loaders.category_list, loaders.category_list_count, search, first, after, shape_category)
