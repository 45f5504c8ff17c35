"""Purchases summed up: per product, and per store."""

from sqlalchemy import BigInteger, Insert, and_, case, cast, func, literal, select, union_all

from profiles.catalog import Product
from profiles.orders import Order, OrderItem
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.reads import table
from profiles.summaries.in_hand import COLUMNS
from profiles.summaries.terms import Condition, inserted


def purchased_products(owned: Condition, counting: Condition) -> Insert:
    """Receipts, and counting orders that have none: an order with a receipt counts once, through it (ruling 17)."""
    receipts, items = table(Receipt).c, table(ReceiptItem).c
    orders, order_items = table(Order).c, table(OrderItem).c
    from_receipts = (
        select(
            items.customer_id,
            items.product_id,
            items.receipt_id.label("purchase_id"),
            literal(1).label("is_receipt"),
            items.quantity_milli,
            receipts.issued_at.label("purchased_at"),
        )
        .select_from(
            table(ReceiptItem).join(
                table(Receipt), and_(receipts.customer_id == items.customer_id, receipts.id == items.receipt_id)
            )
        )
        .where(owned(items.customer_id), items.product_id.is_not(None))
    )
    from_orders = (
        select(
            order_items.customer_id,
            order_items.product_id,
            order_items.order_id.label("purchase_id"),
            literal(0).label("is_receipt"),
            order_items.quantity_milli,
            orders.placed_at.label("purchased_at"),
        )
        .select_from(
            table(OrderItem).join(
                table(Order), and_(orders.customer_id == order_items.customer_id, orders.id == order_items.order_id)
            )
        )
        .where(
            owned(order_items.customer_id),
            order_items.product_id.is_not(None),
            orders.receipt_id.is_(None),
            counting(orders),
        )
    )
    lines = union_all(from_receipts, from_orders).subquery("lines")
    # A product twice in one purchase was purchased once.
    receipt_count = func.count(case((lines.c.is_receipt == 1, lines.c.purchase_id)).distinct())
    order_count = func.count(case((lines.c.is_receipt == 0, lines.c.purchase_id)).distinct())
    products = table(Product).c
    query = (
        select(
            lines.c.customer_id,
            lines.c.product_id,
            func.max(products.category_id),
            cast(func.sum(lines.c.quantity_milli), BigInteger),
            receipt_count + order_count,
            receipt_count,
            order_count,
            func.max(lines.c.purchased_at),
        )
        .select_from(lines.join(table(Product), products.id == lines.c.product_id))
        .group_by(lines.c.customer_id, lines.c.product_id)
    )
    return inserted(PurchasedProduct, COLUMNS, query)


def purchased_stores(owned: Condition) -> Insert:
    """How many receipts a customer has at each store."""
    receipts = table(Receipt).c
    query = (
        select(receipts.customer_id, receipts.store_id, func.count(), func.max(receipts.issued_at))
        .where(owned(receipts.customer_id), receipts.store_id.is_not(None))
        .group_by(receipts.customer_id, receipts.store_id)
    )
    return inserted(PurchasedStore, ("customer_id", "store_id", "receipt_count", "last_receipt_at"), query)
