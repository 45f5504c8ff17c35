"""GraphQL over HTTP: what a request may look like, and what each refusal answers."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gateway_client import Gateway

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TYPENAME = "{ __typename }"
ANSWERED = {"data": {"__typename": "Query"}}
ADD_NOTE = 'mutation { addNote(input: {customerId: "x", body: "y"}) { note { id } } }'


# How HTTP is spoken does not depend on the database.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
async def bearer(gateway: Gateway) -> dict[str, str]:
    return {"Authorization": f"Bearer {await gateway.key()}"}


async def post(gateway: Gateway, bearer: dict[str, str], body: Any, **headers: str) -> httpx.Response:
    return await gateway.http.post("/graphql", json=body, headers={"Accept": RESPONSE, **bearer, **headers})


def code(response: httpx.Response) -> str:
    """The code of the only error; a refusal has no data at all."""
    answered = response.json()
    assert "data" not in answered
    (error,) = answered["errors"]
    said: str = error["extensions"]["code"]
    return said


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", RESPONSE),
        (f"{JSON};q=0.5, {RESPONSE};q=0.9", RESPONSE),
        (f"{RESPONSE}, {JSON}, text/event-stream, multipart/mixed", RESPONSE),
        (f"{JSON};q=0.5, text/event-stream;q=0.4", JSON),
        (f"{RESPONSE};q=0, */*", JSON),
    ],
)
async def test_the_answer_comes_in_the_type_that_the_client_ranks_first(
    gateway: Gateway, bearer: dict[str, str], accept: str, media: str
) -> None:
    response = await post(gateway, bearer, {"query": TYPENAME}, Accept=accept)
    assert (response.status_code, response.json()) == (200, ANSWERED) or response.json()["data"] == ANSWERED["data"]
    assert response.headers["content-type"] == f"{media}; charset=utf-8"


async def test_without_accept_the_answer_is_application_json(gateway: Gateway, bearer: dict[str, str]) -> None:
    request = gateway.http.build_request("POST", "/graphql", json={"query": TYPENAME}, headers=bearer)
    del request.headers["accept"]
    response = await gateway.http.send(request)
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_client_that_accepts_nothing_we_have_gets_406(gateway: Gateway, bearer: dict[str, str]) -> None:
    response = await post(gateway, bearer, {"query": TYPENAME}, Accept="text/html")
    assert (response.status_code, code(response)) == (406, "BAD_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_get_405_and_the_list_of_allowed_ones(
    gateway: Gateway, bearer: dict[str, str], method: str
) -> None:
    response = await gateway.http.request(method, "/graphql", headers=bearer)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_a_query_may_come_by_get(gateway: Gateway, bearer: dict[str, str]) -> None:
    parameters = {"query": "query A($x: String!) { __type(name: $x) { name } }", "variables": '{"x": "Query"}'}
    response = await gateway.http.get(
        "/graphql", params={**parameters, "operationName": "A"}, headers={**bearer, "Accept": JSON}
    )
    assert response.json()["data"] == {"__type": {"name": "Query"}}


async def test_a_mutation_by_get_is_refused_and_not_run(gateway: Gateway, bearer: dict[str, str]) -> None:
    response = await gateway.http.get("/graphql", params={"query": ADD_NOTE}, headers={**bearer, "Accept": RESPONSE})
    assert (response.status_code, response.headers["allow"], code(response)) == (405, "POST", "BAD_REQUEST")


async def test_get_without_a_key_is_refused(gateway: Gateway) -> None:
    response = await gateway.http.get("/graphql", params={"query": TYPENAME})
    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_body_that_is_not_json_gets_415(gateway: Gateway, bearer: dict[str, str], content_type: str) -> None:
    response = await gateway.http.post(
        "/graphql", content=json.dumps({"query": TYPENAME}), headers={**bearer, "Content-Type": content_type}
    )
    assert (response.status_code, code(response)) == (415, "BAD_REQUEST")


async def test_json_in_another_charset_gets_415(gateway: Gateway, bearer: dict[str, str]) -> None:
    headers = {**bearer, "Content-Type": "application/json; charset=latin-1"}
    response = await gateway.http.post("/graphql", content=json.dumps({"query": TYPENAME}), headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 7}',
        b'{"query": {}}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "{ __typename }", "extensions": "x"}',
        b'{"query": "\xff\xfe"}',
        b'{"query": "{ __typename }", "variables": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    ],
    ids=lambda body: repr(body[:60]),
)
@pytest.mark.parametrize("accept", [RESPONSE, JSON])
async def test_a_body_that_is_no_graphql_request_gets_400(
    gateway: Gateway, bearer: dict[str, str], body: bytes, accept: str
) -> None:
    response = await gateway.http.post(
        "/graphql", content=body, headers={**bearer, "Content-Type": JSON, "Accept": accept}
    )
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{", None),
        ("{ nothing }", None),
        ("query A { __typename } query B { __typename }", None),
        ("fragment F on Query { __typename }", None),
        ("query ($id: ID!) { node(id: $id) { id } }", {}),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": {"deep": 1}}),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(RESPONSE, 400), (JSON, 200)])
async def test_a_document_that_cannot_run_is_refused_without_data(
    gateway: Gateway, bearer: dict[str, str], query: str, variables: Any, accept: str, status: int
) -> None:
    response = await post(gateway, bearer, {"query": query, "variables": variables}, Accept=accept)
    assert (response.status_code, code(response)) == (status, "BAD_REQUEST")


async def test_the_named_operation_of_several_runs(gateway: Gateway) -> None:
    document = "query A { a: __typename } query B { b: __typename }"
    assert (await gateway.ask(document, operation_name="B")).data == {"b": "Query"}
    assert (await gateway.ask(document, operation_name="C")).codes == ["BAD_REQUEST"]


async def test_null_parameters_count_as_absent(gateway: Gateway, bearer: dict[str, str]) -> None:
    body = {"query": TYPENAME, "variables": None, "operationName": None, "extensions": None}
    assert (await post(gateway, bearer, body)).json()["data"] == {"__typename": "Query"}


async def test_a_body_over_the_limit_gets_413_by_its_length(gateway: Gateway, bearer: dict[str, str]) -> None:
    response = await post(gateway, bearer, {"query": TYPENAME, "variables": {"x": "y" * 256 * 1024}})
    assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_of_unsaid_length_is_counted_while_it_arrives(gateway: Gateway, bearer: dict[str, str]) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b" " * 64 * 1024

    response = await gateway.http.post("/graphql", content=endless(), headers={**bearer, "Content-Type": JSON})
    assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")
    assert taken <= 6


async def test_a_subscription_asked_for_as_one_answer_is_refused(gateway: Gateway, bearer: dict[str, str]) -> None:
    document = 'subscription { customerActivity(customerId: "x") { cursor } }'
    response = await post(gateway, bearer, {"query": document})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_every_answer_carries_its_request_id_and_is_not_stored(gateway: Gateway, bearer: dict[str, str]) -> None:
    first, second = [await post(gateway, bearer, {"query": TYPENAME}) for _ in range(2)]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["cache-control"] == "no-store"


async def test_no_foreign_page_is_told_that_it_may_call(gateway: Gateway, bearer: dict[str, str]) -> None:
    response = await post(gateway, bearer, {"query": TYPENAME}, Origin="https://elsewhere.example")
    assert "access-control-allow-origin" not in response.headers
