"""Filters of the timeline: every combination over a generated history gives what plain Python picks from it."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from sqlmodel import col, update

from profiles.catalog import BusinessUnit, Store
from profiles.customers import Customer
from profiles.storage.pages import Position
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import ALL_SCOPES, Scope
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.test_timeline import NEEDS
from tests.people import add, people, stored

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
KNOWN, UNKNOWN, QUIET = 1, 2, 3
"""One whose kinds of events are known, one whose are not, with the same events, and one without any."""
TYPES = {
    EventCategory.PAGE_VIEW: ("page_view", "added_to_cart"),
    EventCategory.RECEIPT: ("receipt_issued", "page_view"),
    EventCategory.EMAIL: ("email_opened",),
    EventCategory.CALL_CENTER: ("call", "call\u00a0back"),
}
PLACES = ((None, None), (None, 5), (1, 5), (1, 6), (2, None), (3, 6))
OPTIONS: dict[str, tuple[Any, ...]] = {
    "categories": (None, [], ["PAGE_VIEW", "EMAIL"], ["NOTE", "CALL_CENTER"]),
    "types": (None, [], ["page_view", "call\u00a0back"], ["nothing", "no\u0000ne"]),
    "storeIds": (None, [], [1], [2, 3], [0, 4, 9]),
    "businessUnitIds": (None, [], [5], [0, 6]),
    "from": (None, NOON - timedelta(hours=5)),
    "to": (None, NOON - timedelta(hours=2)),
}
FIRST, AT_ONCE = 3, 7
"""The rows of a page, and how many filters a document asks with."""


def _history(customer_id: int) -> list[TimelineEvent]:
    """Events of nearly every kind, many at one moment, in no order."""
    choose = Random(12)
    rows = []
    for id in range(1, 81):
        category = choose.choice([*TYPES])
        store_id, unit_id = choose.choice(PLACES)
        rows.append(
            TimelineEvent(
                customer_id=customer_id,
                id=id,
                activity_seq=id,
                category=category,
                type=choose.choice(TYPES[category]),
                name=f"e{id}",
                occurred_at=NOON - timedelta(minutes=30 * choose.randrange(16)),
                received_at=NOON,
                store_id=store_id,
                business_unit_id=unit_id,
            )
        )
    return rows


def _matches(event: TimelineEvent, wanted: dict[str, Any]) -> bool:
    values = (event.category.value, event.type, event.store_id, event.business_unit_id)
    lists = (wanted["categories"], wanted["types"], wanted["storeIds"], wanted["businessUnitIds"])
    return (
        all(asked is None or value in asked for value, asked in zip(values, lists, strict=True))
        and (wanted["from"] is None or event.occurred_at >= wanted["from"])
        and (wanted["to"] is None or event.occurred_at < wanted["to"])
    )


def _asked(wanted: dict[str, Any]) -> dict[str, Any]:
    """The filter as a client sends it."""
    stores, units = wanted["storeIds"], wanted["businessUnitIds"]
    return {
        **wanted,
        "storeIds": stores and [encode("Store", id) for id in stores],
        "businessUnitIds": units and [encode("BusinessUnit", id) for id in units],
        "from": wanted["from"] and wanted["from"].isoformat(),
        "to": wanted["to"] and wanted["to"].isoformat(),
    }


def _combinations(most: int) -> list[dict[str, Any]]:
    """For every combination of parts that a filter may say, values of these parts, at most so many."""
    by_parts: dict[frozenset[str], list[dict[str, Any]]] = {}
    for values in product(*OPTIONS.values()):
        wanted = dict(zip(OPTIONS, values, strict=True))
        by_parts.setdefault(frozenset(name for name in wanted if wanted[name] is not None), []).append(wanted)
    assert len(by_parts) == 2 ** len(OPTIONS)
    choose = Random(3)
    return [wanted for some in by_parts.values() for wanted in choose.sample(some, min(most, len(some)))]


async def _filled(gateway: Gateway) -> list[str]:
    ids = await people(gateway, KNOWN, UNKNOWN, QUIET)
    await add(
        gateway,
        *(BusinessUnit(id=id, number=id, name=f"Unit {id}") for id in (5, 6)),
        *(Store(id=id, external_id=str(id), name=f"Store {id}") for id in (1, 2, 3, 4)),
    )
    for id in (KNOWN, UNKNOWN):
        async with gateway.store.write() as unit:
            await unit.lock([id])
            for event in _history(id):
                unit.happened(event)
    # As if somebody had written an event without counting it.
    async with gateway.store.write() as unit:
        await unit.session.exec(update(Customer).where(col(Customer.id) == UNKNOWN).values(activity_seq=81))  # type: ignore[call-overload]
    return ids


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({Scope.MAILINGS_READ})], ids=["all rights", "no mailings"])
async def test_every_combination_gives_what_python_picks(gateway: Gateway, hidden: frozenset[Scope]) -> None:
    ids = await _filled(gateway)
    visible = [event for event in _history(KNOWN) if NEEDS.get(event.category.value) not in hidden]
    newest_first = sorted(visible, key=lambda event: (event.occurred_at, event.id), reverse=True)
    middle = newest_first[len(newest_first) // 2]
    after = Position(middle.occurred_at, middle.id).cursor()
    chosen = _combinations(1 if hidden else 3)
    for start in range(0, len(chosen), AT_ONCE):
        some = chosen[start : start + AT_ONCE]
        declared = "".join(f", $f{n}: TimelineFilter" for n in range(len(some)))
        fields = " ".join(
            f"a{n}: timeline(filter: $f{n}, first: 100) {{ totalCount nodes {{ name }} }}"
            f" b{n}: timeline(filter: $f{n}, first: {FIRST}, after: $after)"
            " { totalCount nodes { name } pageInfo { hasNextPage } }"
            for n in range(len(some))
        )
        query = (
            f"query ($ids: [ID!]!, $id: ID!, $after: String{declared}) {{"
            f" nodes(ids: $ids) {{ ... on Customer {{ {fields} }} }} customer(by: {{ id: $id }}) {{ {fields} }} }}"
        )
        filters = {f"f{n}": _asked(wanted) for n, wanted in enumerate(some)}
        variables = {"ids": ids, "id": ids[start // AT_ONCE % 2], "after": after, **filters}
        answer = await gateway.ask(query, variables, scopes=ALL_SCOPES - hidden)
        assert answer.errors == []
        known, unknown, quiet = answer.data["nodes"]
        assert known == unknown == answer.data["customer"]
        for n, wanted in enumerate(some):
            own = [event for event in newest_first if _matches(event, wanted)]
            behind = [event.name for event in own if (event.occurred_at, event.id) < (middle.occurred_at, middle.id)]
            whole = {"totalCount": len(own), "nodes": [{"name": event.name} for event in own]}
            page = {
                "totalCount": len(own),
                "nodes": [{"name": name} for name in behind[:FIRST]],
                "pageInfo": {"hasNextPage": len(behind) > FIRST},
            }
            assert (known[f"a{n}"], known[f"b{n}"]) == (whole, page), wanted
            assert (quiet[f"a{n}"], quiet[f"b{n}"]["nodes"]) == ({"totalCount": 0, "nodes": []}, []), wanted


async def test_the_generated_history_is_of_one_who_is_known_and_one_who_is_not(gateway: Gateway) -> None:
    await _filled(gateway)
    numbers = {row.id: row.activity_seq for row in await stored(gateway, Customer)}
    assert numbers == {KNOWN: 80, UNKNOWN: 81, QUIET: 0}
    kinds = {(row.category, row.type, row.store_id, row.business_unit_id) for row in _history(KNOWN)}
    assert len(kinds) > 25
