"""Connections for reads: never more than allowed, none lost by whoever stops waiting, none handed on broken or busy."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from profiles.storage import connections
from profiles.storage.address import parse_address
from profiles.storage.connections import Connections
from tests.databases import Postgres

SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(600)'"


class Opener:
    """Opens connections to a database and counts them; the next ones fail where told."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.opened: list[Any] = []
        self.failures = 0

    async def __call__(self) -> Any:
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError
        connection = await asyncpg.connect(self.dsn)
        self.opened.append(connection)
        return connection


@pytest.fixture
async def opener(postgres: Postgres) -> AsyncIterator[Opener]:
    """Opens connections to a database of the test's own."""
    url = await postgres.fresh()
    yield Opener(parse_address(url).driver_dsn)
    await postgres.drop(url)


@pytest.fixture
async def pool(opener: Opener) -> AsyncIterator[Connections]:
    """At most two connections."""
    made = Connections(opener, 2)
    yield made
    await made.close()


async def passes() -> None:
    """Lets everything that can go on without waiting go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_never_more_than_allowed_are_open_and_each_has_one_user(pool: Connections, opener: Opener) -> None:
    using: set[Any] = set()

    async def use() -> None:
        for _ in range(20):
            connection = await pool.take()
            assert connection not in using
            using.add(connection)
            await connection.fetch("SELECT 1")
            using.remove(connection)
            pool.give(connection)

    await asyncio.gather(*(use() for _ in range(8)))
    assert len(opener.opened) == 2


async def test_one_after_another_use_the_same_connection(pool: Connections, opener: Opener) -> None:
    for _ in range(5):
        pool.give(await pool.take())
    assert len(opener.opened) == 1


async def test_who_waits_longest_is_served_first(pool: Connections) -> None:
    served: list[int] = []
    first, second = await pool.take(), await pool.take()

    async def wait(number: int) -> None:
        connection = await pool.take()
        served.append(number)
        pool.give(connection)

    waiting = []
    for number in range(4):
        waiting.append(asyncio.create_task(wait(number)))
        await passes()
    pool.give(first)
    await asyncio.gather(*waiting)
    pool.give(second)
    assert served == [0, 1, 2, 3]


async def test_one_who_stops_waiting_takes_no_connection_along(pool: Connections, opener: Opener) -> None:
    busy = [await pool.take(), await pool.take()]
    leaving = [asyncio.create_task(pool.take()) for _ in range(3)]
    await passes()
    leaving[0].cancel()
    await passes()
    # The others are given theirs and leave at that very moment.
    for connection in busy:
        pool.give(connection)
    for task in leaving[1:]:
        task.cancel()
    await asyncio.wait(leaving)
    assert [task.cancelled() for task in leaving] == [True, True, True]
    async with asyncio.timeout(5):
        again = [await pool.take(), await pool.take()]
    assert set(again) == set(busy)
    for connection in again:
        pool.give(connection)
    assert len(opener.opened) == 2


async def test_waiting_for_a_connection_ends_with_a_timeout(pool: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.01)
    busy = [await pool.take(), await pool.take()]
    with pytest.raises(TimeoutError):
        await pool.take()
    for connection in busy:
        pool.give(connection)
    pool.give(await pool.take())


async def test_a_connection_that_broke_is_replaced_also_for_one_who_waits(pool: Connections, opener: Opener) -> None:
    broken, other = await pool.take(), await pool.take()
    waiting = asyncio.create_task(pool.take())
    await passes()
    broken.terminate()
    pool.give(broken)
    async with asyncio.timeout(5):
        fresh = await waiting
    assert await fresh.fetchval("SELECT 1") == 1
    assert len(opener.opened) == 3
    pool.give(fresh)
    pool.give(other)
    fresh.terminate()
    # The idle ones are looked at when they are taken.
    async with asyncio.timeout(5):
        taken = [await pool.take(), await pool.take()]
    assert fresh not in taken
    for connection in taken:
        assert await connection.fetchval("SELECT 1") == 1
        pool.give(connection)


async def test_an_idle_connection_is_not_trusted_for_ever(
    pool: Connections, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.give(await pool.take())
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0)
    pool.give(await pool.take())
    assert len(opener.opened) == 2
    assert opener.opened[0].is_closed()


async def test_a_failure_to_connect_leaves_room_for_the_next_try(pool: Connections, opener: Opener) -> None:
    opener.failures = 5
    for _ in range(5):
        with pytest.raises(ConnectionRefusedError):
            await pool.take()
    taken = [await pool.take(), await pool.take()]
    assert len(opener.opened) == 2
    for connection in taken:
        pool.give(connection)


async def test_a_cancelled_statement_is_stopped_before_its_connection_is_used_again(
    pool: Connections, opener: Opener
) -> None:
    connection = await pool.take()
    watcher = await pool.take()
    asleep = asyncio.create_task(connection.fetch("SELECT pg_sleep(600)"))
    while not await watcher.fetchval(SLEEPERS):
        await asyncio.sleep(0)
    asleep.cancel()
    await asyncio.wait([asleep])
    pool.give(connection, is_cancelled=True)
    async with asyncio.timeout(5):
        again = await pool.take()
        assert again is connection
        assert await watcher.fetchval(SLEEPERS) == 0
        assert await again.fetchval("SELECT 1") == 1
    pool.give(again)
    pool.give(watcher)
    assert len(opener.opened) == 2


async def test_closing_waits_for_those_in_use_and_refuses_everybody_else(opener: Opener) -> None:
    pool = Connections(opener, 1)
    busy = await pool.take()
    waiting = asyncio.create_task(pool.take())
    await passes()
    closing = asyncio.create_task(pool.close())
    await passes()
    with pytest.raises(asyncpg.InterfaceError):
        await waiting
    with pytest.raises(asyncpg.InterfaceError):
        await pool.take()
    assert not closing.done()
    assert await busy.fetchval("SELECT 1") == 1
    pool.give(busy)
    await closing
    assert busy.is_closed()
