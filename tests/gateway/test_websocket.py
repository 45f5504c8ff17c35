"""GraphQL over WebSocket: operations, subscriptions, and what is left behind when a client goes."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from gateway.settings import Settings
from profiles.keys import revoke_key, split_key
from tests.gateway.conftest import gone, listened, note
from tests.gateway_client import Gateway
from tests.live_client import PATIENCE_SECONDS, admitted, connected

FOLLOW = (
    "subscription ($id: ID!) { customerActivity(customerId: $id) { cursor event { name } customer { externalId } } }"
)
TYPENAME = "{ __typename }"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        pool_size=4,
        ping_interval_seconds=0.2,
        key_check_seconds=0.1,
        send_timeout_seconds=0.5,
    )


async def test_a_subscription_hears_what_a_mutation_caused(gateway: Gateway, address: str, customer: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer})
        await listened(gateway)
        await note(gateway, customer, "Called back.")
        heard = await client.heard()
    assert (heard["id"], heard["type"]) == ("a", "next")
    delivery = heard["payload"]["data"]["customerActivity"]
    assert (delivery["event"], delivery["customer"]) == ({"name": "Note added"}, {"externalId": "seven"})


async def test_queries_and_mutations_answer_once_and_complete(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("q", TYPENAME)
        heard = [await client.heard(), await client.heard()]
    assert heard[0]["payload"]["data"] == {"__typename": "Query"}
    assert heard[1] == {"id": "q", "type": "complete"}


async def test_a_syntax_error_answers_its_id_and_leaves_the_socket_open(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("bad", "{")
        error = await client.heard()
        assert (error["id"], error["type"]) == ("bad", "error")
        assert [each["extensions"]["code"] for each in error["payload"]] == ["BAD_REQUEST"]
        await client.subscribe("bad", TYPENAME)
        assert (await client.heard())["payload"]["data"] == {"__typename": "Query"}


async def test_a_refused_subscription_is_an_error_and_not_a_delivery(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": "nonsense"})
        error = await client.heard()
        assert (error["type"], [each["extensions"]["code"] for each in error["payload"]]) == ("error", ["BAD_REQUEST"])
    async with admitted(gateway, address, ("notes:read",)) as client:
        await client.subscribe("a", FOLLOW, {"id": "nonsense"})
        error = await client.heard()
        assert (error["type"], [each["extensions"]["code"] for each in error["payload"]]) == ("error", ["FORBIDDEN"])


async def test_each_operation_of_a_connection_has_a_context_of_its_own(
    gateway: Gateway, address: str, customer: str
) -> None:
    document = "query ($id: ID!) { customer(by: {id: $id}) { notes { totalCount } } }"
    async with admitted(gateway, address) as client:
        for written in range(2):
            await client.subscribe("q", document, {"id": customer})
            heard = await client.heard()
            assert heard["payload"]["data"]["customer"]["notes"]["totalCount"] == written
            # What this operation cost, not what the connection cost so far.
            read = [batch["loader"] for batch in heard["payload"]["extensions"]["profile"]["loaderBatches"]]
            assert sorted(read) == ["CustomerById", "NoteCount"]
            assert (await client.heard())["type"] == "complete"
            await note(gateway, customer, f"note {written}")


async def test_the_twenty_first_operation_is_refused_and_the_others_go_on(
    gateway: Gateway, address: str, customer: str
) -> None:
    async with admitted(gateway, address) as client:
        for number in range(21):
            await client.subscribe(str(number), FOLLOW, {"id": customer})
        refused = await client.heard()
        assert (refused["id"], refused["type"]) == ("20", "error")
        assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        await listened(gateway, 20)
        await note(gateway, customer, "Heard by all.")
        assert {(await client.heard())["id"] for _ in range(20)} == {str(number) for number in range(20)}
        # One that completes makes room.
        await client.send({"id": "0", "type": "complete"})
        await listened(gateway, 19)
        await client.subscribe("21", FOLLOW, {"id": customer})
        await listened(gateway, 20)


async def test_both_sides_may_ping(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        assert (await client.heard(but=()))["type"] == "ping"
        await client.send({"type": "pong"})
        await client.send({"type": "ping"})
        assert (await client.heard())["type"] == "pong"


async def test_a_client_that_leaves_leaves_nothing_behind(gateway: Gateway, address: str, customer: str) -> None:
    before = asyncio.all_tasks()
    async with admitted(gateway, address) as client:
        for number in range(5):
            await client.subscribe(str(number), FOLLOW, {"id": customer})
        await listened(gateway, 5)
    await gone(gateway, before)


async def test_a_client_that_vanishes_leaves_nothing_behind(gateway: Gateway, address: str, customer: str) -> None:
    before = asyncio.all_tasks()
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer})
        await listened(gateway)
        client.connection.transport.abort()
    await gone(gateway, before)


async def test_a_completed_subscription_hears_nothing_more(gateway: Gateway, address: str, customer: str) -> None:
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer})
        await listened(gateway)
        await client.send({"id": "a", "type": "complete"})
        await listened(gateway, 0)
        await note(gateway, customer, "Nobody listens.")
        await client.subscribe("q", TYPENAME)
        assert (await client.heard())["id"] == "q"


async def test_a_revoked_key_ends_its_connections_with_4403(gateway: Gateway, address: str, customer: str) -> None:
    before = asyncio.all_tasks()
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer})
        await listened(gateway)
        split = split_key(await gateway.key())
        assert split is not None
        async with gateway.store.write() as unit:
            await revoke_key(unit, split.prefix, gateway.runtime.services.clock())
        assert await client.closed() == (4403, "This key was revoked.")
    await gone(gateway, before)


async def test_a_stopping_gateway_tells_its_clients_to_come_back(gateway: Gateway, address: str) -> None:
    async with admitted(gateway, address) as client:
        gateway.runtime.live.stop()
        assert (await client.closed())[0] == 1012
    with pytest.raises(InvalidStatus):
        async with connected(address):
            pass


async def test_a_client_that_stops_reading_is_let_go(gateway: Gateway, address: str, customer: str) -> None:
    before = asyncio.all_tasks()
    await note(gateway, customer, "x" * 10_000)
    bodies = " ".join(
        f"a{number}: customer(by: {{id: $id}}) {{ notes {{ nodes {{ body }} }} }}" for number in range(30)
    )
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer})
        await listened(gateway)
        client.connection.transport.pause_reading()
        asked = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(gateway.runtime.live):
                # Large answers, until the buffers of both sides are full.
                await client.subscribe(f"large {asked}", f"query ($id: ID!) {{ {bodies} }}", {"id": customer})
                asked += 1
                await asyncio.sleep(0.01)
        client.connection.transport.abort()
    await gone(gateway, before)
