"""Purchased: which products the customers of a chunk purchased, summed up from the chunk's rows."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlmodel import SQLModel

from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.summaries.in_hand import purchased_products, summed_up
from sources.rows import Rows


def purchased_in(rows: Rows, counting: Sequence[str], categories: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """The rows of `in_hand.COLUMNS`, where these rows are all purchases of their customers.

    `counting` are the states in which an order counts; `categories` says in which category a product is.
    """
    issued = dict(_columns(rows, Receipt, "id", "issued_at"))
    on_receipts = _columns(rows, ReceiptItem, "customer_id", "receipt_id", "product_id", "quantity_milli")
    placed = {
        id: placed_at
        for id, placed_at, status, receipt_id in _columns(rows, Order, "id", "placed_at", "status", "receipt_id")
        if receipt_id is None and status in counting
    }
    in_orders = _columns(rows, OrderItem, "customer_id", "order_id", "product_id", "quantity_milli")
    return purchased_products(summed_up(on_receipts, issued), summed_up(in_orders, placed), categories)


def _columns(rows: Rows, model: type[SQLModel], *names: str) -> Iterable[Any]:
    """Some columns of a table, row by row; nothing where the table has no rows."""
    if model not in rows.tables:
        return ()
    columns, values = rows.tables[model]
    return map(itemgetter(*(columns.index(name) for name in names)), values)
