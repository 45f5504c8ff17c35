"""A panel stands on every floor under one name, is nullable, and says which scope it needs."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

import profiles
from profiles.account import load_account
from profiles.viewer import Scope
from resolvers.customer import Customer
from resolvers.guard import NEEDS, PANEL, GuardedField
from resolvers.schema import build_schema

ROOT = Path(profiles.__file__).parent.parent
FIELDS: dict[str, Any] = {field.python_name: field for field in Customer.__strawberry_definition__.fields}  # type: ignore[attr-defined]
PANELS = sorted(name for name, field in FIELDS.items() if field.metadata.get(PANEL))
# Panels that are views of one noun share the files of that noun below the resolvers.
NOUNS = {
    "abandoned_cart": "cart",
    "channel_subscriptions": "subscriptions",
    "favorite_products": "purchases",
    "favorite_stores": "purchases",
    "last_activity": "timeline",
    "live_session": "timeline",
    "purchased_products": "purchases",
}
# Derived when read from what other panels load.
DERIVED = {"reachability": "subscriptions"}
every_panel = pytest.mark.parametrize("panel", PANELS)


def exists(floor: str, name: str) -> bool:
    return (ROOT / floor / f"{name}.py").exists() or (ROOT / floor / name / "__init__.py").exists()


def test_there_are_panels() -> None:
    assert len(PANELS) >= 16


@every_panel
def test_a_panel_stands_on_every_floor(panel: str) -> None:
    noun = NOUNS.get(panel, panel)
    assert exists("profiles", noun)
    assert exists("loaders", DERIVED.get(noun, noun))
    assert exists("resolvers", panel)
    assert exists("tests/panels", f"test_{panel}")


@every_panel
def test_a_panel_is_the_function_of_its_own_module(panel: str) -> None:
    function = FIELDS[panel].base_resolver.wrapped_func
    assert (function.__module__, function.__name__) == (f"resolvers.{panel}", "panel")


@every_panel
def test_a_panel_can_be_named_by_the_account(panel: str) -> None:
    graphql_name = FIELDS[panel].graphql_name or "".join(
        part if place == 0 else part.capitalize() for place, part in enumerate(panel.split("_"))
    )
    assert graphql_name in {each.key for each in load_account().panels}


def test_the_account_names_no_panel_that_does_not_exist() -> None:
    fields = build_schema()._schema.type_map["Customer"]
    assert isinstance(fields, GraphQLObjectType)
    assert {each.key for each in load_account().panels} <= set(fields.fields)


def test_every_field_of_a_customer_but_its_id_is_nullable_and_needs_a_scope() -> None:
    shown = build_schema()._schema.type_map["Customer"]
    assert isinstance(shown, GraphQLObjectType)
    strict = [name for name, field in shown.fields.items() if isinstance(field.type, GraphQLNonNull)]
    assert strict == ["id"]
    open_to_all = [name for name, field in FIELDS.items() if not isinstance(field, GuardedField)]
    assert open_to_all == ["id"]
    assert all(field.metadata[NEEDS] in set(Scope) for name, field in FIELDS.items() if name != "id")


def test_the_contract_that_panels_do_not_know_each_other_names_every_panel() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (independent,) = [contract["modules"] for contract in contracts if contract["type"] == "independence"]
    assert sorted(independent) == [f"resolvers.{panel}" for panel in PANELS]
