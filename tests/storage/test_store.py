"""The store: a write is all or nothing and heard once it is committed; units that share customers never deadlock."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from profiles.customers import Customer, SubscriptionStatus, customers_by_id
from profiles.errors import NotFound, Overtaken, SourceUnavailable
from profiles.live.bus import EVERYONE, MemoryBus
from profiles.notes import add_note, note_counts
from profiles.storage.address import parse_address
from profiles.storage.failures import failure_of
from profiles.storage.readers import Trips
from profiles.storage.store import Store, open_store
from profiles.tags import Tag
from profiles.timeline import EventCategory, OutboxEntry, TimelineEvent
from profiles.viewer import SYSTEM
from tests.databases import Postgres
from tests.people import MADE_AT


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
async def store(database_url: str, bus: MemoryBus) -> AsyncIterator[Store]:
    """A store with five customers."""
    opened = await open_store(parse_address(database_url), bus, pool_size=2)
    async with opened.write() as unit:
        unit.session.add_all(
            Customer(id=id, subscription_status=SubscriptionStatus.PENDING, created_at=MADE_AT, updated_at=MADE_AT)
            for id in range(1, 6)
        )
    yield opened
    await opened.close()


def event(customer_id: int, id: int) -> TimelineEvent:
    return TimelineEvent(
        customer_id=customer_id,
        id=id,
        activity_seq=0,
        category=EventCategory.CALL_CENTER,
        type="call",
        name="Called",
        occurred_at=MADE_AT,
        received_at=MADE_AT,
    )


async def rows(store: Store, model: Any) -> list[Any]:
    async with store.write() as unit:
        return list(await unit.session.exec(select(model)))


async def customers(store: Store) -> dict[int, tuple[int, int, int]]:
    """Version, generation and last event number by customer."""
    return {row.id: (row.version, row.generation, row.activity_seq) for row in await rows(store, Customer)}


async def test_a_committed_write_is_heard_once_and_its_rows_can_be_read_by_then(store: Store, bus: MemoryBus) -> None:
    async with bus.listen(1) as first, bus.listen(2) as second, bus.listen(EVERYONE) as everyone:
        async with store.write() as unit:
            await unit.lock([1])
            unit.happened(event(1, 11))
            unit.happened(event(1, 12))
            assert not await first.news(0)
        assert await first.news(0)
        assert await everyone.news(0)
        assert not await second.news(0)
        assert not await first.news(0)
    events = await rows(store, TimelineEvent)
    assert sorted((row.id, row.activity_seq) for row in events) == [(11, 1), (12, 2)]
    assert await customers(store) == {1: (1, 2, 2), **dict.fromkeys(range(2, 6), (1, 1, 0))}
    assert await rows(store, OutboxEntry) == []


@pytest.mark.parametrize("failure", [NotFound("gone"), RuntimeError("ours"), asyncio.CancelledError()], ids=repr)
async def test_a_rolled_back_write_is_never_heard_and_leaves_nothing(
    store: Store, bus: MemoryBus, failure: BaseException
) -> None:
    async def write() -> None:
        async with store.write() as unit:
            await add_note(unit, SYSTEM, 1, "Not to be", MADE_AT)
            unit.happened(event(1, 11))
            unit.session.add(Tag(id=1, name="x", name_key="x"))
            await unit.session.flush()
            raise failure

    async with bus.listen(EVERYONE) as everyone:
        with pytest.raises(type(failure)):
            await write()
        assert not await everyone.news(0)
    assert [await rows(store, model) for model in (TimelineEvent, OutboxEntry, Tag)] == [[], [], []]
    assert await customers(store) == dict.fromkeys(range(1, 6), (1, 1, 0))


async def test_a_write_that_fails_at_its_end_is_never_heard(store: Store, bus: MemoryBus) -> None:
    async with store.write() as unit:
        await unit.lock([1])
        unit.happened(event(1, 11))

    async def write_again() -> None:
        async with store.write() as unit:
            await unit.lock([1, 2])
            unit.happened(event(2, 12))
            unit.happened(event(1, 11))

    async with bus.listen(EVERYONE) as everyone:
        with pytest.raises(Overtaken):
            await write_again()
        assert not await everyone.news(0)
    assert {id: numbers[2] for id, numbers in (await customers(store)).items()} == {1: 1, 2: 0, 3: 0, 4: 0, 5: 0}


async def test_events_whose_announcement_failed_wait_in_the_outbox(store: Store, bus: MemoryBus) -> None:
    class Away(MemoryBus):
        async def announce(self, customer_ids: Any) -> None:
            raise ConnectionError

    away = Store(store.address, store.reader, store.engine, Away())
    async with away.write() as unit:
        await unit.lock([1, 2])
        for customer_id, id in ((1, 11), (2, 12), (1, 13)):
            unit.happened(event(customer_id, id))
    waiting = await rows(store, OutboxEntry)
    assert sorted((row.customer_id, row.activity_seq) for row in waiting) == [(1, 2), (2, 1)]


async def test_an_edit_raises_the_version_once_a_unit_and_an_event_does_not(store: Store) -> None:
    async with store.write() as unit:
        locked = await unit.lock([1, 2])
        unit.edited(locked[1], MADE_AT)
        unit.edited(locked[1], MADE_AT)
        unit.happened(event(2, 11))
    assert {id: numbers for id, numbers in (await customers(store)).items() if id < 3} == {1: (2, 2, 0), 2: (1, 2, 1)}


async def test_locking_skips_unknown_and_erased_customers_and_locks_once(store: Store) -> None:
    async with store.write() as unit:
        (await unit.lock([3]))[3].erased_at = MADE_AT
    async with store.write() as unit:
        locked = await unit.lock([5, 1, 3, 99, 1])
        assert sorted(locked) == [1, 5]
        assert (await unit.lock([1]))[1] is locked[1]


async def test_parallel_units_that_lock_the_same_customers_in_any_order_all_succeed(store: Store) -> None:
    orders = [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2], [5, 4, 1], [1, 4, 5]]

    async def write(number: int, order: list[int]) -> None:
        async with store.write() as unit:
            await unit.lock(order)
            for place, customer_id in enumerate(order):
                unit.happened(event(customer_id, 100 * number + place))

    async with asyncio.timeout(30):
        await asyncio.gather(*(write(number, order) for number, order in enumerate(orders * 5)))
    seen: dict[int, list[int]] = {}
    for row in await rows(store, TimelineEvent):
        seen.setdefault(row.customer_id, []).append(row.activity_seq)
    # Numbered without a gap, whatever order they committed in.
    assert {id: sorted(numbers) for id, numbers in seen.items()} == {
        1: list(range(1, 31)),
        2: list(range(1, 21)),
        3: list(range(1, 21)),
        4: list(range(1, 11)),
        5: list(range(1, 11)),
    }


async def test_a_second_unit_sees_what_the_first_one_wrote_before_it_locks(store: Store) -> None:
    async def rename(name: str) -> list[str | None]:
        async with store.write() as unit:
            customer = (await unit.lock([1]))[1]
            before = customer.first_name
            customer.first_name = f"{before or ''}{name}"
            unit.edited(customer, MADE_AT)
        return [before]

    await asyncio.gather(*(rename(name) for name in "abcdefgh"))
    (row,) = [row for row in await rows(store, Customer) if row.id == 1]
    assert sorted(row.first_name) == list("abcdefgh")
    assert row.version == 9


async def test_two_writes_of_one_unique_name_the_second_is_overtaken(store: Store) -> None:
    async with store.write() as unit:
        unit.session.add(Tag(id=1, name="VIP", name_key="vip"))
    with pytest.raises(Overtaken) as raised:
        async with store.write() as unit:
            unit.session.add(Tag(id=2, name="vip", name_key="vip"))
    assert isinstance(raised.value.__cause__, IntegrityError)
    assert [row.id for row in await rows(store, Tag)] == [1]


async def test_a_mistake_of_ours_stays_visible_as_what_it_is(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.write() as unit:
            await (await unit.session.connection()).execute(text("SELECT no_such_column FROM customers"))


async def test_a_server_that_hangs_up_is_an_unavailable_source_and_the_next_write_succeeds(postgres: Postgres) -> None:
    url = await postgres.fresh()
    store = await open_store(parse_address(url), MemoryBus(), pool_size=2)
    try:
        with pytest.raises(SourceUnavailable):
            async with store.write() as unit:
                await (await unit.session.connection()).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert await rows(store, Customer) == []
    finally:
        await store.close()
        await postgres.drop(url)


def test_a_busy_file_is_an_unavailable_source(tmp_path: Any) -> None:
    file = tmp_path / "busy.db"
    with sqlite3.connect(file, isolation_level=None) as first, sqlite3.connect(file, timeout=0) as second:
        first.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as raised:
            second.execute("SELECT * FROM sqlite_master").fetchall()
        first.execute("ROLLBACK")
    failure = failure_of(DBAPIError("", {}, raised.value))
    first.close()
    second.close()
    assert isinstance(failure, SourceUnavailable)


async def test_reads_of_one_tick_fail_alone_and_keep_their_order(store: Store) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE notes"))
    trips = Trips()
    reads = [customers_by_id(SYSTEM, [1]), note_counts(SYSTEM, [1], "x"), customers_by_id(SYSTEM, [2, 9])]
    first, broken, last = await store.run(reads, trips)
    assert isinstance(first, dict)
    assert list(first) == [1]
    assert isinstance(broken, SourceUnavailable)
    assert isinstance(last, dict)
    assert list(last) == [2]
    assert trips.reads == 3
    # On PostgreSQL one statement fails for all of them, and then each runs alone.
    assert (trips.statements, trips.round_trips) == ((3, 1) if store.dialect == "sqlite" else (4, 4))
