"""Errors: a code of the closed list and a sentence; no library, no row and no trace of ours in any of them."""

import asyncio
import json
import logging
from typing import Any

import pytest
from sqlalchemy import text

from gateway.errors import CODES
from gateway.settings import Settings
from profiles.storage.address import parse_address
from tests.databases import Databases
from tests.gateway_client import Gateway

LIBRARIES = (
    "asyncpg",
    "sqlite",
    "sqlalchemy",
    "strawberry",
    "graphql-core",
    "pydantic",
    "starlette",
    "uvicorn",
    "traceback",
    "no such table",
    "relation",
    "maybe[",
    ".py",
    "python",
    "overflow",
    "nonetype",
)
# Readers of an SQLite file wait for nobody, and a file does not go away.
POSTGRESQL_ONLY = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
PAGE = "query ($id: ID!) { customer(by: {id: $id}) { externalId notes { totalCount nodes { createdAt } } } }"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, pool_size=4, execution_timeout_seconds=0.7)


def hides_libraries(shown: Any) -> bool:
    """Whether nothing in what is shown names what we are built of."""
    said = json.dumps(shown).lower()
    return not [word for word in LIBRARIES if word in said]


async def test_a_stream_within_a_union_is_refused_like_any_other(gateway: Gateway) -> None:
    page = '{ customer(by: {externalId: "x"}) { promoCodes { nodes { origin { __typename @stream } } } } }'
    refused = await gateway.ask(page)
    assert (refused.status, refused.codes) == (400, ["BAD_REQUEST"])
    assert "@stream" in refused.errors[0]["message"]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{", None),
        ("{ nodee }", None),
        ("{ customer { id } }", None),
        ("{ customer(by: {}) { id } }", None),
        ('{ customer(by: {id: "x", externalId: "y"}) { id } }', None),
        ("{ customer(by: {externalId: null}) { id } }", None),
        ("{ customer(by: {externalId: 7}) { id } }", None),
        ("query ($by: CustomerKey!) { customer(by: $by) { id } }", {"by": {}}),
        ("query ($by: CustomerKey!) { customer(by: $by) { id } }", {"by": {"externalId": None}}),
        ("query ($by: CustomerKey!) { customer(by: $by) { id } }", {"by": {"nonsense": 1}}),
        ("query ($by: CustomerKey!) { customer(by: $by) { id } }", {"by": [[]]}),
        ("query ($by: Nonsense!) { customer(by: $by) { id } }", {"by": {}}),
        ("{ __typename } fragment F on Query { customer(by: {id: $none}) { id } }", None),
        ("fragment F on Query { customer(by: {id: $none}) { id } } { ...F }", None),
        ('{ node(id: "x") { id } }', None),
        ('{ node(id: "&&&&") { id } }', None),
        ("{ node(id: 99999999999999999999999) { id } }", None),
        ("{ node(id: {a: 1}) { id } }", None),
        ("mutation { addNote(input: {customerId: null, body: null}) { note { id } } }", None),
        ('mutation { addNote(input: {customerId: "x", body: "y", extra: 1}) { note { id } } }', None),
        ("subscription { __typename }", None),
        ("{ __type(name: 7) { name } }", None),
    ],
)
async def test_what_the_client_did_wrong_is_bad_request_without_a_library_in_it(
    gateway: Gateway, document: str, variables: Any
) -> None:
    answer = await gateway.ask(document, variables)
    assert set(answer.codes) == {"BAD_REQUEST"}
    assert hides_libraries(answer.errors)


FIND = "query ($wanted: CustomerFilter) { customers(filter: $wanted) { totalCount } }"
RECORD = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded } }"
SALE = {
    "customer": {"externalId": "seven"},
    "externalId": "e",
    "category": "RECEIPT",
    "type": "receipt_issued",
    "occurredAt": "2026-01-01T00:00:00Z",
    "items": [{"productExternalId": "p", "quantity": "1", "unitPrice": "1"}],
}
NONSENSE = SALE | {"items": [{"productExternalId": "p", "quantity": "1", "unitPrice": "1", "currencyCode": "ZZZ"}]}


@pytest.mark.parametrize(
    ("document", "variables", "field"),
    [
        (RECORD, {"input": {"events": [SALE, NONSENSE]}}, ["input", "events", "1", "items", "0", "currencyCode"]),
        (FIND, {"wanted": {"receiptTotal": {"from": "much"}}}, ["wanted", "receiptTotal", "from"]),
        (FIND, {"wanted": {"or": [{}, {"createdAt": {"to": "today"}}]}}, ["wanted", "or", "1", "createdAt", "to"]),
        (FIND, {"wanted": {"lifecycleStage": ["NEW", "OLD"]}}, ["wanted", "lifecycleStage", "1"]),
        (FIND, {"wanted": {"poll": {"participated": True}}}, ["wanted", "poll"]),
        (FIND, {"wanted": 7}, ["wanted"]),
        (RECORD, {}, ["input"]),
    ],
)
async def test_a_variable_that_cannot_be_read_is_refused_with_the_place_in_it(
    gateway: Gateway, customer: str, document: str, variables: dict[str, Any], field: list[str]
) -> None:
    answer = await gateway.ask(document, variables)
    assert (answer.data, answer.codes) == (None, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"] == field
    assert hides_libraries(answer.errors)
    # Nothing of what was right beside it is written either.
    timeline = await gateway.ask('{ customer(by: {externalId: "seven"}) { timeline { totalCount } } }')
    assert timeline.data["customer"]["timeline"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("{ customers(filter: {and: [{}, {birthDate: {from: 7}}]}) { totalCount } }", "filter and 1 birthDate from"),
        ('{ customers(filter: {createdAt: {from: "today"}}) { totalCount } }', "filter createdAt from"),
        ("{ customers(filter: {lifecycleStage: [NEW, OLD]}) { totalCount } }", "filter lifecycleStage 1"),
        ('{ customers(first: "x") { totalCount } }', "first"),
        ("{ customers(frist: 3) { totalCount } }", "frist"),
        ("{ customers(filter: {firstNam: null}) { totalCount } }", "filter firstNam"),
        ("{ customer(by: {}) { id } }", "by"),
        ("{ customer { id } }", None),
        ("{ nope }", None),
    ],
)
async def test_a_value_in_the_document_that_cannot_be_read_is_refused_with_its_place(
    gateway: Gateway, document: str, field: str | None
) -> None:
    answer = await gateway.ask(document)
    assert (answer.data, set(answer.codes)) == (None, {"BAD_REQUEST"})
    assert answer.errors[0]["extensions"].get("field") == (None if field is None else field.split())
    assert hides_libraries(answer.errors)


@pytest.mark.parametrize("after", ["x", "", "cDF8MQ", "cDF8eHx5", "bDF8MQ"])
async def test_a_cursor_that_is_none_is_bad_cursor(gateway: Gateway, customer: str, after: str) -> None:
    panels = "externalId notes(after: $after) { nodes { id } }"
    document = f"query ($id: ID!, $after: String) {{ customer(by: {{id: $id}}) {{ {panels} }} }}"
    answer = await gateway.ask(document, {"id": customer, "after": after})
    assert (answer.codes, answer.errors[0]["path"]) == (["BAD_CURSOR"], ["customer", "notes"])
    assert answer.errors[0]["extensions"]["field"] == ["after"]
    assert answer.data == {"customer": {"externalId": "seven", "notes": None}}


@pytest.mark.parametrize("first", [101, -1])
async def test_a_page_of_an_impossible_size_is_limit_exceeded(gateway: Gateway, customer: str, first: int) -> None:
    document = "query ($id: ID!, $first: Int!) { customer(by: {id: $id}) { notes(first: $first) { nodes { id } } } }"
    answer = await gateway.ask(document, {"id": customer, "first": first})
    assert (answer.codes, answer.data) == (["LIMIT_EXCEEDED"], {"customer": {"notes": None}})
    assert answer.errors[0]["extensions"]["field"] == ["first"]


async def test_a_fragment_may_stand_before_the_operation_whose_variables_it_uses(
    gateway: Gateway, customer: str
) -> None:
    document = "fragment F on Query { customer(by: {id: $id}) { externalId } } query Q($id: ID!) { ...F }"
    answer = await gateway.ask(document, {"id": customer})
    assert (answer.data, answer.errors) == ({"customer": {"externalId": "seven"}}, [])


async def test_an_unknown_id_is_null_without_an_error(gateway: Gateway) -> None:
    answer = await gateway.ask('{ customer(by: {externalId: "nobody"}) { id } }')
    assert (answer.data, answer.errors) == ({"customer": None}, [])


async def test_a_source_that_is_away_takes_its_panel_and_no_other(
    gateway: Gateway, customer: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway.store.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE notes RENAME TO hidden"))
    answer = await gateway.ask(PAGE, {"id": customer})
    assert answer.status == 200
    assert answer.data == {"customer": {"externalId": "seven", "notes": None}}
    assert set(answer.codes) == {"SOURCE_UNAVAILABLE"}
    assert hides_libraries(answer.errors)
    assert "a source failed" in caplog.text


async def test_something_unexpected_is_internal_with_a_request_id_and_logged_once(
    gateway: Gateway, customer: str, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Further than Python can count, not further than the databases can.
    too_late = "'200000-01-01T00:00:00Z'" if dialect == "postgresql" else str(2**62)
    async with gateway.store.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO notes (customer_id, id, body, body_key, author, created_at, updated_at) "
                f"VALUES (7, 1, 'canary@example.com', 'x', 'y', {too_late}, {too_late})"
            )
        )
    response = await gateway.http.post(
        "/graphql",
        json={"query": PAGE, "variables": {"id": customer}},
        headers={"Authorization": f"Bearer {await gateway.key()}"},
    )
    answered = response.json()
    assert answered["data"] == {"customer": {"externalId": "seven", "notes": None}}
    (error,) = answered["errors"]
    request_id = response.headers["x-request-id"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": request_id}
    assert error["message"] == f"Something went wrong on our side. Request id: {request_id}."
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(logged) == 1
    assert request_id in logged[0].getMessage()
    assert "canary" not in caplog.text


async def test_expected_errors_are_not_logged(
    gateway: Gateway, customer: str, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.ask("{")
    await gateway.ask("{ nonsense }")
    await gateway.ask('{ node(id: "x") { id } }')
    await gateway.ask(PAGE, {"id": customer}, scopes=["profile:read"])
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@POSTGRESQL_ONLY
async def test_a_deadline_takes_what_is_late_and_cancels_its_sql(gateway: Gateway, customer: str) -> None:
    async with gateway.store.engine.connect() as blocker:
        await blocker.execute(text("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE"))
        answer = await gateway.ask(PAGE, {"id": customer})
        assert answer.data == {"customer": {"externalId": "seven", "notes": None}}
        assert set(answer.codes) == {"TIMEOUT"}
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with asyncio.timeout(10):
            while (await blocker.execute(text(waiting))).scalar_one():
                await asyncio.sleep(0.01)
    assert (await gateway.ask(PAGE, {"id": customer})).errors == []


@POSTGRESQL_ONLY
async def test_a_mutation_past_its_deadline_writes_nothing(gateway: Gateway, customer: str) -> None:
    add = 'mutation ($id: ID!) { addNote(input: {customerId: $id, body: "x"}) { note { id } } }'
    async with gateway.store.engine.connect() as blocker:
        await blocker.execute(text("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE"))
        answer = await gateway.ask(add, {"id": customer})
        assert (answer.data, answer.codes) == (None, ["TIMEOUT"])
    counted = await gateway.ask(PAGE, {"id": customer})
    assert counted.data["customer"]["notes"]["totalCount"] == 0


async def test_a_forbidden_panel_is_null_and_costs_nothing(gateway: Gateway, customer: str) -> None:
    answer = await gateway.ask(PAGE, {"id": customer}, scopes=["profile:read", "debug"])
    assert (answer.codes, answer.data) == (["FORBIDDEN"], {"customer": {"externalId": "seven", "notes": None}})
    assert [batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"]] == ["CustomerById"]


@POSTGRESQL_ONLY
async def test_a_database_that_is_away_is_said_with_503(gateway: Gateway, databases: Databases) -> None:
    key = await gateway.key()
    await gateway.http.get("/livez")
    await databases.drop(gateway.settings.database_url)
    assert parse_address(gateway.settings.database_url).dialect == "postgresql"
    response = await gateway.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "SOURCE_UNAVAILABLE"
    assert hides_libraries(response.json())


async def test_names_of_the_schema_are_hinted_at_only_where_it_may_be_read(gateway: Gateway) -> None:
    (hinted,) = (await gateway.ask("{ nodee }", scopes=["profile:read"])).errors
    assert "Did you mean" in hinted["message"]


def test_every_error_of_the_domain_has_a_code_that_clients_may_see() -> None:
    assert len(CODES) == 14
