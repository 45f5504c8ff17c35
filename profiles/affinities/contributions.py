"""Contributions: the statements that say what each purchase and each view adds to which values (rulings 15 and 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    UnaryExpression,
    and_,
    cast,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.sql.operators import custom_op

from profiles.affinities.rules import OF_PRODUCTS, PURCHASE, STORE, VIEW
from profiles.catalog import Category, Product, Store
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.reads import DialectName, among_texts, table
from profiles.timeline import EventCategory, TimelineEvent

VIEWS = frozenset({EventCategory.PRODUCT_VIEW, EventCategory.CATEGORY_VIEW})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which receipts, orders or events: those that the condition joins to what stands `beside` them."""

    beside: FromClause
    condition: ColumnElement[bool]


Columns = tuple[str, ...]
"""Rows are (customer_id, what it weighs when new, instant, a value or null for each attribute)."""


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, so written that no index of it is used. SQLite would find purchases by the lines of everybody; both
    databases would find a customer's orders without a receipt, which may be all, and not the few of some days."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def from_receipts(attributes: Columns, chosen: Chosen) -> list[Select[Any]]:
    """What receipts add: each line by its product, each receipt by its store."""
    receipt, line = table(Receipt), table(ReceiptItem)
    of_line = and_(line.c.customer_id == unindexed(receipt.c.customer_id), line.c.receipt_id == unindexed(receipt.c.id))
    head = (receipt.c.customer_id, literal_column(str(PURCHASE), Integer()), receipt.c.issued_at)
    return _from_purchases(attributes, chosen, receipt, line, of_line, head)


def from_orders(dialect: DialectName, attributes: Columns, chosen: Chosen) -> list[Select[Any]]:
    """What counting orders without a receipt add (their states are the parameter `counting`)."""
    order, line = table(Order), table(OrderItem)
    of_line = and_(line.c.customer_id == unindexed(order.c.customer_id), line.c.order_id == unindexed(order.c.id))
    head = (order.c.customer_id, literal_column(str(PURCHASE), Integer()), order.c.placed_at)
    is_alone = unindexed(order.c.receipt_id).is_(None)
    counts = and_(chosen.condition, is_alone, among_texts(dialect, order.c.status, "counting"))
    return _from_purchases(attributes, Chosen(chosen.beside, counts), order, line, of_line, head)


def from_views(attributes: Columns, chosen: Chosen) -> list[Select[Any]]:
    """What views add: the category that was seen, and what else the product is."""
    if not set(attributes) & set(OF_PRODUCTS):
        return []
    event, product, category = table(TimelineEvent), table(Product), table(Category)
    # Written out: a choice among the gateway's own words needs no parameter.
    is_view = or_(*[event.c.category == literal_column(f"'{view}'") for view in sorted(VIEWS)])
    joined = (
        chosen.beside.join(event, and_(chosen.condition, is_view))
        .outerjoin(product, product.c.id == event.c.product_id)
        .outerjoin(category, category.c.id == event.c.viewed_category_id)
    )
    head = (event.c.customer_id, literal_column(str(VIEW), Integer()), event.c.occurred_at)
    return [select(*head, *_values(attributes, OF_PRODUCTS)).select_from(joined)]


def _from_purchases(
    attributes: Columns,
    chosen: Chosen,
    purchase: Any,
    line: Any,
    of_line: ColumnElement[bool],
    head: Sequence[ColumnElement[Any]],
) -> list[Select[Any]]:
    product, category, store = table(Product), table(Category), table(Store)
    purchases = chosen.beside.join(purchase, chosen.condition)
    parts = []
    if set(attributes) & set(OF_PRODUCTS):
        lines = (
            purchases.join(line, of_line)
            .join(product, product.c.id == line.c.product_id)
            .outerjoin(category, category.c.id == product.c.category_id)
        )
        parts.append(select(*head, *_values(attributes, OF_PRODUCTS)).select_from(lines))
    if STORE in attributes:
        at_stores = purchases.join(store, store.c.id == purchase.c.store_id)
        parts.append(select(*head, *_values(attributes, (STORE,))).select_from(at_stores))
    return parts


def _values(attributes: Columns, known: Sequence[str]) -> list[ColumnElement[Any]]:
    """A column an attribute; those that are not known here are null."""
    product = table(Product)
    columns: dict[str, ColumnElement[Any]] = {
        "category": table(Category).c.name,
        "brand": product.c.brand,
        "department": product.c.department,
        "package_size": product.c.package_size,
        STORE: table(Store).c.name,
    }
    return [
        (columns[attribute] if attribute in known else cast(null(), Text)).label(attribute) for attribute in attributes
    ]
