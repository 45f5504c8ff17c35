"""The schema as a whole: everything is described, and what changes or streams something says which scope it needs."""

from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)

import profiles
from profiles.viewer import Scope
from resolvers.guard import NEEDS, GuardedField
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.schema import build_schema
from resolvers.subscription import Subscription

SCHEMA: GraphQLSchema = build_schema()._schema
OWN = [
    type for type in SCHEMA.type_map.values() if not is_introspection_type(type) and not is_specified_scalar_type(type)
]
COMPOSED = [type for type in OWN if isinstance(type, (GraphQLObjectType, GraphQLInterfaceType))]
# Who asks is known to everybody who may ask at all.
OPEN = {"viewer"}
every_own_type = pytest.mark.parametrize("type", OWN, ids=lambda type: type.name)


def fields_of(root: Any) -> dict[str, Any]:
    return {field.python_name: field for field in root.__strawberry_definition__.fields}


@every_own_type
def test_everything_is_described(type: GraphQLNamedType) -> None:
    unsaid = [] if type.description else [type.name]
    if isinstance(type, (GraphQLObjectType, GraphQLInterfaceType)):
        for name, field in type.fields.items():
            unsaid += [] if field.description else [f"{type.name}.{name}"]
            unsaid += [f"{type.name}.{name}({key}:)" for key, each in field.args.items() if not each.description]
    if isinstance(type, GraphQLInputObjectType):
        unsaid += [f"{type.name}.{name}" for name, field in type.fields.items() if not field.description]
    if isinstance(type, GraphQLEnumType):
        unsaid += [f"{type.name}.{name}" for name, value in type.values.items() if not value.description]
    assert unsaid == []


@every_own_type
def test_a_description_is_a_sentence_or_two(type: GraphQLNamedType) -> None:
    said = [type.description or ""]
    for field in getattr(type, "fields", {}).values():
        said.append(field.description or "")
        said += [each.description or "" for each in getattr(field, "args", {}).values()]
    said += [value.description or "" for value in getattr(type, "values", {}).values()]
    assert [text for text in said if text != text.strip() or not text.endswith((".", ":"))] == []


@pytest.mark.parametrize("root", [Query, Mutation, Subscription], ids=lambda root: root.__name__)
def test_every_field_of_a_root_says_its_scope_as_data_and_in_words(root: Any) -> None:
    shown = SCHEMA.type_map[root.__name__]
    assert isinstance(shown, GraphQLObjectType)
    fields = {name: field for name, field in fields_of(root).items() if name not in OPEN}
    assert fields
    for name, field in fields.items():
        assert isinstance(field, GuardedField), name
        assert field.metadata[NEEDS] in set(Scope), name
        assert f"Needs the scope `{field.metadata[NEEDS]}`." in field.description, name
    assert not set(shown.fields) - {"viewer"} - {_camel(name) for name in fields}


def test_what_writes_needs_a_scope_of_writing_and_what_streams_one_of_subscribing() -> None:
    assert {field.metadata[NEEDS].rpartition(":")[2] for field in fields_of(Mutation).values()} == {"write"}
    assert {field.metadata[NEEDS].rpartition(":")[2] for field in fields_of(Subscription).values()} == {"subscribe"}


def test_a_mutation_takes_one_input_and_answers_with_its_payload_and_user_errors() -> None:
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        assert list(field.args) == ["input"], name
        input = field.args["input"].type
        assert isinstance(input, GraphQLNonNull), name
        assert "clientMutationId" in input.of_type.fields, name
        assert isinstance(field.type, GraphQLObjectType), name
        assert str(field.type.fields["userErrors"].type) == "[UserError!]!", name
        assert not [
            key for key, each in field.type.fields.items() if key != "userErrors" and _is_strict(each.type)
        ] or (
            # A count is of what was done, which is nothing when refused.
            all(str(each.type) == "Int!" for key, each in field.type.fields.items() if key != "userErrors")
        ), name


def test_pages_have_a_default_size_and_a_connection_has_all_parts() -> None:
    for type in COMPOSED:
        for name, field in type.fields.items():
            if "first" in field.args:
                assert str(field.args["first"].type) == "Int!", f"{type.name}.{name}"
                assert field.args["first"].default_value in (10, 20), f"{type.name}.{name}"
            if str(field.type).rstrip("!").endswith("Connection"):
                assert {"first", "after"} <= set(field.args), f"{type.name}.{name}"
        if type.name.endswith("Connection"):
            assert {"edges", "nodes", "pageInfo", "totalCount"} <= set(type.fields)


def test_instants_end_in_at_and_ids_are_ids() -> None:
    odd = [
        f"{type.name}.{name}: {field.type}"
        for type in COMPOSED
        for name, field in type.fields.items()
        if (name.endswith("At") != (str(field.type).rstrip("!") == "DateTime") and name not in {"at", "dateTime"})
        or (name == "id" and str(field.type) != "ID!")
    ]
    assert odd == []


def test_no_amount_is_a_float() -> None:
    named = ("amount", "total", "price", "cost", "discount", "tax", "shipping", "subtotal", "revenue")
    floats = [
        f"{type.name}.{name}"
        for type in COMPOSED
        for name, field in type.fields.items()
        if str(field.type).rstrip("!") == "Float" and any(word in name.lower() for word in named)
    ]
    assert floats == []


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _is_strict(type: Any) -> bool:
    return isinstance(type, GraphQLNonNull)


def test_the_schema_file_is_what_the_code_says() -> None:
    written = Path(profiles.__file__).parent.with_name("schema.graphql").read_text(encoding="utf-8")
    assert written == f"{build_schema().as_str().rstrip()}\n", "run `make schema`"
