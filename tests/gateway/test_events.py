"""Server-sent events: the same operations as an event stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.settings import Settings
from profiles.keys import revoke_key, split_key
from tests.gateway.conftest import gone, listened, note
from tests.gateway_client import Gateway
from tests.live_client import PATIENCE_SECONDS, streamed

FOLLOW = "subscription ($id: ID!) { customerActivity(customerId: $id) { event { name } } }"
TYPENAME = "{ __typename }"
COMPLETE = "event: complete\ndata:"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        pool_size=4,
        ping_interval_seconds=0.2,
        key_check_seconds=0.1,
        send_timeout_seconds=0.5,
    )


async def blocks(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """The blocks of a stream, each without the empty line that ends it."""
    rest = ""
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for text in lines:
            assert "\r" not in text
            *whole, rest = (rest + text).split("\n\n")
            for block in whole:
                yield block
    assert rest == ""


async def events(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """The blocks that are events and not signs of life."""
    async for block in blocks(lines):
        if block != ":":
            yield block


def answered(block: str) -> Any:
    """What a `next` event carries."""
    first, second = block.split("\n")
    assert first == "event: next"
    return json.loads(second.removeprefix("data: "))


async def test_a_query_is_one_event_and_the_end(gateway: Gateway, address: str) -> None:
    async with streamed(address, await gateway.key(), TYPENAME) as lines:
        heard = [block async for block in events(lines)]
    assert (answered(heard[0])["data"], heard[1:]) == ({"__typename": "Query"}, [COMPLETE])


async def test_a_refusal_is_an_event_too(gateway: Gateway, address: str) -> None:
    async with streamed(address, await gateway.key(), "{") as lines:
        heard = [block async for block in events(lines)]
    refusal = answered(heard[0])
    assert ("data" in refusal, refusal["errors"][0]["extensions"]["code"]) == (False, "BAD_REQUEST")
    assert heard[1:] == [COMPLETE]


async def test_a_subscription_hears_what_a_mutation_caused(gateway: Gateway, address: str, customer: str) -> None:
    async with streamed(address, await gateway.key(), FOLLOW, {"id": customer}) as lines:
        heard = events(lines)
        await listened(gateway)
        await note(gateway, customer, "Called back.")
        delivered = answered(await anext(heard))
    assert delivered["data"] == {"customerActivity": {"event": {"name": "Note added"}}}


async def test_an_idle_stream_gives_signs_of_life(gateway: Gateway, address: str, customer: str) -> None:
    async with streamed(address, await gateway.key(), FOLLOW, {"id": customer}) as lines:
        assert await anext(blocks(lines)) == ":"


async def test_a_client_that_leaves_leaves_nothing_behind(gateway: Gateway, address: str, customer: str) -> None:
    key = await gateway.key()
    before = asyncio.all_tasks()
    async with streamed(address, key, FOLLOW, {"id": customer}):
        await listened(gateway)
    await gone(gateway, before)


async def test_a_revoked_key_ends_its_stream(gateway: Gateway, address: str, customer: str) -> None:
    split = split_key(await gateway.key())
    assert split is not None
    before = asyncio.all_tasks()
    async with streamed(address, await gateway.key(), FOLLOW, {"id": customer}) as lines:
        await listened(gateway)
        async with gateway.store.write() as unit:
            await revoke_key(unit, split.prefix, gateway.runtime.services.clock())
        # The stream ends, and not as if it were complete.
        assert [block async for block in events(lines)] == []
    await gone(gateway, before)


async def test_a_client_that_stops_reading_is_let_go(gateway: Gateway, customer: str) -> None:
    body = json.dumps({"query": FOLLOW, "variables": {"id": customer}}).encode()
    headers = {
        "host": "127.0.0.1",
        "accept": "text/event-stream",
        "content-type": "application/json",
        "authorization": f"Bearer {await gateway.key()}",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 4711),
    }
    coming = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[str] = []

    async def receive() -> Any:
        if coming:
            return coming.pop()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            # As a server whose buffers are full: it waits until there is room again.
            await asyncio.Event().wait()

    before = asyncio.all_tasks()
    serving = asyncio.ensure_future(gateway.app(scope, receive, send))
    await listened(gateway)
    await note(gateway, customer, "Nobody reads this.")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await serving
    # The response stays unfinished, on which a server closes the connection.
    assert sent == ["http.response.start", "http.response.body"]
    await gone(gateway, before)
