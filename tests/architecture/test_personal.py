"""Personal data is listed once, and whoever hides it agrees with the list."""

from sqlalchemy import Float, Table
from sqlalchemy.types import String, TypeDecorator

from profiles.account import BUILT_IN_ATTRIBUTES, AttributeEntity
from profiles.columns import Choice, Day, Json
from profiles.finding.fields import FIELDS
from profiles.personal import NOT_PERSONAL, PERSONAL
from profiles.tables import METADATA
from profiles.viewer import Scope
from resolvers.customer import Customer
from resolvers.guard import NEEDS

OF_CUSTOMERS = [table for table in METADATA.sorted_tables if table.name == "customers" or "customer_id" in table.c]
# Masked instead of refused: without the scope they show enough to recognize a warning by.
MASKED = {"email", "phone"}


def telling(table: Table) -> set[str]:
    """The columns that could say something about a person: texts, days, choices, documents and measured values."""
    return {
        column.name
        for column in table.columns
        if isinstance(column.type, (String, Day, Choice, Json, Float))
        or (isinstance(column.type, TypeDecorator) and isinstance(column.type.impl_instance, String))
    }


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def test_every_column_that_could_tell_something_is_listed_as_personal_or_not() -> None:
    found = {table.name: telling(table) for table in OF_CUSTOMERS}
    listed = {name: set(PERSONAL.get(name, ())) | set(NOT_PERSONAL.get(name, ())) for name in found}
    assert listed == found


def test_no_column_is_both_and_none_is_of_a_table_that_does_not_exist() -> None:
    both = {name: PERSONAL[name] & NOT_PERSONAL.get(name, {}).keys() for name in PERSONAL}
    assert not any(both.values())
    assert PERSONAL.keys() | NOT_PERSONAL.keys() <= {table.name for table in OF_CUSTOMERS}


def test_each_column_that_is_not_personal_has_a_reason() -> None:
    assert all(reason for reasons in NOT_PERSONAL.values() for reason in reasons.values())


def test_the_fields_of_a_customer_need_the_scope_where_their_column_is_personal() -> None:
    fields = {field.python_name: field for field in Customer.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    columns = (PERSONAL["customers"] | NOT_PERSONAL["customers"].keys()) & fields.keys() - MASKED
    assert columns >= {"crm_id", "first_name", "birth_date", "address", "external_id"}
    guarded = {name for name in columns if fields[name].metadata[NEEDS] == Scope.PERSONAL_READ}
    assert guarded == PERSONAL["customers"] & columns
    assert fields["name"].metadata[NEEDS] == Scope.PERSONAL_READ


def test_filters_need_the_scope_where_their_column_is_personal() -> None:
    columns = (PERSONAL["customers"] | NOT_PERSONAL["customers"].keys()) & FIELDS.keys()
    assert columns >= MASKED
    guarded = {name for name in columns if FIELDS[name].needs == Scope.PERSONAL_READ}
    assert guarded == PERSONAL["customers"] & columns


def test_built_in_attributes_are_personal_where_their_column_is() -> None:
    built_in = {
        # What a contact is, is its column; its warning and its type say nothing of whom it reaches.
        snake(each.key.removesuffix(".value")): each.is_personal
        for each in BUILT_IN_ATTRIBUTES
        if each.entity is AttributeEntity.CUSTOMER
    }
    assert {name for name, is_personal in built_in.items() if is_personal} == PERSONAL["customers"] & built_in.keys()
