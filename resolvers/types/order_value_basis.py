"""What an order's value includes, as the schema shows it."""

from profiles.amounts import OrderValueBasis
from resolvers.types.enums import described

described(
    OrderValueBasis,
    "What the last order's value includes.",
    {
        "ORDER_TOTAL": "The order's total: discounts, shipping and other charges included.",
        "PRODUCT_TOTAL": "The sum of standard product prices, without them.",
    },
)

__all__ = ["OrderValueBasis"]
