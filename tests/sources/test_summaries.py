"""Summaries: what they say of a few purchases made by hand, and of the demo data computed a second time in Python."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from profiles.amounts import pieces
from profiles.catalog import Category, Product, Store
from profiles.customers import Customer, SubscriptionStatus
from profiles.orders import Order, OrderItem, OrderOrigin
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.bulk import Bulk, bulk_load
from profiles.summaries import recompute_summaries
from profiles.timeline import EventCategory, Session, SessionState, TimelineEvent
from tests.sources.bought import RECEIPT, RECEIPT_ITEM
from tests.sources.small_journey import ACCOUNT, import_small, rows_of

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
ADA, BEN, NOBODY = 1, 2, 3
SOAP, WINE, UNKNOWN = 11, 12, 13
NORTH, SOUTH = 21, 22

ORDER = (
    "customer_id",
    "id",
    "external_id",
    "number",
    "placed_at",
    "origin",
    "status",
    "delivery_status",
    "payment_status",
    "is_returned",
    "is_attributed",
    "currency",
    "product_cost_minor",
    "subtotal_minor",
    "discount_minor",
    "tax_minor",
    "shipping_minor",
    "total_minor",
    "receipt_id",
)
ORDER_ITEM = (
    "customer_id",
    "order_id",
    "line",
    "product_id",
    "product_external_id",
    "name",
    "quantity_milli",
    "currency",
    "unit_price_minor",
    "total_minor",
)


def _days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


async def _insert_base(bulk: Bulk) -> None:
    await bulk.insert(
        Customer,
        ("id", "subscription_status", "created_at", "updated_at"),
        [(id, SubscriptionStatus.NEVER_SUBSCRIBED, NOW, NOW) for id in (ADA, BEN, NOBODY)],
    )
    await bulk.insert(Store, ("id", "external_id", "name"), [(NORTH, "n", "North"), (SOUTH, "s", "South")])
    await bulk.insert(Category, ("id", "name"), [(1, "Drinks")])
    await bulk.insert(
        Product,
        ("id", "external_id", "name", "category_id"),
        [(SOAP, "11", "Soap", None), (WINE, "12", "Wine", 1), (UNKNOWN, "13", "13", None)],
    )


async def _receipt(
    bulk: Bulk,
    customer_id: int,
    id: int,
    issued_at: datetime,
    lines: Iterable[tuple[int, int, int]],
    currency: str = "USD",
    store_id: int | None = NORTH,
) -> None:
    """Lines are (product, thousandths, cents)."""
    rows = list(lines)
    total = sum(cents for _, _, cents in rows)
    row = (customer_id, id, str(id), f"R-{id}", issued_at, "COMPLETED", "PAID", currency, total, 0, total, store_id)
    await bulk.insert(Receipt, RECEIPT, [row])
    await bulk.insert(
        ReceiptItem,
        RECEIPT_ITEM,
        [
            (customer_id, id, number, product, str(product), "-", milli, currency, cents, cents)
            for number, (product, milli, cents) in enumerate(rows, 1)
        ],
    )


def _bare_receipt(customer_id: int, id: int, issued_at: datetime, original: dict[str, Any]) -> tuple[Any, ...]:
    amounts = ("USD", 74, 0, 74, None)
    return (customer_id, id, str(id), f"R-{id}", issued_at, "COMPLETED", "PAID", *amounts, original)


async def _order(
    bulk: Bulk,
    id: int,
    placed_at: datetime,
    status: str,
    lines: Sequence[tuple[int, int, int]],
    *,
    receipt_id: int | None = None,
    is_attributed: bool = False,
) -> None:
    """Ada's; 1.00 discount, 0.50 tax, 2.00 shipping."""
    subtotal = sum(cents for _, _, cents in lines)
    amounts = ("USD", subtotal - 100, subtotal, 100, 50, 200, subtotal + 150)
    row = (ADA, id, str(id), f"O-{id}", placed_at, OrderOrigin.WEB, status, "-", "-")
    await bulk.insert(Order, ORDER, [(*row, status == "RETURNED", is_attributed, *amounts, receipt_id)])
    await bulk.insert(
        OrderItem,
        ORDER_ITEM,
        [
            (ADA, id, number, product, str(product), "-", milli, "USD", cents, cents)
            for number, (product, milli, cents) in enumerate(lines, 1)
        ],
    )


async def _insert_purchases(bulk: Bulk) -> None:
    await _receipt(bulk, ADA, 101, _days_ago(30), [(SOAP, 2000, 500), (WINE, 1500, 999), (SOAP, 1000, 250)])
    await _receipt(bulk, ADA, 102, _days_ago(10), [(WINE, 0, 0), (UNKNOWN, 89_638_000, 2800)], store_id=SOUTH)
    # No rate was known for it: counted, but in no sum of amounts.
    await _receipt(bulk, ADA, 103, _days_ago(20), [(SOAP, 3000, 900)], currency="CAD")
    await _receipt(bulk, BEN, 201, _days_ago(5), [(SOAP, 1000, 250)], store_id=None)
    await _order(bulk, 301, _days_ago(40), "CONFIRMED", [(WINE, 2000, 2000)], is_attributed=True)
    await _order(bulk, 302, _days_ago(30), "COMPLETED", [(SOAP, 2000, 500)], receipt_id=101)
    await _order(bulk, 303, _days_ago(3), "RETURNED", [(WINE, 1000, 1000), (WINE, 1000, 1000)])
    await _order(bulk, 304, _days_ago(1), "CANCELLED", [(SOAP, 5000, 9000)], is_attributed=True)
    await bulk.insert(
        Session,
        ("customer_id", "id", "external_id", "state", "started_at", "last_seen_at"),
        [(ADA, id, str(id), SessionState.ENDED, _days_ago(id), _days_ago(id)) for id in (7, 9)],
    )
    kinds = (EventCategory.MAILING_CAMPAIGN, EventCategory.EMAIL, EventCategory.RECEIPT, EventCategory.SITE_VISIT)
    await bulk.insert(
        TimelineEvent,
        ("customer_id", "id", "activity_seq", "category", "type", "name", "occurred_at", "received_at"),
        [(ADA, position, position, kind, "-", "-", _days_ago(position), NOW) for position, kind in enumerate(kinds, 1)],
    )


@pytest.fixture
async def summarized(database_url: str) -> str:
    """A database with a few purchases, summed up."""
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        await _insert_base(bulk)
        await _insert_purchases(bulk)
        await recompute_summaries(bulk, bulk.dialect, ACCOUNT, None)
    return database_url


async def _metrics(url: str, customer_id: int) -> dict[str, Any]:
    rows = await rows_of(url, "customer_metrics")
    return next(row for row in rows if row["customer_id"] == customer_id)


async def test_receipts_are_counted_and_those_without_a_rate_are_in_no_sum(summarized: str) -> None:
    found = await _metrics(summarized, ADA)
    assert (found["receipt_count"], found["receipt_total_count"]) == (3, 2)
    assert (found["receipt_total_minor"], found["receipt_lines_minor"]) == (1749 + 2800, 1749 + 2800)
    # Two and one soaps, one weighed wine; one of quantity 0, one by volume; three soaps in Canada.
    assert (found["receipt_pieces"], found["receipt_lines_pieces"]) == (4 + 2 + 3, 4 + 2)
    assert (found["first_receipt_at"], found["last_receipt_at"]) == (_days_ago(30), _days_ago(10))
    assert (found["last_receipt_minor"], found["last_receipt_currency"]) == (2800, "USD")


async def test_the_last_purchases_are_kept_with_what_their_source_had_said(summarized: str) -> None:
    said = {"currency": "CAD", "rate": "0.74", "rate_date": "2026-05-05", "total": 100, "subtotal": 100}
    async with bulk_load(summarized) as loader, loader.transaction() as bulk:
        await bulk.insert(Receipt, (*RECEIPT, "original"), [_bare_receipt(BEN, 210, _days_ago(2), said)])
        await recompute_summaries(bulk, bulk.dialect, ACCOUNT, [BEN])
    found = await _metrics(summarized, BEN)
    assert (found["last_receipt_minor"], found["last_receipt_currency"]) == (74, "USD")
    assert found["last_receipt_original"] == said
    assert (await _metrics(summarized, ADA))["last_receipt_original"] is None


async def test_cancelled_orders_count_nowhere_and_returned_ones_in_both_sums(summarized: str) -> None:
    found = await _metrics(summarized, ADA)
    assert (found["order_count"], found["order_total_count"], found["attributed_order_count"]) == (3, 3, 1)
    assert found["order_total_minor"] == 2150 + 650 + 2150
    assert (found["returns_total_minor"], found["return_count"]) == (2150, 1)
    assert (found["order_pieces"], found["order_lines_pieces"], found["order_lines_minor"]) == (6, 6, 4500)
    assert (found["first_order_at"], found["second_order_at"]) == (_days_ago(40), _days_ago(30))
    assert found["last_order_at"] == _days_ago(3)
    assert (found["last_order_total_minor"], found["last_order_products_minor"]) == (2150, 2000)


async def test_an_order_with_a_receipt_is_one_purchase(summarized: str) -> None:
    found = await _metrics(summarized, ADA)
    assert (found["purchase_count"], found["last_purchase_at"]) == (3 + 2, _days_ago(3))
    products = {
        row["product_id"]: (
            row["purchase_count"],
            row["receipt_count"],
            row["order_count"],
            row["quantity_milli"],
            row["category_id"],
            row["last_purchased_at"],
        )
        for row in await rows_of(summarized, "purchased_products")
        if row["customer_id"] == ADA
    }
    assert products == {
        SOAP: (2, 2, 0, 6000, None, _days_ago(20)),
        WINE: (4, 2, 2, 1500 + 0 + 2000 + 2000, 1, _days_ago(3)),
        UNKNOWN: (1, 1, 0, 89_638_000, None, _days_ago(10)),
    }


async def test_stores_are_counted_by_receipts(summarized: str) -> None:
    stores = [
        (row["customer_id"], row["store_id"], row["receipt_count"], row["last_receipt_at"])
        for row in await rows_of(summarized, "purchased_stores")
    ]
    assert stores == [(ADA, NORTH, 2, _days_ago(20)), (ADA, SOUTH, 1, _days_ago(10))]


async def test_visits_are_sessions_and_being_sent_a_mailing_is_no_activity(summarized: str) -> None:
    found = await _metrics(summarized, ADA)
    assert (found["visit_count"], found["first_visit_at"], found["last_visit_at"]) == (2, _days_ago(9), _days_ago(7))
    assert found["last_activity_at"] == _days_ago(2)


async def test_somebody_who_did_nothing_has_a_row_of_zeros(summarized: str) -> None:
    found = await _metrics(summarized, NOBODY)
    dates = {name for name in found if name.endswith("_at")} | {
        "last_receipt_minor",
        "last_receipt_currency",
        "last_receipt_original",
        "last_order_total_minor",
        "last_order_products_minor",
        "last_order_currency",
        "last_order_original",
    }
    assert {found[name] for name in dates} == {None}
    assert {value for name, value in found.items() if name not in dates | {"customer_id"}} == {0}


async def test_only_the_customers_named_are_summed_up_again(summarized: str) -> None:
    async with bulk_load(summarized) as loader, loader.transaction() as bulk:
        await _receipt(bulk, ADA, 109, NOW, [(SOAP, 1000, 100)])
        await _receipt(bulk, BEN, 209, NOW, [(SOAP, 1000, 100)])
        await recompute_summaries(bulk, bulk.dialect, ACCOUNT, [BEN])
        await recompute_summaries(bulk, bulk.dialect, ACCOUNT, [])
    assert (await _metrics(summarized, ADA))["receipt_count"] == 3
    assert (await _metrics(summarized, BEN))["receipt_count"] == 2


async def test_the_demo_data_adds_up_when_computed_a_second_time(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey)
    orders = {row["id"]: row for row in await rows_of(database_url, "orders")}
    counting = {id for id, row in orders.items() if row["status"] in ACCOUNT.counting_order_statuses}
    receipts = await rows_of(database_url, "receipts")
    items = await rows_of(database_url, "receipt_items")
    order_items = [row for row in await rows_of(database_url, "order_items") if row["order_id"] in counting]
    assert 0 < len(counting) < len(orders)
    for found in await rows_of(database_url, "customer_metrics"):
        customer_id = found["customer_id"]
        own = [orders[id] for id in counting if orders[id]["customer_id"] == customer_id]
        assert found["order_count"] == len(own)
        assert found["order_total_minor"] == sum(row["total_minor"] for row in own)
        assert found["returns_total_minor"] == sum(row["total_minor"] for row in own if row["is_returned"])
        assert found["attributed_order_count"] == sum(row["is_attributed"] for row in own)
        assert found["order_pieces"] == _pieces(order_items, customer_id)
        assert found["receipt_pieces"] == _pieces(items, customer_id)
        alone = sum(row["receipt_id"] is None for row in own)
        assert found["purchase_count"] == alone + sum(row["customer_id"] == customer_id for row in receipts)
    before = await _summaries(database_url)
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        await recompute_summaries(bulk, bulk.dialect, ACCOUNT, None)
    assert await _summaries(database_url) == before


async def _summaries(url: str) -> list[list[dict[str, Any]]]:
    return [await rows_of(url, name) for name in ("customer_metrics", "purchased_products", "purchased_stores")]


def _pieces(lines: Iterable[dict[str, Any]], customer_id: int) -> int:
    return sum(pieces(Decimal(row["quantity_milli"]) / 1000) for row in lines if row["customer_id"] == customer_id)
