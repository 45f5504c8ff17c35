"""Attributes of receipts, orders and their lines: the values behind the built-in keys, the field paths (ruling 32)."""

from collections.abc import Mapping, Sequence
from typing import Any

from profiles.account import AttributeDefinition
from profiles.orders import OrderItemRow, OrderRow
from profiles.receipts import ReceiptItemRow, ReceiptRow

PurchaseRow = ReceiptRow | ReceiptItemRow | OrderRow | OrderItemRow
STORE = "store"
_FIELDS: Mapping[str, str] = {
    "externalId": "external_id",
    "number": "number",
    "issuedAt": "issued_at",
    "placedAt": "placed_at",
    "origin": "origin",
    "status": "status",
    "deliveryStatus": "delivery_status",
    "paymentStatus": "payment_status",
    "productTotal": "product_total",
    "deliveryCost": "delivery_cost",
    "productCount": "product_count",
    "productCost": "product_cost",
    "subtotal": "subtotal",
    "discount": "discount",
    "tax": "tax",
    "shipping": "shipping",
    "source": "source",
    "couponCode": "coupon_code",
    "productExternalId": "product_external_id",
    "name": "name",
    "quantity": "quantity",
    "price": "price",
    "unitPrice": "unit_price",
    "total": "total",
}


def names_store(definitions: Sequence[AttributeDefinition]) -> bool:
    """Whether the store's name is among the values, so that the store has to be read."""
    return any(definition.key == STORE and not definition.is_custom for definition in definitions)


def purchase_value(row: PurchaseRow, definition: AttributeDefinition, store_name: str | None) -> Any:
    """The value of one attribute (canonical text of the account's own ones); None where there is none."""
    if definition.is_custom:
        # Lines have none: their definitions are refused with the account's file.
        own = row.attributes if isinstance(row, ReceiptRow | OrderRow) else None
        return (own or {}).get(definition.key)
    if definition.key == STORE:
        return store_name
    return getattr(row, _FIELDS[definition.key])
