"""Affinities cost the same for any history: counted in pages that the database touches and in steps that it takes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from profiles.account import load_account
from profiles.affinities.reading import AffinitiesOf, affinities_of
from profiles.catalog import Category, Product, Store
from profiles.customers import Customer, SubscriptionStatus
from profiles.moment import Moment
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.address import Address, parse_address
from profiles.storage.bulk import Bulk, bulk_load
from profiles.storage.prepared import Prepared
from profiles.summaries.affinities import recompute_affinities
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import SYSTEM
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
    async with _Counting(filled) as counting:
        for later in (timedelta(), timedelta(minutes=2)):
            small, large = [await counting.cost(_asked(id, later=later)) for id in (SMALL, LARGE)]
            assert 0 < large <= small * MOST
            small, large = [await counting.cost(_asked(id, *others, later=later)) for id in (SMALL, LARGE)]
            assert 0 < large <= small * MOST


class _Counting:
    """What a read costs: on PostgreSQL pages under a plan made for any values, on SQLite steps of its machine."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Any = None

    async def __aenter__(self) -> "_Counting":
        if self._address.dialect == "postgresql":
            self._connection = await asyncpg.connect(self._address.driver_dsn)
            await self._connection.execute("SET plan_cache_mode = force_generic_plan")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def cost(self, read: Any) -> int:
        """The second time, when everything has been looked up that is looked up once."""
        prepared = read.statement.on(self._address.dialect, read.breadth == 1)
        arguments = prepared.arguments(read.parameters)
        if self._connection is None:
            return _steps(self._address, prepared, arguments)
        await self._connection.execute(f"PREPARE asked AS {prepared.sql}")
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked ({', '.join(map(_literal, arguments))})"
        await self._connection.fetchval(explain)
        plan = json.loads(await self._connection.fetchval(explain))[0]["Plan"]
        await self._connection.execute("DEALLOCATE asked")
        pages: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return pages


def _literal(argument: Any) -> str:
    if isinstance(argument, list | tuple):
        return "'{" + ", ".join(str(each) for each in argument) + "}'"
    return f"'{argument.isoformat()}'" if isinstance(argument, datetime) else str(argument)


def _steps(address: Address, prepared: Prepared, arguments: list[Any]) -> int:
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with closing(sqlite3.connect(address.path)) as connection:
        connection.execute(prepared.sql, arguments).fetchall()
        connection.set_progress_handler(step, 1)
        connection.execute(prepared.sql, arguments).fetchall()
    return taken
