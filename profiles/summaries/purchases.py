"""Purchases summed up: per product, and per store."""

from sqlalchemy import BigInteger, Insert, and_, cast, func, literal, select, union_all

from profiles.catalog import Product
from profiles.orders import Order, OrderItem
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.reads import table
from profiles.summaries.terms import Condition, inserted


def purchased_products(owned: Condition, counting: Condition) -> Insert:
    """Receipts, and counting orders that have none: an order with a receipt counts once, through it (ruling 17)."""
    receipts, items = table(Receipt).c, table(ReceiptItem).c
    orders, order_items = table(Order).c, table(OrderItem).c
    # A product twice in one purchase was purchased once. Grouping twice is cheaper than counting what is distinct, and
    # the planners need to be told of both tables whose rows they are.
    on_receipts = (
        select(
            items.customer_id,
            items.product_id,
            literal(1).label("receipt_count"),
            literal(0).label("order_count"),
            func.sum(items.quantity_milli).label("quantity_milli"),
            func.max(receipts.issued_at).label("purchased_at"),
        )
        .select_from(
            table(ReceiptItem).join(
                table(Receipt), and_(receipts.customer_id == items.customer_id, receipts.id == items.receipt_id)
            )
        )
        .where(owned(items.customer_id), owned(receipts.customer_id), items.product_id.is_not(None))
        .group_by(items.customer_id, items.product_id, items.receipt_id)
    )
    in_orders = (
        select(
            order_items.customer_id,
            order_items.product_id,
            literal(0).label("receipt_count"),
            literal(1).label("order_count"),
            func.sum(order_items.quantity_milli).label("quantity_milli"),
            func.max(orders.placed_at).label("purchased_at"),
        )
        .select_from(
            table(OrderItem).join(
                table(Order), and_(orders.customer_id == order_items.customer_id, orders.id == order_items.order_id)
            )
        )
        .where(
            owned(order_items.customer_id),
            owned(orders.customer_id),
            order_items.product_id.is_not(None),
            orders.receipt_id.is_(None),
            counting(orders),
        )
        .group_by(order_items.customer_id, order_items.product_id, order_items.order_id)
    )
    purchases = union_all(on_receipts, in_orders).subquery("purchases").c
    purchased = (
        select(
            purchases.customer_id,
            purchases.product_id,
            cast(func.sum(purchases.quantity_milli), BigInteger).label("quantity_milli"),
            func.sum(purchases.receipt_count).label("receipt_count"),
            func.sum(purchases.order_count).label("order_count"),
            func.max(purchases.purchased_at).label("last_purchased_at"),
        )
        .group_by(purchases.customer_id, purchases.product_id)
        .subquery("purchased")
    )
    products, own = table(Product).c, purchased.c
    query = select(
        own.customer_id,
        own.product_id,
        products.category_id,
        own.quantity_milli,
        own.receipt_count + own.order_count,
        own.receipt_count,
        own.order_count,
        own.last_purchased_at,
    ).select_from(purchased.join(table(Product), products.id == own.product_id))
    return inserted(
        PurchasedProduct,
        (
            "customer_id",
            "product_id",
            "category_id",
            "quantity_milli",
            "purchase_count",
            "receipt_count",
            "order_count",
            "last_purchased_at",
        ),
        query,
    )


def purchased_stores(owned: Condition) -> Insert:
    """How many receipts a customer has at each store."""
    receipts = table(Receipt).c
    query = (
        select(receipts.customer_id, receipts.store_id, func.count(), func.max(receipts.issued_at))
        .where(owned(receipts.customer_id), receipts.store_id.is_not(None))
        .group_by(receipts.customer_id, receipts.store_id)
    )
    return inserted(PurchasedStore, ("customer_id", "store_id", "receipt_count", "last_receipt_at"), query)
