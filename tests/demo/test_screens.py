"""The documents that a frontend sends: every query answers in full for the household that a newcomer opens, at any time
of day."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphql import OperationType, build_schema, parse, validate

from gateway.settings import Settings
from profiles.account import Account
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from sources.visitor import Visitor
from tests.databases import Databases
from tests.demo.conftest import ACCOUNT, demo_data
from tests.gateway_client import Gateway, started
from tests.ready_queries import IDS, filled, ready_queries

SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8"))
HOUSEHOLDS = 20
TIMES = (time(0, 5), time(12), time(23, 55))
LATER = frozenset(
    {
        # Writes and subscriptions that come with the issues of writing and of the live feed.
        "TurnChannel",
        "CategoryOff",
        "TagSelection",
        "LiveSession",
    }
)
MAY_BE_NULL = {
    "warning": "a contact that is fine",
    "original": "an amount that came in the account's currency",
    "session": "an event outside any visit",
    "receipt": "an order that is not paid",
    "order": "a visit that ended in no order, or goes on",
    "endedAt": "a visit that goes on",
    "couponCode": "an order without one",
    "deliveryCost": "a receipt of a shop",
    "value": "an attribute without a value, such as the delivery cost",
    "number": "an attribute of another type",
    "boolean": "an attribute of another type",
    "date": "an attribute of another type",
    "dateTime": "an attribute of another type",
    "money": "an attribute of another type",
    "redeemedAt": "a code that was not used",
    "revokedAt": "a consent that stands",
    "campaign": "a mass mailing",
    "store": "an event of no store, such as a note",
    "businessUnit": "an event of no unit",
    "product": "a look at a category or a page",
    "viewedCategory": "a look at a page",
    "price": "a product whose price is not known",
    "actor": "an event that nobody of the staff caused",
    "tab": "a panel of the left side",
}
"""Fields that may be null in a full answer, with what null says there; all others have a value."""


MAY_BE_EMPTY = {
    "reasons": "a channel that is open",
    "choices": "an attribute that is no choice",
    "channels": "a consent that blocks none",
}
"""Lists that may be empty in a full answer, with what that says."""

READY = ready_queries()
QUERIES = [query.name for query in READY.values() if query.kind is OperationType.QUERY]
# The list shows everybody; of this one everything is known.
OWN: dict[str, dict[str, Any]] = {"CustomerGrid": {"filter": {"externalId": {"equals": str(SHOWCASE_HOUSEHOLD)}}}}


class Demo(NamedTuple):
    """A gateway over demo data that was loaded at a time of day, at that time, with the demo's visitor; and the ids of
    what the ready queries are about."""

    gateway: Gateway
    ids: dict[str, Any]


def moment(at: time) -> datetime:
    """That time of the account's day."""
    return datetime.combine(datetime(2026, 5, 6), at, ACCOUNT.zone).astimezone(UTC)


@pytest.fixture(params=TIMES, ids=lambda at: f"{at:%H:%M}")
def at(request: pytest.FixtureRequest) -> time:
    """Each time of day in turn."""
    wanted: time = request.param
    return wanted


@pytest.fixture
def database_url(
    databases: Databases, dialect: str, at: time, loaded: dict[str, str], kept: Path, tmp_path: Path
) -> str:
    """A database with demo data of that time, shared by the tests of this module."""
    name = f"{dialect} at {at}"
    if name not in loaded:
        loaded[name] = asyncio.run(demo_data(databases, kept, tmp_path, HOUSEHOLDS, moment(at)))
        asyncio.run(_visit(loaded[name], dialect, at))
    return loaded[name]


async def _visit(url: str, dialect: str, at: time) -> None:
    now = moment(at)
    async with started(Settings(database_url=url, cache=False), ACCOUNT, dialect, lambda: now) as gateway:
        await Visitor(gateway.store, ACCOUNT, lambda: now, str(SHOWCASE_HOUSEHOLD)).step()


@pytest.fixture
async def demo(with_caches: Settings, account: Account, dialect: str, at: time) -> AsyncIterator[Demo]:
    async with started(with_caches, account, dialect, lambda: moment(at)) as gateway:
        found = await gateway.ask(IDS, {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}})
        assert found.errors == []
        yield Demo(gateway, found.data["customer"])


def test_every_operation_is_offered_but_those_of_later_issues() -> None:
    assert {query.name for query in READY.values() if query.variables is None} == LATER


def test_what_is_left_to_later_issues_is_not_there_yet() -> None:
    for name in LATER:
        assert validate(SCHEMA, parse(READY[name].text)), f"{name} is valid now: offer it, and take it off the list"


async def test_every_screen_answers_in_full_for_the_household_to_open(demo: Demo) -> None:
    gaps = {}
    for name in QUERIES:
        variables = filled(READY[name].variables, demo.ids) | OWN.get(name, {})
        answer = await demo.gateway.ask(READY[name].text, variables, operation_name=name)
        assert answer.errors == [], name
        nulls = {path for path in _nulls(answer.data, "") if path.rpartition(".")[2] not in MAY_BE_NULL}
        empty = {path for path in _empty(answer.data, "") if path.rpartition(".")[2] not in MAY_BE_EMPTY}
        if nulls | empty:
            gaps[name] = sorted(nulls | empty)
    assert gaps == {}


def _nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _nulls(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _nulls(inner, path)


def _empty(value: Any, path: str) -> Iterator[str]:
    if value == []:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _empty(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _empty(inner, path)
