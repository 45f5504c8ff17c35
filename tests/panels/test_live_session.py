"""The live session: the visit that is going on, and null at any other time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.catalog import Store
from profiles.timeline import SessionState
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.panels.test_timeline import event, session
from tests.people import add, customer_id, people

PANEL = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { liveSession {
    id state startedAt endedAt currentUrl store { name } order { number } customer { externalId }
    actions { nodes { type } }
  } } }
}
"""
NOW = datetime.now(UTC).replace(microsecond=0)


def visit(id: int, minutes_silent: float, state: SessionState = SessionState.LIVE, **columns: Any) -> Any:
    now = datetime.now(UTC)
    times = {
        "started_at": now - timedelta(hours=10),
        "last_seen_at": now - timedelta(minutes=minutes_silent),
        "ended_at": None,
    }
    return session(id, state=state, **(times | columns))


async def live(gateway: Gateway, id: int = 1, **more: Any) -> dict[str, Any] | None:
    answer = await gateway.ask(PANEL, {"ids": [customer_id(id)]}, **more)
    assert answer.errors == []
    found: dict[str, Any] | None = answer.data["nodes"][0]["liveSession"]
    return found


async def test_it_shows_the_visit_that_is_going_on(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(
        gateway,
        Store(id=2, external_id="s-2", name="Online"),
        visit(8, 200),
        visit(9, 1, started_at=NOW - timedelta(hours=1), store_id=2, current_url="https://shop.example/tea?mail=ann"),
        visit(10, 0, SessionState.PURCHASED),
        visit(11, 0, SessionState.ENDED),
        event(1, "PAGE_VIEW", session_id=9),
        event(2, "PRODUCT_VIEW", session_id=9),
        event(3, "PAGE_VIEW", session_id=10),
    )
    assert await live(gateway) == {
        "id": encode("Session", 1, 9),
        "state": "LIVE",
        "startedAt": (NOW - timedelta(hours=1)).isoformat().replace("+00:00", "Z"),
        "endedAt": None,
        "currentUrl": "https://shop.example/tea?mail=ann",
        "store": {"name": "Online"},
        "order": None,
        "customer": {"externalId": "ext-1"},
        "actions": {"nodes": [{"type": "PAGE_VISITED"}, {"type": "PRODUCT_VISITED"}]},
    }
    assert await live(gateway, 2) is None
    masked = await live(gateway, scopes=ALL_SCOPES - {"personal:read"})
    assert masked is not None
    assert masked["currentUrl"] == "https://shop.example/tea"


@pytest.mark.parametrize(("minutes_silent", "is_live"), [(0, True), (29.5, True), (30, False), (500, False)])
async def test_a_visit_that_fell_silent_is_not_live(gateway: Gateway, minutes_silent: float, is_live: bool) -> None:
    await people(gateway, 1)
    await add(gateway, visit(9, minutes_silent))
    assert (await live(gateway) is not None) is is_live


async def test_of_several_the_one_heard_of_last_is_shown(gateway: Gateway) -> None:
    await people(gateway, 1)
    last = datetime.now(UTC) - timedelta(minutes=1)
    await add(gateway, visit(9, 1, last_seen_at=last), visit(10, 5), visit(11, 1, last_seen_at=last))
    found = await live(gateway)
    assert found is not None
    assert found["id"] == encode("Session", 1, 11)


async def test_recorded_events_begin_a_live_visit_and_a_purchase_ends_it(gateway: Gateway) -> None:
    await people(gateway, 1)
    record = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { message } } }"
    assert await live(gateway) is None
    steps = [
        ("PAGE_VIEW", "page_view", {"url": "https://shop.example/a"}, ["PAGE_VISITED"]),
        ("PAGE_VIEW", "added_to_cart", {"url": "https://shop.example/b"}, ["ADDED_TO_CART", "PAGE_VISITED"]),
        ("ORDER", "order_placed", {"orderExternalId": "o-1"}, None),
    ]
    for place, (category, type, more, actions) in enumerate(steps):
        sent = {
            "customer": {"id": customer_id(1)},
            "externalId": str(place),
            "category": category,
            "type": type,
            "occurredAt": (NOW - timedelta(minutes=5 - place)).isoformat(),
            "sessionId": "visit",
            **more,
        }
        answer = await gateway.ask(record, {"input": {"events": [sent]}})
        assert answer.data["recordEvents"] == {"recorded": 1, "userErrors": []}
        found = await live(gateway)
        if actions is None:
            assert found is None
        else:
            assert found is not None
            assert found["currentUrl"] == more["url"]
            assert [action["type"] for action in found["actions"]["nodes"]] == actions


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    answer = await gateway.ask(PANEL, {"ids": ids}, scopes=ALL_SCOPES - {"activity:read"})
    assert (answer.data, answer.codes) == ({"nodes": [{"liveSession": None}]}, ["FORBIDDEN"])
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(gateway, *(visit(9, 1, customer=customer) for customer in range(1, customers + 1)))
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { liveSession { state } } } }"
    answer = await gateway.ask(query, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "LatestLiveSession": customers}
    assert all(node["liveSession"] == {"state": "LIVE"} for node in answer.data["nodes"])
