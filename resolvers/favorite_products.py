"""The panel of favorite products."""

from executor.promises import Each, Later
from profiles.purchases import PurchasedProductRow
from profiles.storage.pages import checked_first
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.types.purchased_product import PurchasedProduct, shape_purchased_product


def panel(info: Info, first: First = 10) -> Each[list[PurchasedProduct] | None]:
    most, products = checked_first(first), info.context.loaders.favorite_products
    return lambda about: Later(products.ask(about.customer_id, most), _shaped)


def _shaped(rows: tuple[PurchasedProductRow, ...]) -> list[PurchasedProduct]:
    return [shape_purchased_product(row) for row in rows]
