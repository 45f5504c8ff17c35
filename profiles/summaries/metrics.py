"""Metrics: the statement that sums a customer's receipts, orders and visits into one row."""

from typing import Any

from sqlalchemy import FromClause, Insert, and_, bindparam, case, func, literal, select, true

from profiles.customers import Customer
from profiles.metrics import CustomerMetrics
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.reads import table
from profiles.summaries.terms import Condition, inserted, or_zero, pieces, total
from profiles.timeline import EventCategory, Session, TimelineEvent

ACTIVITY = (
    EventCategory.SITE_VISIT,
    EventCategory.CATEGORY_VIEW,
    EventCategory.PRODUCT_VIEW,
    EventCategory.PAGE_VIEW,
    EventCategory.CART_ABANDONED,
    EventCategory.EMAIL,
)
"""What counts as activity of the customer's own (ruling 29); being sent a mailing does not."""


def metrics(owned: Condition, counting: Condition, active: Condition) -> Insert:
    """One row for every customer, also for one of whom nothing is known yet: a count of nothing is 0 (ruling 3)."""
    customers = table(Customer)
    receipts, receipt_lines = _receipt_sums(owned), _receipt_line_sums(owned)
    orders, order_lines = _order_sums(owned, counting), _order_line_sums(owned, counting)
    visits = _visits(owned)
    last_receipt = table(Receipt).alias("last_receipt")
    last_order = table(Order).alias("last_order")
    joined: FromClause = customers
    for part in (receipts, receipt_lines, orders, order_lines, visits):
        joined = joined.outerjoin(part, part.c.customer_id == customers.c.id)
    joined = joined.outerjoin(
        last_receipt,
        and_(last_receipt.c.customer_id == customers.c.id, last_receipt.c.id == _newest_receipt(customers)),
    ).outerjoin(
        last_order,
        and_(last_order.c.customer_id == customers.c.id, last_order.c.id == _newest_order(customers, counting)),
    )
    last_purchase = case(
        (receipts.c.last_at.is_(None), orders.c.last_alone_at),
        (orders.c.last_alone_at > receipts.c.last_at, orders.c.last_alone_at),
        else_=receipts.c.last_at,
    )
    first_purchase = case(
        (receipts.c.first_at.is_(None), orders.c.first_alone_at),
        (orders.c.first_alone_at < receipts.c.first_at, orders.c.first_alone_at),
        else_=receipts.c.first_at,
    )
    values: dict[str, Any] = {
        "customer_id": customers.c.id,
        "receipt_count": or_zero(receipts.c.count),
        "first_receipt_at": receipts.c.first_at,
        "last_receipt_at": receipts.c.last_at,
        "last_receipt_minor": last_receipt.c.total_minor,
        "last_receipt_currency": last_receipt.c.currency,
        "last_receipt_original": last_receipt.c.original,
        "receipt_total_minor": or_zero(receipts.c.total_minor),
        "receipt_total_count": or_zero(receipts.c.total_count),
        "receipt_pieces": or_zero(receipt_lines.c.pieces),
        "receipt_lines_minor": or_zero(receipt_lines.c.total_minor),
        "receipt_lines_pieces": or_zero(receipt_lines.c.total_pieces),
        "order_count": or_zero(orders.c.count),
        "attributed_order_count": or_zero(orders.c.attributed_count),
        "first_order_at": orders.c.first_at,
        "second_order_at": _second_order_at(customers, counting),
        "last_order_at": orders.c.last_at,
        "order_total_minor": or_zero(orders.c.total_minor),
        "order_total_count": or_zero(orders.c.total_count),
        "order_pieces": or_zero(order_lines.c.pieces),
        "order_lines_minor": or_zero(order_lines.c.total_minor),
        "order_lines_pieces": or_zero(order_lines.c.total_pieces),
        "last_order_total_minor": last_order.c.total_minor,
        "last_order_products_minor": last_order.c.subtotal_minor,
        "last_order_currency": last_order.c.currency,
        "last_order_original": last_order.c.original,
        "returns_total_minor": or_zero(orders.c.returns_minor),
        "return_count": or_zero(orders.c.return_count),
        "purchase_count": or_zero(receipts.c.count) + or_zero(orders.c.alone_count),
        "purchase_total_minor": or_zero(receipts.c.total_minor) + or_zero(orders.c.alone_minor),
        "first_purchase_at": first_purchase,
        "last_purchase_at": last_purchase,
        "last_activity_at": _last_activity_at(customers, active),
        "visit_count": or_zero(visits.c.count),
        "first_visit_at": visits.c.first_at,
        "last_visit_at": visits.c.last_at,
    }
    query = select(*values.values()).select_from(joined).where(owned(customers.c.id))
    return inserted(CustomerMetrics, tuple(values), query)


def _receipt_sums(owned: Condition) -> FromClause:
    receipts = table(Receipt).c
    in_currency = receipts.currency == bindparam("currency")
    return (
        select(
            receipts.customer_id,
            func.count().label("count"),
            func.min(receipts.issued_at).label("first_at"),
            func.max(receipts.issued_at).label("last_at"),
            total(in_currency, receipts.total_minor).label("total_minor"),
            total(in_currency, literal(1)).label("total_count"),
        )
        .where(owned(receipts.customer_id))
        .group_by(receipts.customer_id)
        .subquery("receipt_sums")
    )


def _receipt_line_sums(owned: Condition) -> FromClause:
    items = table(ReceiptItem).c
    in_currency = items.currency == bindparam("currency")
    of_line = pieces(items.quantity_milli)
    return (
        select(
            items.customer_id,
            total(true(), of_line).label("pieces"),
            total(in_currency, items.total_minor).label("total_minor"),
            total(in_currency, of_line).label("total_pieces"),
        )
        .where(owned(items.customer_id))
        .group_by(items.customer_id)
        .subquery("receipt_line_sums")
    )


def _order_sums(owned: Condition, counting: Condition) -> FromClause:
    """Counting orders, returned ones included (ruling 18); `alone` are those without a receipt (ruling 17)."""
    orders = table(Order).c
    in_currency = orders.currency == bindparam("currency")
    alone = orders.receipt_id.is_(None)
    return (
        select(
            orders.customer_id,
            func.count().label("count"),
            total(orders.is_attributed, literal(1)).label("attributed_count"),
            func.min(orders.placed_at).label("first_at"),
            func.max(orders.placed_at).label("last_at"),
            total(in_currency, orders.total_minor).label("total_minor"),
            total(in_currency, literal(1)).label("total_count"),
            total(and_(in_currency, orders.is_returned), orders.total_minor).label("returns_minor"),
            total(orders.is_returned, literal(1)).label("return_count"),
            total(alone, literal(1)).label("alone_count"),
            total(and_(in_currency, alone), orders.total_minor).label("alone_minor"),
            func.min(case((alone, orders.placed_at))).label("first_alone_at"),
            func.max(case((alone, orders.placed_at))).label("last_alone_at"),
        )
        .where(owned(orders.customer_id), counting(orders))
        .group_by(orders.customer_id)
        .subquery("order_sums")
    )


def _order_line_sums(owned: Condition, counting: Condition) -> FromClause:
    orders, items = table(Order).c, table(OrderItem).c
    in_currency = items.currency == bindparam("currency")
    of_line = pieces(items.quantity_milli)
    return (
        select(
            items.customer_id,
            total(true(), of_line).label("pieces"),
            total(in_currency, items.total_minor).label("total_minor"),
            total(in_currency, of_line).label("total_pieces"),
        )
        .select_from(
            table(OrderItem).join(
                table(Order), and_(orders.customer_id == items.customer_id, orders.id == items.order_id)
            )
        )
        .where(owned(items.customer_id), counting(orders))
        .group_by(items.customer_id)
        .subquery("order_line_sums")
    )


def _visits(owned: Condition) -> FromClause:
    sessions = table(Session).c
    return (
        select(
            sessions.customer_id,
            func.count().label("count"),
            func.min(sessions.started_at).label("first_at"),
            func.max(sessions.started_at).label("last_at"),
        )
        .where(owned(sessions.customer_id))
        .group_by(sessions.customer_id)
        .subquery("visits")
    )


def _newest_receipt(customers: FromClause) -> Any:
    receipts = table(Receipt).alias("newest_receipt").c
    return (
        select(receipts.id)
        .where(receipts.customer_id == customers.c.id)
        .order_by(receipts.issued_at.desc(), receipts.id.desc())
        .limit(1)
        .correlate(customers)
        .scalar_subquery()
    )


def _newest_order(customers: FromClause, counting: Condition) -> Any:
    orders = table(Order).alias("newest_order").c
    return (
        select(orders.id)
        .where(orders.customer_id == customers.c.id, counting(orders))
        .order_by(orders.placed_at.desc(), orders.id.desc())
        .limit(1)
        .correlate(customers)
        .scalar_subquery()
    )


def _second_order_at(customers: FromClause, counting: Condition) -> Any:
    orders = table(Order).alias("second_order").c
    return (
        select(orders.placed_at)
        .where(orders.customer_id == customers.c.id, counting(orders))
        .order_by(orders.placed_at, orders.id)
        .limit(1)
        .offset(1)
        .correlate(customers)
        .scalar_subquery()
    )


def _last_activity_at(customers: FromClause, active: Condition) -> Any:
    events = table(TimelineEvent).alias("last_activity").c
    return (
        select(events.occurred_at)
        .where(events.customer_id == customers.c.id, active(events))
        .order_by(events.occurred_at.desc(), events.id.desc())
        .limit(1)
        .correlate(customers)
        .scalar_subquery()
    )
