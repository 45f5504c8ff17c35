"""The ready queries as files: each fits the published schema, and takes the demo customer where it needs one."""

import json
from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "web" / "graphiql" / "documents"
DOCUMENTS = sorted(FOLDER.glob("*.graphql"))


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema.graphql").read_text())


def test_there_are_five_each_with_its_variables_beside_it() -> None:
    names = ["add-note", "customer-search", "live-subscription", "profile-page", "timeline"]

    assert [path.stem for path in DOCUMENTS] == names
    assert [path.stem for path in sorted(FOLDER.glob("*.json"))] == names


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_ready_query_says_what_it_shows_and_fits_the_schema_with_its_variables(
    path: Path, schema: GraphQLSchema
) -> None:
    text = path.read_text()
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    assert text.startswith("# ")
    assert validate(schema, document) == []
    variables = json.loads(path.with_suffix(".json").read_text())
    coerced = get_variable_values(schema, operation.variable_definitions or (), variables)
    assert not isinstance(coerced, list), coerced
