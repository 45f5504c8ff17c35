"""Purchased: what the customers of a chunk purchased and looked at, summed up from the chunk's rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlmodel import SQLModel

from profiles.account import Account
from profiles.affinities.contributions import VIEWS
from profiles.customers import Customer
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.summaries.affinities_in_hand import AffinitiesInHand, Names
from profiles.summaries.in_hand import purchased_products, summed_up
from profiles.timeline import TimelineEvent
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


def affinities_in(rows: Rows, account: Account, names: Names, now: datetime) -> list[tuple[Any, ...]]:
    """The rows of `profiles.affinities.tables`, where these rows are all purchases and views of their customers."""
    in_hand = AffinitiesInHand(account, names, now)
    in_hand.add_purchases(
        _columns(rows, Receipt, "customer_id", "id", "issued_at", "store_id"),
        _columns(rows, ReceiptItem, "customer_id", "receipt_id", "product_id"),
    )
    orders = _columns(rows, Order, "customer_id", "id", "placed_at", "store_id", "status", "receipt_id")
    counting = account.counting_order_statuses
    in_hand.add_purchases(
        [order[:4] for order in orders if order[5] is None and order[4] in counting],
        _columns(rows, OrderItem, "customer_id", "order_id", "product_id"),
    )
    events = _columns(rows, TimelineEvent, "customer_id", "occurred_at", "product_id", "viewed_category_id", "category")
    in_hand.add_views(event[:4] for event in events if event[4] in VIEWS)
    return in_hand.rows(id for (id,) in _columns(rows, Customer, "id"))


def _columns(rows: Rows, model: type[SQLModel], *names: str) -> Iterable[Any]:
    """Some columns of a table, row by row; nothing where the table has no rows."""
    if model not in rows.tables:
        return ()
    columns, values = rows.tables[model]
    places = [columns.index(name) for name in names]
    # A getter of one place gives a value and no row.
    return map(itemgetter(*places), values) if len(places) > 1 else ((row[places[0]],) for row in values)
