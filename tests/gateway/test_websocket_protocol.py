"""The protocol graphql-transport-ws: who may connect, and which message closes the connection with which code."""

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from gateway.settings import Settings
from tests.gateway_client import Gateway
from tests.live_client import admitted, connected

FOLLOW = "subscription ($id: ID!) { customerActivity(customerId: $id) { cursor } }"
TYPENAME = "{ __typename }"


# How the protocol is spoken does not depend on the database.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, init_timeout_seconds=0.5, message_limit_bytes=8 * 1024)


async def test_other_protocols_are_refused_with_4406(gateway: Gateway, address: str) -> None:
    for protocols in (("graphql-ws",), ()):
        async with connected(address, protocols) as client:
            assert (await client.closed())[0] == 4406


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
async def test_another_origin_may_not_connect(gateway: Gateway, address: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connected(address, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_the_own_origin_may_connect(gateway: Gateway, address: str) -> None:
    async with connected(address, origin=f"http://{address}") as client:
        assert (await client.init(await gateway.key()))["type"] == "connection_ack"


async def test_a_silent_client_is_closed_with_4408(gateway: Gateway, address: str) -> None:
    async with connected(address) as client:
        assert (await client.closed())[0] == 4408


@pytest.mark.parametrize("key", [None, "nonsense", "pgw_abcdefgh_" + "x" * 40])
async def test_an_unknown_key_is_closed_with_4403(gateway: Gateway, address: str, key: str | None) -> None:
    async with connected(address) as client:
        payload = {"Authorization": f"Bearer {key}"} if key else {}
        await client.send({"type": "connection_init", "payload": payload})
        assert (await client.closed())[0] == 4403


async def test_subscribing_before_init_is_closed_with_4401(gateway: Gateway, address: str) -> None:
    async with connected(address) as client:
        await client.subscribe("a", TYPENAME)
        assert (await client.closed())[0] == 4401


async def test_a_second_init_is_closed_with_4429(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        await client.send({"type": "connection_init"})
        assert (await client.closed())[0] == 4429


async def test_an_id_in_use_is_closed_with_4409(gateway: Gateway, address: str, customer: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer})
        await client.subscribe("a", FOLLOW, {"id": customer})
        assert (await client.closed())[0] == 4409


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[" * 3000,
        "[]",
        "1",
        {"type": "nonsense"},
        {"type": ["ping"]},
        {},
        {"type": "subscribe"},
        {"type": "subscribe", "id": "a"},
        {"type": "subscribe", "id": "", "payload": {"query": TYPENAME}},
        {"type": "subscribe", "id": 7, "payload": {"query": TYPENAME}},
        {"type": "subscribe", "id": "a", "payload": {"query": 7}},
        {"type": "subscribe", "id": "a", "payload": []},
        {"type": "subscribe", "id": "a" * 201, "payload": {"query": TYPENAME}},
        {"type": "complete"},
        {"type": "start", "id": "a", "payload": {"query": TYPENAME}},
        b"bytes",
    ],
    ids=lambda message: str(message)[:60],
)
async def test_a_message_outside_the_protocol_is_closed_with_4400(gateway: Gateway, address: str, message: Any) -> None:
    async with admitted(gateway, address) as client:
        await client.send(message)
        assert (await client.closed())[0] == 4400


async def test_an_init_whose_payload_is_no_object_is_closed_with_4400(gateway: Gateway, address: str) -> None:
    async with connected(address) as client:
        await client.send({"type": "connection_init", "payload": ["x"]})
        assert (await client.closed())[0] == 4400


async def test_a_message_over_the_limit_is_closed_with_1009(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("a", TYPENAME + " " * 8 * 1024)
        assert (await client.closed())[0] == 1009
