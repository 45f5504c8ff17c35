"""Introspection: open by default; where it is off, the schema shows neither itself nor hints of its names."""

import pytest
from graphql import get_introspection_query

from gateway.settings import Settings
from tests.gateway_client import Gateway
from tests.work import counted_work

SCHEMA = "{ __schema { queryType { name } } }"


# The schema is the same over any database.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, introspection=False)


async def test_only_the_scope_debug_may_read_the_schema(gateway: Gateway) -> None:
    refused = await gateway.ask(SCHEMA, scopes=["profile:read"])
    assert (refused.codes, refused.data) == (["FORBIDDEN"], None)
    hidden = '{ ...F } fragment F on Query { ... { __type(name: "Query") { name } } }'
    assert (await gateway.ask(hidden, scopes=["profile:read"])).codes == ["FORBIDDEN"]
    assert (await gateway.ask(SCHEMA, scopes=["debug"])).data == {"__schema": {"queryType": {"name": "Query"}}}


async def test_its_names_are_not_hinted_at(gateway: Gateway) -> None:
    for document in (
        "{ nodee }",
        '{ node(idd: "x") { id } }',
        "{ node(id: $x) { ... on Notee { id } } }",
        # What follows the hint is shown.
        "{ customers(filter: {firstNam: null}) { totalCount } }",
    ):
        for error in (await gateway.ask(document, scopes=["profile:read"])).errors:
            assert "Did you mean" not in error["message"]
    (error,) = (await gateway.ask("{ nodee }", scopes=["debug"])).errors
    assert "Did you mean" in error["message"]


async def test_typename_is_no_introspection(gateway: Gateway) -> None:
    assert (await gateway.ask("{ __typename }", scopes=[])).data == {"__typename": "Query"}


async def test_the_schemas_description_is_put_together_once(gateway: Gateway) -> None:
    document = get_introspection_query()
    with counted_work() as once:
        first = await gateway.ask(document)
    with counted_work() as twice:
        again = await gateway.ask(document)
    assert (again.data, again.errors) == (first.data, [])
    assert twice.calls * 100 < once.calls


async def test_of_a_description_with_variables_or_parts_of_data_nothing_is_kept(gateway: Gateway) -> None:
    one = "query ($name: String!) { __type(name: $name) { name } }"
    for name in ("Query", "Note"):
        assert (await gateway.ask(one, {"name": name})).data == {"__type": {"name": name}}
    two = '{ __type(name: "Note") { name } viewer { name } }'
    names = [
        (await gateway.ask(two, scopes=scopes)).data["viewer"]["name"]
        for scopes in (["debug"], ["debug", "notes:read"])
    ]
    assert names[0] != names[1]
