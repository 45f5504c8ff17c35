"""Paging: pages of any size show every row once and in order, also with equal instants, and where rows arrive between.

Each generated case has customers of its own, so that one database serves them all.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from profiles.metrics import CustomerMetrics
from profiles.storage.unit import Unit
from profiles.text import search_key
from tests.gateway_client import Gateway
from tests.panels.shop import receipt
from tests.panels.test_timeline import event
from tests.people import customer_id, person

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PANEL = """
query ($id: ID!, $first: Int!, $after: String) {
  customer(by: { id: $id }) { panel: PANEL(first: $first, after: $after) {
    nodes { key: KEY } pageInfo { hasNextPage hasPreviousPage endCursor }
  } }
}
"""
CUSTOMERS = """
query ($city: String!, $sort: CustomerSort!, $first: Int!, $after: String) {
  customers(filter: { city: { startsWith: $city } }, sort: $sort, first: $first, after: $after) {
    nodes { key: externalId } pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""
ROOM = 1_000
"""Ids that a case has for itself."""

_cases = count(1)
# The same cases on every run; each takes several round trips, so that there are not many.
walks = settings(
    max_examples=60,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Arriving(NamedTuple):
    """A row: its id, by which value it is sorted (few, so that many are equal), and after how many pages it arrives."""

    id: int
    value: int
    after_pages: int


ROWS = st.lists(
    st.builds(Arriving, st.integers(1, ROOM - 1), st.integers(0, 3), st.sampled_from([0, 0, 0, 1, 2, 3])),
    max_size=16,
    unique_by=lambda row: row.id,
)
SIZES = st.integers(1, 7)
Page = Callable[[int, str | None], Awaitable[dict[str, Any]]]
Arrive = Callable[[Unit, Arriving], Awaitable[None]]


async def walk(gateway: Gateway, ordered: Sequence[Arriving], first: int, page: Page, arrive: Arrive) -> None:
    """Walks a list to its end. `ordered` are all rows as the list orders them, those that are still to come among them.

    Every page must show just the next rows of those that are there; so each that was there from the beginning comes
    once, and one that arrives comes if its place is still ahead.
    """
    shown: list[int] = []
    place, pages, after = -1, 0, None
    while True:
        async with gateway.store.write() as unit:
            for row in ordered:
                if row.after_pages == pages:
                    await arrive(unit, row)
        ahead = [(at, row) for at, row in enumerate(ordered) if at > place and row.after_pages <= pages]
        answered = await page(first, after)
        assert [node["key"] for node in answered["nodes"]] == [key(row) for _, row in ahead[:first]]
        info = answered["pageInfo"]
        assert (info["hasNextPage"], info["hasPreviousPage"]) == (len(ahead) > first, after is not None)
        shown += [row.id for _, row in ahead[:first]]
        if not info["hasNextPage"]:
            break
        place, pages, after = ahead[first - 1][0], pages + 1, info["endCursor"]
    assert len(set(shown)) == len(shown)
    assert {row.id for row in ordered if row.after_pages == 0} <= set(shown)


def key(row: Arriving) -> str:
    """By which name a row is recognized."""
    return f"row {row.id:03}"


def newest_first(rows: Sequence[Arriving]) -> list[Arriving]:
    return sorted(rows, key=lambda row: (row.value, row.id), reverse=True)


def at(row: Arriving) -> datetime:
    return NOON + timedelta(hours=row.value)


async def walk_panel(
    gateway: Gateway, panel: str, name: str, rows: Sequence[Arriving], first: int, make: Callable[[int, Arriving], Any]
) -> None:
    """Walks a panel of a customer of the case's own."""
    customer = next(_cases)
    async with gateway.store.write() as unit:
        await person(unit, customer)
    query = PANEL.replace("PANEL", panel).replace("KEY", name)

    async def page(first: int, after: str | None) -> dict[str, Any]:
        answer = await gateway.ask(query, {"id": customer_id(customer), "first": first, "after": after})
        assert answer.errors == []
        found: dict[str, Any] = answer.data["customer"]["panel"]
        return found

    async def arrive(unit: Unit, row: Arriving) -> None:
        unit.session.add(make(customer, row))

    await walk(gateway, newest_first(rows), first, page, arrive)


@walks
@given(rows=ROWS, first=SIZES)
async def test_receipts_are_walked_once_and_in_order(gateway: Gateway, rows: list[Arriving], first: int) -> None:
    def make(customer: int, row: Arriving) -> Any:
        return receipt(customer, row.id, number=key(row), issued_at=at(row), store_id=None)

    await walk_panel(gateway, "receipts", "number", rows, first, make)


@walks
@given(rows=ROWS, first=SIZES)
async def test_a_timeline_is_walked_once_and_in_order(gateway: Gateway, rows: list[Arriving], first: int) -> None:
    def make(customer: int, row: Arriving) -> Any:
        return event(row.id, customer=customer, name=key(row), occurred_at=at(row))

    await walk_panel(gateway, "timeline", "name", rows, first, make)


UNKNOWN = 0
"""Of this value the sorts by name and by last receipt know nothing."""


async def arrive_as_customer(unit: Unit, city: str, base: int, row: Arriving) -> None:
    """A customer whose every sorted value is the row's; of one who is unknown there is no row of metrics."""
    id, is_known = base + row.id, row.value != UNKNOWN
    await person(
        unit,
        id,
        external_id=f"{city} {key(row)}",
        city=city,
        city_key=search_key(city),
        first_name=f"Name {row.value}" if is_known else None,
        created_at=at(row),
    )
    if is_known:
        metrics = {"receipt_count": row.value, "receipt_total_minor": row.value, "order_total_minor": row.value}
        unit.session.add(CustomerMetrics(customer_id=id, last_receipt_at=at(row), last_activity_at=at(row), **metrics))
    await unit.session.flush()


def as_sorted(rows: Sequence[Arriving], field: str, direction: str) -> list[Arriving]:
    """What is unknown last either way; a count or a sum of nothing is 0; ties by id in the direction of the sort."""
    is_down, has_unknown = direction == "DESC", field in ("NAME", "LAST_RECEIPT_AT", "LAST_ACTIVITY_AT")
    known = [row for row in rows if not (has_unknown and row.value == UNKNOWN)]
    unknown = [row for row in rows if row not in known]
    known.sort(key=lambda row: (row.value, row.id), reverse=is_down)
    unknown.sort(key=lambda row: row.id, reverse=is_down)
    return known + unknown


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@walks
@given(
    rows=ROWS,
    first=SIZES,
    field=st.sampled_from(
        ["CREATED_AT", "NAME", "LAST_RECEIPT_AT", "RECEIPT_TOTAL", "RECEIPT_COUNT", "ORDER_TOTAL", "LAST_ACTIVITY_AT"]
    ),
)
async def test_customers_are_walked_once_and_in_order(
    gateway: Gateway, direction: str, rows: list[Arriving], first: int, field: str
) -> None:
    case = next(_cases)
    city = f"Case {case:05}"

    async def page(first: int, after: str | None) -> dict[str, Any]:
        asked = {"city": city, "sort": {"field": field, "direction": direction}, "first": first, "after": after}
        answer = await gateway.ask(CUSTOMERS, asked)
        assert answer.errors == []
        found: dict[str, Any] = answer.data["customers"]
        for node in found["nodes"]:
            node["key"] = node["key"].removeprefix(f"{city} ")
        return found

    async def arrive(unit: Unit, row: Arriving) -> None:
        await arrive_as_customer(unit, city, case * ROOM, row)

    await walk(gateway, as_sorted(rows, field, direction), first, page, arrive)
