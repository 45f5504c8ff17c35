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
from profiles.orders import OrderItem
from profiles.receipts import ReceiptItem
from profiles.storage.reads import DialectName, among_texts, table
from profiles.timeline import EventCategory

OF_RECEIPTS = ("customer_id", "id", "issued_at", "store_id")
OF_ORDERS = ("customer_id", "id", "placed_at", "store_id", "status", "receipt_id")
OF_VIEWS = ("customer_id", "occurred_at", "category", "product_id", "viewed_category_id")
"""Which columns of receipts, orders and events are looked at."""

VIEWS = frozenset({EventCategory.PRODUCT_VIEW, EventCategory.CATEGORY_VIEW})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some receipts, orders or events: their `rows`, with the columns above, and what these are `joined` to."""

    rows: FromClause
    joined: FromClause


Columns = tuple[str, ...]
"""Rows are (customer_id, what it weighs when new, instant, a value or null for each attribute)."""


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, so written that no index of it is used. SQLite would begin with everybody's lines or with a store and
    find their purchases; both databases would find a customer's orders without a receipt, which may be all."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def from_receipts(attributes: Columns, chosen: Chosen) -> list[Select[Any]]:
    """What receipts add: each line by its product, each receipt by its store."""
    receipt, line = chosen.rows.c, table(ReceiptItem)
    of_line = and_(line.c.customer_id == unindexed(receipt.customer_id), line.c.receipt_id == unindexed(receipt.id))
    return _from_purchases(attributes, chosen, receipt.issued_at, line, of_line)


def from_orders(dialect: DialectName, attributes: Columns, chosen: Chosen) -> list[Select[Any]]:
    """What counting orders without a receipt add (their states are the parameter `counting`)."""
    order, line = chosen.rows.c, table(OrderItem)
    of_line = and_(line.c.customer_id == unindexed(order.customer_id), line.c.order_id == unindexed(order.id))
    counts = and_(unindexed(order.receipt_id).is_(None), among_texts(dialect, order.status, "counting"))
    return [part.where(counts) for part in _from_purchases(attributes, chosen, order.placed_at, line, of_line)]


def from_views(attributes: Columns, chosen: Chosen) -> list[Select[Any]]:
    """What views add: the category that was seen, and what else the product is."""
    if not set(attributes) & set(OF_PRODUCTS):
        return []
    event, product, category = chosen.rows.c, table(Product), table(Category)
    # Written out: a choice among the gateway's own words needs no parameter.
    is_view = or_(*[event.category == literal_column(f"'{view}'") for view in sorted(VIEWS)])
    joined = chosen.joined.outerjoin(product, product.c.id == event.product_id).outerjoin(
        category, category.c.id == event.viewed_category_id
    )
    head = (event.customer_id, literal_column(str(VIEW), Integer()), event.occurred_at)
    return [select(*head, *_values(attributes, OF_PRODUCTS)).select_from(joined).where(is_view)]


def _from_purchases(
    attributes: Columns, chosen: Chosen, at: ColumnElement[Any], line: Any, of_line: ColumnElement[bool]
) -> list[Select[Any]]:
    product, category, store = table(Product), table(Category), table(Store)
    head = (chosen.rows.c.customer_id, literal_column(str(PURCHASE), Integer()), at)
    parts = []
    if set(attributes) & set(OF_PRODUCTS):
        lines = (
            chosen.joined.join(line, of_line)
            .join(product, product.c.id == unindexed(line.c.product_id))
            .outerjoin(category, category.c.id == product.c.category_id)
        )
        parts.append(select(*head, *_values(attributes, OF_PRODUCTS)).select_from(lines))
    if STORE in attributes:
        at_stores = chosen.joined.join(store, store.c.id == unindexed(chosen.rows.c.store_id))
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
