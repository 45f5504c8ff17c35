"""A broken panel leaves the others whole: it is null with its code, and they are equal to before."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from gateway.settings import Settings
from profiles.account import load_account
from profiles.consents import ConsentChange, ConsentStatus
from profiles.metrics import CustomerMetrics
from profiles.notes import Note
from profiles.storage.address import parse_address
from tests.databases import Postgres
from tests.gateway_client import Answer, Gateway, started
from tests.people import MADE_AT, add, customer_id, people

# What breaks here is the database alone, and a cache would still know what stood there.
pytestmark = pytest.mark.usefixtures("uncached")

PROFILE = """
query ($id: ID!) {
  customer(by: { id: $id }) {
    externalId email { value warning }
    consents { name status }
    notes { totalCount nodes { body } }
    metrics { receiptCount }
    kind
    mailings { totalCount }
  }
}
"""


async def arrange(gateway: Gateway) -> dict[str, Any]:
    """A customer with something in each panel; the whole profile."""
    await people(gateway, 1, email="ada@example.com")
    await add(
        gateway,
        ConsentChange(
            customer_id=1, id=1, name="news", status=ConsentStatus.GRANTED, at=MADE_AT, source="form", actor="Ann"
        ),
        Note(customer_id=1, id=7, body="x", body_key="x", author="Ann", created_at=MADE_AT, updated_at=MADE_AT),
        CustomerMetrics(customer_id=1, receipt_count=3, purchase_count=3),
    )
    answer = await ask(gateway)
    assert answer.errors == []
    whole: dict[str, Any] = answer.data["customer"]
    return whole


async def ask(gateway: Gateway) -> Answer:
    return await gateway.ask(PROFILE, {"id": customer_id(1)})


def paths(answer: Answer) -> list[tuple[str, str]]:
    return sorted((".".join(map(str, error["path"])), error["extensions"]["code"]) for error in answer.errors)


async def run(gateway: Gateway, statement: str) -> None:
    async with gateway.store.engine.begin() as connection:
        await connection.execute(text(statement))


async def test_a_panel_whose_table_is_gone_is_null_and_the_others_are_as_before(gateway: Gateway) -> None:
    whole = await arrange(gateway)
    await run(gateway, "DROP TABLE kept_consents")
    answer = await ask(gateway)
    assert answer.status == 200
    assert answer.data["customer"] == {**whole, "consents": None}
    assert paths(answer) == [("customer.consents", "SOURCE_UNAVAILABLE")]
    assert "kept_consents" not in str(answer)
    assert "SELECT" not in str(answer)


async def test_a_panel_that_two_fields_share_fails_for_both(gateway: Gateway) -> None:
    whole = await arrange(gateway)
    await run(gateway, "DROP TABLE customer_metrics")
    answer = await ask(gateway)
    assert answer.data["customer"] == {**whole, "metrics": None, "kind": None}
    assert paths(answer) == [("customer.kind", "SOURCE_UNAVAILABLE"), ("customer.metrics", "SOURCE_UNAVAILABLE")]


async def test_a_count_that_fails_leaves_its_page_standing(gateway: Gateway) -> None:
    whole = await arrange(gateway)
    # The page reads this column and the count does not.
    await run(gateway, "ALTER TABLE notes RENAME COLUMN author TO writer")
    answer = await ask(gateway)
    assert answer.data["customer"] == {**whole, "notes": None}
    assert paths(answer) == [("customer.notes.nodes", "SOURCE_UNAVAILABLE")]
    counted = await gateway.ask(
        "query ($id: ID!) { customer(by: { id: $id }) { notes { totalCount } } }", {"id": customer_id(1)}
    )
    assert (counted.data, counted.errors) == ({"customer": {"notes": {"totalCount": 1}}}, [])


async def test_a_value_that_cannot_be_shown_is_internal_and_says_nothing_of_itself(gateway: Gateway) -> None:
    whole = await arrange(gateway)
    if gateway.dialect == "postgresql":
        await run(gateway, "ALTER TABLE kept_consents DROP CONSTRAINT ck_kept_consents_status")
    else:
        await run(gateway, "PRAGMA writable_schema = ON")
        await run(
            gateway,
            "UPDATE sqlite_schema SET sql = replace(sql, '''GRANTED''', '''SECRET'', ''GRANTED''')"
            " WHERE name = 'kept_consents'",
        )
        await gateway.store.engine.dispose()
    await run(gateway, "UPDATE kept_consents SET status = 'SECRET'")
    answer = await ask(gateway)
    assert answer.data["customer"] == {**whole, "consents": None}
    assert paths(answer) == [("customer.consents", "INTERNAL")]
    assert "SECRET" not in str(answer)


async def test_a_forbidden_panel_leaves_the_others_whole(gateway: Gateway) -> None:
    whole = await arrange(gateway)
    scopes = ["profile:read", "personal:read", "metrics:read", "mailings:read", "consents:read"]
    answer = await gateway.ask(PROFILE, {"id": customer_id(1)}, scopes=scopes)
    assert answer.data["customer"] == {**whole, "notes": None}
    assert paths(answer) == [("customer.notes", "FORBIDDEN")]


class TestAWriteThatCannotHappen:
    async def test_is_null_with_its_code_and_leaves_nothing_behind(self, gateway: Gateway) -> None:
        whole = await arrange(gateway)
        before = whole["notes"]
        # The history cannot be kept, so the note must not be either.
        await run(gateway, "DROP TABLE changes")
        mutation = """
        mutation ($id: ID!) {
          addNote(input: { customerId: $id, body: "lost" }) { note { id } userErrors { code } }
        }
        """
        answer = await gateway.ask(mutation, {"id": customer_id(1)})
        assert (answer.data, answer.codes) == ({"addNote": None}, ["INTERNAL"])
        assert "changes" not in str(answer)
        after = await ask(gateway)
        assert (after.data["customer"]["notes"], after.errors) == (before, [])


@pytest.fixture
async def impatient(postgres: Postgres) -> AsyncIterator[Gateway]:
    """A gateway whose PostgreSQL cancels every statement of more than 300 milliseconds."""
    url = await postgres.fresh()
    name = parse_address(url).url.database
    await postgres.run(f"ALTER DATABASE {name} SET statement_timeout = '300ms'")
    async with started(Settings(database_url=url, pool_size=4), load_account(), "postgresql") as running:
        yield running
    await postgres.drop(url)


async def test_a_statement_that_the_server_ends_fails_its_own_panel_alone(impatient: Gateway) -> None:
    await _stuck_consents_leave_the_others_whole(impatient, "SOURCE_UNAVAILABLE")


async def test_a_statement_that_is_stuck_fails_its_own_panel_alone(postgres: Postgres) -> None:
    url = await postgres.fresh()
    settings = Settings(database_url=url, pool_size=4, execution_timeout_seconds=1.5)
    async with started(settings, load_account(), "postgresql") as patient:
        await _stuck_consents_leave_the_others_whole(patient, "TIMEOUT")
    await postgres.drop(url)


@pytest.fixture
async def hurried(database_url: str) -> AsyncIterator[Gateway]:
    """A gateway whose operations have one second and a half."""
    dialect = parse_address(database_url).dialect
    settings = Settings(database_url=database_url, pool_size=4, execution_timeout_seconds=1.5)
    async with started(settings, load_account(), dialect) as running:
        yield running


async def test_a_statement_that_never_ends_fails_its_own_panel_alone(hurried: Gateway) -> None:
    whole = await arrange(hurried)
    await run(hurried, "ALTER TABLE kept_consents RENAME TO every_change")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT c.* FROM every_change c, n"
    await run(hurried, f"CREATE VIEW kept_consents AS {endless} WHERE n.i < 0")
    answer = await ask(hurried)
    assert answer.data["customer"] == {**whole, "consents": None}
    assert paths(answer) == [("customer.consents", "TIMEOUT")]
    await run(hurried, "DROP VIEW kept_consents")
    await run(hurried, "ALTER TABLE every_change RENAME TO kept_consents")
    again = await ask(hurried)
    assert (again.data["customer"], again.errors) == (whole, [])


async def _stuck_consents_leave_the_others_whole(gateway: Gateway, code: str) -> None:
    whole = await arrange(gateway)
    connection = await asyncpg.connect(parse_address(gateway.settings.database_url).driver_dsn)
    try:
        async with connection.transaction():
            # As a migration would hold it.
            await connection.execute("LOCK TABLE kept_consents IN ACCESS EXCLUSIVE MODE")
            answer = await ask(gateway)
    finally:
        await connection.close()
    assert answer.data["customer"] == {**whole, "consents": None}
    assert paths(answer) == [("customer.consents", code)]
    again = await ask(gateway)
    assert (again.data["customer"], again.errors) == (whole, [])
