"""Affinities cost the same for any history: counted in pages that the database touches and in steps that it takes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.account import load_account
from profiles.affinities.reading import AffinitiesOf, affinities_of
from profiles.catalog import Category, Product, Store
from profiles.customers import Customer, SubscriptionStatus
from profiles.moment import Moment
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.address import Address, parse_address
from profiles.storage.bulk import Bulk, bulk_load
from profiles.summaries.affinities import recompute_affinities
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import SYSTEM
from tests.costs import Counting
from tests.sources.bought import RECEIPT, RECEIPT_ITEM

ACCOUNT = load_account()
NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
SMALL, LARGE, OTHERS = 1, 2, range(3, 43)
EVENT = (
    "customer_id",
    "id",
    "activity_seq",
    "category",
    "type",
    "name",
    "occurred_at",
    "received_at",
    "product_id",
    "viewed_category_id",
)
PRODUCTS = 40
LINES = 10
"""Of each receipt."""
MOST = 1.2


def _ages(count: int) -> Iterator[datetime]:
    """Moments of two years: half of them have left the window."""
    return (NOW - timedelta(days=730) * (number + 0.4) / count for number in range(count))


async def _fill(bulk: Bulk, customer_id: int, events: int, lines: int) -> None:
    moments = list(_ages(events))
    await bulk.insert(
        TimelineEvent,
        EVENT,
        [
            (customer_id, n, n, EventCategory.PRODUCT_VIEW, "view", "-", at, at, n % PRODUCTS + 1, n % PRODUCTS + 1)
            for n, at in enumerate(moments, 1)
        ],
    )
    issued = list(enumerate(_ages(lines // LINES), 1))
    amounts = ("COMPLETED", "PAID", "USD", 100, 0, 100, 1)
    await bulk.insert(Receipt, RECEIPT, [(customer_id, n, str(n), f"R-{n}", at, *amounts) for n, at in issued])
    await bulk.insert(
        ReceiptItem,
        RECEIPT_ITEM,
        [
            (customer_id, n, line, (n * LINES + line) % PRODUCTS + 1, "-", "-", 1000, "USD", 10, 10)
            for n, _ in issued
            for line in range(1, LINES + 1)
        ],
    )


@pytest.fixture
async def filled(database_url: str) -> Address:
    """A customer of 100 events and 10 lines, one of 100,000 and 10,000 with the same values, and others."""
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            ids = [SMALL, LARGE, *OTHERS]
            states = [(id, SubscriptionStatus.NEVER_SUBSCRIBED, NOW, NOW) for id in ids]
            await bulk.insert(Customer, ("id", "subscription_status", "created_at", "updated_at"), states)
            await bulk.insert(Store, ("id", "external_id", "name"), [(1, "s", "Main Street")])
            numbers = range(1, PRODUCTS + 1)
            await bulk.insert(Category, ("id", "name"), [(n, f"Category {n}") for n in numbers])
            await bulk.insert(
                Product,
                ("id", "external_id", "name", "brand", "department", "category_id"),
                [(n, str(n), "-", f"Brand {n}", f"Department {n % 7}", n) for n in numbers],
            )
            await _fill(bulk, LARGE, 100_000, 10_000)
            for id in (SMALL, *OTHERS):
                await _fill(bulk, id, 100, 10)
            await recompute_affinities(bulk, ACCOUNT, ids, NOW)
        await loader.analyze()
    return parse_address(database_url)


def _asked(*ids: int, later: timedelta = timedelta()) -> Any:
    asked = AffinitiesOf(ACCOUNT.affinity_attributes, 10)
    return affinities_of(SYSTEM, ACCOUNT, Moment(NOW + later), ids, asked)


async def test_the_statement_costs_the_same_for_100_events_and_for_100_000(filled: Address) -> None:
    others = list(OTHERS)[:9]
    async with Counting(filled) as counting:
        for later in (timedelta(), timedelta(minutes=2)):
            small, large = [await counting.cost(_asked(id, later=later)) for id in (SMALL, LARGE)]
            assert 0 < large <= small * MOST
            small, large = [await counting.cost(_asked(id, *others, later=later)) for id in (SMALL, LARGE)]
            assert 0 < large <= small * MOST
