"""`make bench-panels` in small: every panel is asked, and what its statements touch does not grow with the history."""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import pytest
from graphql import GraphQLObjectType, build_schema

from benchmarks.panels import Pair, load, measure, pairs_of, statements
from benchmarks.panels_asked import IDENTITY, PANELS
from benchmarks.panels_histories import LONG, part_of
from profiles.account import load_account
from profiles.storage.address import parse_address
from tests.databases import Postgres

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
PARTS, OTHERS = 10, 100
"""A tenth of the long history, and so many short ones around it."""


@pytest.fixture
async def measured(postgres: Postgres) -> list[Pair]:
    """Every statement of every panel, for the customer with the short history and the one with the long."""
    account, url = load_account(), await postgres.fresh()
    await load(url, account, part_of(LONG, PARTS), OTHERS, NOW)
    pairs = list(pairs_of(await statements(url, account, NOW, PANELS)))
    connection = await asyncpg.connect(parse_address(url).driver_dsn)
    try:
        await connection.execute("VACUUM")
        await measure(connection, pairs, 1)
    finally:
        await connection.close()
    await postgres.drop(url)
    return pairs


def test_every_panel_is_asked() -> None:
    with open("schema.graphql", encoding="utf-8") as file:
        customer = build_schema(file.read()).type_map["Customer"]
    assert isinstance(customer, GraphQLObjectType)
    asked = {name.partition(",")[0] for name in PANELS} | set(IDENTITY.split())
    assert customer.fields.keys() - asked == {"id"}


async def test_no_statement_touches_more_pages_for_a_longer_history(measured: Sequence[Pair]) -> None:
    grown = {
        pair.panel: (small.pages, large.pages)
        for pair in measured
        if not pair.is_level
        for small, large in [pair.costs]
    }
    assert grown == {}
