"""What a customer purchased of a product, as the schema shows it."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles.purchases import PurchasedProductRow
from resolvers.context import Info
from resolvers.types.product import Product, named_product


@strawberry.type(
    description="What a customer purchased of one product. A purchase is a receipt, or an order that counts and has no "
    "receipt."
)
class PurchasedProduct:
    purchased_product_id: strawberry.Private[int]
    quantity: Decimal = strawberry.field(description="Pieces, or a weight, over all purchases.")
    order_count: int = strawberry.field(description="In how many purchases that are orders without a receipt.")
    receipt_count: int = strawberry.field(description="In how many receipts.")
    last_purchased_at: datetime = strawberry.field(description="When it was purchased last.")

    @strawberry.field(description="Which product.")
    async def product(self, info: Info) -> Product:
        return await named_product(info, self.purchased_product_id)


def shape_purchased_product(row: PurchasedProductRow) -> PurchasedProduct:
    """A row as the schema shows it."""
    return PurchasedProduct(
        purchased_product_id=row.product_id,
        quantity=row.quantity,
        order_count=row.order_count,
        receipt_count=row.receipt_count,
        last_purchased_at=row.last_purchased_at,
    )
