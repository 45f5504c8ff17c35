"""The ready queries as files: each fits the published schema, and takes the demo's household where it needs one."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from tests.ready_queries import DOCUMENTS, IDS, PAGE, PLACEHOLDERS, ReadyQuery, filled, ready_queries

OFFERED = {name: query for name, query in ready_queries().items() if query.variables is not None}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((Path(__file__).resolve().parents[2] / "schema.graphql").read_text())


def test_there_are_the_profile_page_and_eleven_screens_each_with_its_variables_beside_it() -> None:
    screens = [file for file in DOCUMENTS if file.parent.name == "screens"]
    assert [file.name for file in DOCUMENTS if file not in screens] == ["profile-page.graphql"]
    assert [file.name[:2] for file in screens] == [f"{number:02}" for number in range(1, 12)]
    beside = {file.with_suffix(".json") for file in DOCUMENTS}
    assert set((PAGE / "documents").rglob("*.json")) == beside
    operations = [name for file in beside for name in json.loads(file.read_text())["operations"]]
    assert sorted(operations) == sorted(OFFERED)


@pytest.mark.parametrize("query", OFFERED.values(), ids=OFFERED)
def test_a_ready_query_says_what_it_shows_and_fits_the_schema_with_its_variables(
    query: ReadyQuery, schema: GraphQLSchema
) -> None:
    document = parse(query.text)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))

    assert query.about.endswith(".")
    assert validate(schema, document) == []
    declared = {variable.variable.name.value for variable in operation.variable_definitions or ()}
    # Those that may be left out stand there too, as null, so that a reader sees what can be asked.
    assert declared == set(query.variables or {})
    coerced = get_variable_values(schema, operation.variable_definitions or (), query.variables or {})
    assert not isinstance(coerced, list), coerced


def test_each_placeholder_is_used_and_has_a_hint_where_the_customer_has_no_such_thing(schema: GraphQLSchema) -> None:
    assert validate(schema, parse(IDS)) == []
    used = {value for query in OFFERED.values() for value in _texts(query.variables) if value.startswith("$")}
    assert used == set(PLACEHOLDERS)
    for placeholder, said in PLACEHOLDERS.items():
        assert filled(placeholder, None) == said["hint"]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
