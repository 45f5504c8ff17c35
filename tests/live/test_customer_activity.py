"""Live activity: nothing is missed, nothing comes twice, and nobody hears what they may not see."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from profiles.account import Account, Switches, load_account
from profiles.customers import Customer
from profiles.live.feed import AT_ONCE
from profiles.storage.pages import Position, live_cursor
from profiles.viewer import ALL_SCOPES, Scope
from resolvers.ids import encode
from tests.gateway_client import Gateway, started
from tests.live.following import NAMES, RECORD, deliveries, listened, names, record
from tests.live_client import PATIENCE_SECONDS, admitted, streamed
from tests.people import customer_id, people

FOLLOW = """
subscription ($id: ID!, $filter: TimelineFilter, $after: String) {
  customerActivity(customerId: $id, filter: $filter, after: $after) {
    cursor
    event { __typename id name category isLive customer { externalId } ... on ProfileEvent { actor } }
    customer { externalId notes { totalCount } }
  }
}
"""
PAGE = """
query ($id: ID!, $filter: TimelineFilter) {
  customer(by: { id: $id }) { timeline(filter: $filter, first: 100) { liveCursor nodes { name } } }
}
"""
ADD_NOTE = 'mutation ($id: ID!) { addNote(input: { customerId: $id, body: "Hello" }) { note { id } } }'


async def test_an_event_that_a_mutation_caused_arrives_whole(gateway: Gateway, address: str) -> None:
    await people(gateway, 1, 2)
    async with admitted(gateway, address) as client:
        await client.subscribe("a", FOLLOW, {"id": customer_id(1)})
        await listened(gateway)
        for told in (1, 2):
            await gateway.ask(ADD_NOTE, {"id": customer_id(2)})
            await gateway.ask(ADD_NOTE, {"id": customer_id(1)})
            (delivery,) = await deliveries(client, 1)
            assert delivery["cursor"] == live_cursor(told)
            # Each delivery reads anew: the second one counts both notes.
            assert delivery["customer"] == {"externalId": "ext-1", "notes": {"totalCount": told}}
            event = delivery["event"]
            assert event["actor"].startswith("staff ")
            assert (event["__typename"], event["category"], event["name"]) == ("ProfileEvent", "NOTE", "Note added")
            assert (event["isLive"], event["customer"]) == (False, {"externalId": "ext-1"})
            answer = await gateway.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": event["id"]})
            assert answer.data["node"] == {"id": event["id"]}


async def test_server_sent_events_carry_the_same(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    key = await gateway.key()
    async with streamed(address, key, NAMES, {"id": customer_id(1)}) as lines:
        await listened(gateway)
        await record(gateway, "first", "second")
        heard = ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while heard.count("event: next") < 2 or not heard.endswith("\n\n"):
                heard += await anext(lines)
        said = [json.loads(line.removeprefix("data: ")) for line in heard.splitlines() if line.startswith("data: ")]
    assert [event["data"]["customerActivity"] for event in said] == [
        {"cursor": live_cursor(1), "event": {"name": "first"}},
        {"cursor": live_cursor(2), "event": {"name": "second"}},
    ]
    await listened(gateway, 0)


async def test_a_page_and_what_follows_from_its_cursor_are_everything_once(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    await record(gateway, "before")
    answer = await gateway.ask(PAGE, {"id": customer_id(1)})
    page = answer.data["customer"]["timeline"]
    # Recorded after the page was read and before anybody listens.
    await record(gateway, "between 1", "between 2")
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1), "after": page["liveCursor"]})
        assert await names(client, 2) == ["between 1", "between 2"]
        await record(gateway, "after")
        assert await names(client, 1) == ["after"]
    assert [node["name"] for node in page["nodes"]] == ["before"]


async def test_pages_read_while_events_are_recorded_lead_on_without_a_gap(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    total = 40
    pages: list[dict[str, Any]] = []

    async def write() -> None:
        for number in range(total):
            await record(gateway, f"{number}")

    async def read() -> None:
        while len(pages) < 6:
            answer = await gateway.ask(PAGE, {"id": customer_id(1)})
            pages.append(answer.data["customer"]["timeline"])

    await asyncio.gather(write(), read())
    everything = {f"{number}" for number in range(total)}
    async with admitted(gateway, address) as client:
        for number, page in enumerate(pages):
            seen = [node["name"] for node in page["nodes"]]
            await client.subscribe(f"{number}", NAMES, {"id": customer_id(1), "after": page["liveCursor"]})
            followed = await names(client, total - len(seen))
            assert len(seen) + len(followed) == total
            assert {*seen, *followed} == everything
            await client.send({"id": f"{number}", "type": "complete"})


async def test_a_client_that_comes_back_goes_on_behind_its_last_delivery(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        await record(gateway, "1", "2", "3")
        cursor = (await deliveries(client, 2))[-1]["cursor"]
    await listened(gateway, 0)
    missed = [f"missed {number}" for number in range(AT_ONCE * 2)]
    await record(gateway, *missed)
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1), "after": cursor})
        assert await names(client, 1 + len(missed)) == ["3", *missed]


async def test_late_events_come_in_the_order_in_which_they_were_received(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        await record(gateway, "now", minutes_ago=0)
        await record(gateway, "last year", minutes_ago=60 * 24 * 365)
        await record(gateway, "yesterday", minutes_ago=60 * 24)
        assert await names(client, 3) == ["now", "last year", "yesterday"]
    answer = await gateway.ask(PAGE, {"id": customer_id(1)})
    nodes = answer.data["customer"]["timeline"]["nodes"]
    assert [node["name"] for node in nodes] == ["now", "yesterday", "last year"]


async def test_a_filter_delivers_what_it_matches_and_passes_over_the_rest(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    wanted = {"categories": ["PAGE_VIEW"]}
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1), "filter": wanted})
        await listened(gateway)
        await record(gateway, *(f"call {number}" for number in range(AT_ONCE + 20)))
        await record(gateway, "page", category="PAGE_VIEW")
        (delivery,) = await deliveries(client, 1)
        assert delivery == {"cursor": live_cursor(AT_ONCE + 21), "event": {"name": "page"}}
        # From the beginning, the calls are passed over in several looks.
        await client.subscribe("b", NAMES, {"id": customer_id(1), "filter": wanted, "after": live_cursor(0)})
        assert await deliveries(client, 1) == [delivery]


async def test_what_the_viewer_may_not_see_is_not_delivered(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    scopes = tuple(ALL_SCOPES - {Scope.NOTES_READ, Scope.RECEIPTS_READ})
    async with admitted(gateway, address, scopes) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        await gateway.ask(ADD_NOTE, {"id": customer_id(1)})
        await record(gateway, "receipt", category="RECEIPT")
        await record(gateway, "order", category="ORDER")
        assert await names(client, 1) == ["order"]


class TestWithoutOrders:
    @pytest.fixture(params=["orders_enabled", "order_events_enabled"])
    def account(self, request: pytest.FixtureRequest) -> Account:
        return load_account().model_copy(update={"settings": Switches(**{request.param: False})})

    async def test_events_of_orders_are_not_delivered(self, gateway: Gateway, address: str) -> None:
        await people(gateway, 1)
        async with admitted(gateway, address) as client:
            await client.subscribe("a", NAMES, {"id": customer_id(1)})
            await listened(gateway)
            await record(gateway, "order", category="ORDER")
            await record(gateway, "receipt", category="RECEIPT")
            assert await names(client, 1) == ["receipt"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"after": live_cursor(2)}, "BAD_CURSOR"),
        ({"after": Position(datetime(2026, 1, 1, tzinfo=UTC), 1).cursor()}, "BAD_CURSOR"),
        ({"after": "nonsense"}, "BAD_CURSOR"),
        ({"id": customer_id(9)}, "NOT_FOUND"),
        ({"id": encode("Store", 1)}, "BAD_REQUEST"),
        ({"filter": {"storeIds": ["nonsense"]}}, "BAD_REQUEST"),
    ],
)
async def test_what_cannot_be_followed_is_refused_at_once(
    gateway: Gateway, address: str, variables: dict[str, Any], code: str
) -> None:
    await people(gateway, 1)
    await record(gateway, "one")
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)} | variables)
        message = await client.heard()
        assert (message["type"], [error["extensions"]["code"] for error in message["payload"]]) == ("error", [code])
    await listened(gateway, 0)


async def test_following_needs_its_scope(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    async with admitted(gateway, address, tuple(ALL_SCOPES - {Scope.ACTIVITY_SUBSCRIBE})) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        message = await client.heard()
        assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_whoever_stops_following_is_no_longer_listened_for(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    async with admitted(gateway, address) as client:
        for number in range(3):
            await client.subscribe(f"{number}", NAMES, {"id": customer_id(1)})
        await listened(gateway, 3)
        await client.send({"id": "0", "type": "complete"})
        await listened(gateway, 2)
        # One that stops in the middle of a delivery too.
        await record(gateway, *(f"{number}" for number in range(50)))
        await client.heard()
        await client.send({"id": "1", "type": "complete"})
        await listened(gateway, 1)
    await listened(gateway, 0)


async def test_a_lost_announcement_only_delays(gateway: Gateway, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await people(gateway, 1)
    monkeypatch.setattr("profiles.live.feed.LOOK_SECONDS", 0.05)
    # Another process whose announcements do not reach this one.
    async with (
        started(gateway.settings, gateway.account, gateway.dialect) as elsewhere,
        admitted(gateway, address) as client,
    ):
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        await record(elsewhere, "unannounced")
        assert await names(client, 1) == ["unannounced"]


async def test_a_write_that_is_undone_is_never_heard(gateway: Gateway, address: str) -> None:
    await people(gateway, 1)
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        good = {
            "customer": {"id": customer_id(1)},
            "externalId": "g",
            "category": "PAGE_VIEW",
            "type": "x",
            "name": "undone",
        }
        bad = good | {"customer": {"id": customer_id(9)}, "externalId": "b"}
        at = {"occurredAt": datetime.now(UTC).isoformat()}
        answer = await gateway.ask(RECORD, {"input": {"events": [good | at, bad | at]}})
        assert answer.data["recordEvents"]["userErrors"][0]["code"] == "NOT_FOUND"
        await record(gateway, "done")
        assert await names(client, 1) == ["done"]


async def test_following_ends_when_the_customer_is_gone(
    gateway: Gateway, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(gateway, 1)
    monkeypatch.setattr("profiles.live.feed.LOOK_SECONDS", 0.05)
    async with admitted(gateway, address) as client:
        await client.subscribe("a", NAMES, {"id": customer_id(1)})
        await listened(gateway)
        async with gateway.store.write() as unit:
            customer = await unit.session.get(Customer, 1)
            assert customer is not None
            customer.erased_at = datetime.now(UTC)
        assert (await client.heard())["type"] == "complete"
