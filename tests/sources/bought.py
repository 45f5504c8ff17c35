"""The columns in which the tests of imports write receipts and their lines."""

RECEIPT = (
    "customer_id",
    "id",
    "external_id",
    "number",
    "issued_at",
    "status",
    "payment_status",
    "currency",
    "product_total_minor",
    "discount_minor",
    "total_minor",
    "store_id",
)
RECEIPT_ITEM = (
    "customer_id",
    "receipt_id",
    "line",
    "product_id",
    "product_external_id",
    "name",
    "quantity_milli",
    "currency",
    "price_minor",
    "total_minor",
)
