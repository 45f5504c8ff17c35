"""Purchased: what the customers of a chunk purchased, looked at and did, summed up from the chunk's rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlmodel import SQLModel

from profiles.account import Account
from profiles.affinities.contributions import VIEWS
from profiles.customers import Customer
from profiles.kept_counts import COUNTED, counted_rows
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.summaries.affinities_in_hand import AffinitiesInHand, Names
from profiles.summaries.in_hand import purchased_products, summed_up
from profiles.timeline import TimelineEvent
from profiles.timeline.kinds import OF_EVENTS, counted_kinds
from profiles.timeline.viewed import OF_VIEWS, viewed_categories
from sources.rows import Rows


@dataclass(frozen=True, slots=True)
class SummedUp:
    """Rows of `in_hand.COLUMNS`, and of the tables that say how they are kept: affinities, kinds of events, counts, and
    views."""

    purchased: list[tuple[Any, ...]]
    affinities: list[tuple[Any, ...]]
    kinds: list[tuple[Any, ...]]
    counts: list[tuple[Any, ...]]
    views: list[tuple[Any, ...]]


def summed_up_in(rows: Rows, account: Account, names: Names, now: datetime) -> SummedUp:
    """What is summed up where these rows are all purchases and events of their customers."""
    in_hand = AffinitiesInHand(account, names, now)
    receipts = list(_columns(rows, Receipt, "id", "customer_id", "store_id", "issued_at"))
    issued = {id: (at, in_hand.line(at)) for id, _, _, at in receipts}
    orders = [
        (id, customer_id, store_id, at)
        for id, customer_id, store_id, at, status, receipt_id in _columns(
            rows, Order, "id", "customer_id", "store_id", "placed_at", "status", "receipt_id"
        )
        if receipt_id is None and status in account.counting_order_statuses
    ]
    placed = {id: (at, in_hand.line(at)) for id, _, _, at in orders}
    on_receipts = summed_up(
        _columns(rows, ReceiptItem, "customer_id", "receipt_id", "product_id", "quantity_milli"), issued
    )
    in_orders = summed_up(_columns(rows, OrderItem, "customer_id", "order_id", "product_id", "quantity_milli"), placed)
    for purchases, times, sums in ((receipts, issued, on_receipts), (orders, placed, in_orders)):
        in_hand.add_stores((customer_id, store_id, times[id][1]) for id, customer_id, store_id, _ in purchases)
        in_hand.add_products(sums)
    events = _columns(rows, TimelineEvent, "customer_id", "occurred_at", "product_id", "viewed_category_id", "category")
    in_hand.add_views(event[:4] for event in events if event[4] in VIEWS)
    return SummedUp(
        purchased_products(on_receipts, in_orders, names.category_ids),
        in_hand.rows(id for (id,) in _columns(rows, Customer, "id")),
        counted_kinds(_columns(rows, TimelineEvent, *OF_EVENTS)),
        [
            count
            for model in rows.tables
            if (name := str(model.__tablename__)) in COUNTED
            for count in counted_rows(name, _columns(rows, model, "customer_id", COUNTED[name] or "customer_id"))
        ],
        viewed_categories(_columns(rows, TimelineEvent, *OF_VIEWS)),
    )


def _columns(rows: Rows, model: type[SQLModel], *names: str) -> Iterable[Any]:
    """Some columns of a table, row by row; nothing where the table has no rows."""
    if model not in rows.tables:
        return ()
    columns, values = rows.tables[model]
    places = [columns.index(name) for name in names]
    # A getter of one place gives a value and no row.
    return map(itemgetter(*places), values) if len(places) > 1 else ((row[places[0]],) for row in values)
