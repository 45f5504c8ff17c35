"""The key rules: under them the same tables run on one machine and on many."""

import pytest
from sqlalchemy import Enum, ForeignKeyConstraint, Table, UniqueConstraint, inspect, text
from sqlalchemy.dialects.postgresql import dialect as postgresql

from profiles.storage.address import parse_address
from profiles.storage.store import write_engine
from profiles.tables import METADATA

OWNED = [table for table in METADATA.sorted_tables if "customer_id" in table.c and table.name != "identifiers"]
OWNED_NAMES = {table.name for table in OWNED}
# No user-defined SQL type: such a column could not travel in a combined row.
PLAIN_TYPES = {"BIGINT", "INTEGER", "BOOLEAN", "TEXT", "VARCHAR", "DATE", "FLOAT", "BYTEA", "TIMESTAMP WITH TIME ZONE"}
# One row a customer: there is no list to order by time.
ONE_ROW = {"carts", "customer_lifecycles", "customer_metrics"}
every_table = pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
every_owned_table = pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)


def names(columns: object) -> list[str]:
    return [column.name for column in columns]  # type: ignore[attr-defined]


def foreign_keys(table: Table) -> list[tuple[list[str], str, list[str]]]:
    """Each foreign key: its columns, the table it points to, and the columns there."""
    return [
        (list(key.column_keys), key.referred_table.name, [element.column.name for element in key.elements])
        for key in table.foreign_key_constraints
    ]


def test_every_table_is_a_customers_or_the_identifiers_or_a_reference_table() -> None:
    reference = {table.name for table in METADATA.sorted_tables} - OWNED_NAMES - {"identifiers", "customers"}
    assert reference == {
        "account_generations",
        "account_views",
        "api_keys",
        "business_units",
        "campaigns",
        "categories",
        "data_sources",
        "exchange_rates",
        "import_chunks",
        "imports",
        "lifecycle_models",
        "mailings",
        "polls",
        "products",
        "repeated_calls",
        "rfm_boundaries",
        "segments",
        "stores",
        "tags",
        "target_audiences",
    }


@every_owned_table
def test_the_primary_key_starts_with_the_customer(table: Table) -> None:
    assert names(table.primary_key)[0] == "customer_id"


@every_owned_table
def test_a_foreign_key_to_a_customers_row_starts_with_the_customer_at_both_ends(table: Table) -> None:
    for columns, target, target_columns in foreign_keys(table):
        if target in OWNED_NAMES:
            assert (columns[0], target_columns[0]) == ("customer_id", "customer_id")
        elif target == "customers":
            assert (columns, target_columns) == (["customer_id"], ["id"])
        else:
            # Reference tables are the same everywhere, so their rows are named by id alone.
            assert len(columns) == 1
            assert target_columns == ["id"]


@every_owned_table
def test_the_main_index_starts_with_the_customer_and_every_other_names_them(table: Table) -> None:
    indexes = [names(index.columns) for index in table.indexes]
    assert all("customer_id" in columns for columns in indexes)
    # Lists ordered by time are read through it; without one, the primary key is the main index.
    timed = [columns for columns in indexes if any(name.endswith("at") for name in columns)]
    assert not timed or any(columns[0] == "customer_id" for columns in timed) or table.name in ONE_ROW


@every_owned_table
def test_unique_rules_contain_the_customer(table: Table) -> None:
    unique = [names(index.columns) for index in table.indexes if index.unique]
    unique += [names(rule.columns) for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    assert all("customer_id" in columns for columns in unique)


def test_identifiers_live_where_they_are_looked_up() -> None:
    table = METADATA.tables["identifiers"]
    assert names(table.primary_key) == ["kind", "value"]
    assert [names(index.columns) for index in table.indexes] == [["customer_id"]]
    assert foreign_keys(table) == [(["customer_id"], "customers", ["id"])]


@every_table
def test_the_application_makes_every_key_and_every_default(table: Table) -> None:
    for column in table.columns:
        assert column.identity is None
        assert column.server_default is None
        assert column.server_onupdate is None
        assert column.onupdate is None
        if column.primary_key:
            assert column.autoincrement is not True
            assert column.autoincrement in (False, "auto")
    assert table.autoincrement_column is None


@every_table
def test_deleting_a_row_nulls_no_other(table: Table) -> None:
    rules = [rule for rule in table.constraints if isinstance(rule, ForeignKeyConstraint)]
    assert [rule.ondelete for rule in rules] == [None] * len(rules)


@every_table
def test_no_column_has_a_type_of_its_own_in_the_database(table: Table) -> None:
    for column in table.columns:
        assert not isinstance(column.type, Enum)
        assert column.type.compile(dialect=postgresql()).removesuffix(' COLLATE "C"') in PLAIN_TYPES


async def test_the_database_has_no_triggers_no_sequences_and_no_types_of_its_own(database_url: str) -> None:
    address = parse_address(database_url)
    engine = write_engine(address)
    asked = {
        # But for those that keep the search in step, which a file needs and a server does not (ADR 0023).
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'customer_search_%'"
        " OR name = 'sqlite_sequence'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT sequencename FROM pg_sequences"
        " UNION ALL SELECT typname FROM pg_type WHERE typtype IN ('e', 'd')"
        " AND typnamespace = 'public'::regnamespace",
    }
    try:
        async with engine.connect() as connection:
            assert (await connection.execute(text(asked[address.dialect]))).all() == []
            tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    finally:
        await engine.dispose()
    assert tables >= set(METADATA.tables)
