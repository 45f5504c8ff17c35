"""Migrations: up and down on both databases, and the tables are what the migrations make."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect, text

from profiles.errors import SettingsError
from profiles.storage.address import parse_address
from profiles.storage.migrations import config, downgrade, head, is_declared, upgrade
from profiles.storage.store import write_engine
from profiles.tables import METADATA
from tests.databases import Databases, Postgres

SCRIPTS = ScriptDirectory.from_config(config())


async def looked(url: str, look: Any) -> Any:
    """What `look` finds in a database, given a plain connection."""
    engine = write_engine(parse_address(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def tables(connection: Connection) -> set[str]:
    found = inspect(connection).get_table_names()
    return {name for name in found if name != "alembic_version" and is_declared(name, "table")}


def checks(connection: Connection) -> set[tuple[str, str | None]]:
    inspector = inspect(connection)
    return {(table, check["name"]) for table in tables(connection) for check in inspector.get_check_constraints(table)}


def drift(connection: Connection) -> list[Any]:
    opts = {"compare_type": True, "compare_server_default": True, "include_name": is_declared}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, METADATA))


async def test_every_revision_goes_up_and_down_again(databases: Databases) -> None:
    url = await databases.empty()
    address = parse_address(url)
    revisions = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]
    for revision in revisions:
        await upgrade(address, revision)
    assert await looked(url, tables) == set(METADATA.tables)
    for _ in revisions:
        await downgrade(address, "-1")
    assert await looked(url, tables) == set()
    await upgrade(address)
    assert await looked(url, tables) == set(METADATA.tables)
    await databases.drop(url)


async def test_the_migrations_make_the_tables_as_they_are_declared(database_url: str) -> None:
    assert await looked(database_url, drift) == []


async def test_the_migrations_make_every_check(database_url: str) -> None:
    declared = {
        (table.name, check.name)
        for table in METADATA.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert await looked(database_url, checks) == declared
    assert declared


async def test_migrating_what_is_migrated_changes_nothing(database_url: str) -> None:
    await upgrade(parse_address(database_url))
    assert await looked(
        database_url,
        lambda connection: connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all(),
    ) == [head()]


async def test_processes_that_migrate_together_migrate_once(databases: Databases) -> None:
    url = await databases.empty()
    await asyncio.gather(*(upgrade(parse_address(url)) for _ in range(3)))
    assert await looked(url, tables) == set(METADATA.tables)
    await databases.drop(url)


def test_there_is_one_newest_revision() -> None:
    assert SCRIPTS.get_heads() == [head()]


def test_no_migration_imports_the_application_s_enums() -> None:
    for script in SCRIPTS.walk_revisions():
        source = Path(script.path).read_text(encoding="utf-8")
        imported = [line for line in source.splitlines() if line.startswith(("from profiles", "import profiles"))]
        assert imported in ([], ["from profiles import columns"])
        assert {"columns.Instant()", "columns.Day()"} >= {
            f"columns.{part.split('(')[0]}()" for part in source.split("columns.")[1:]
        }


async def test_a_database_that_is_away_is_said_in_a_sentence(databases: Databases, dialect: str) -> None:
    url = "sqlite:////nowhere/at/all.db" if dialect == "sqlite" else "postgresql+asyncpg://user:secret@127.0.0.1:1/name"
    with pytest.raises(SettingsError) as away:
        await upgrade(parse_address(url))
    assert ("secret" in str(away.value), str(away.value).count("\n")) == (False, 0)


async def test_the_search_has_its_trigrams(database_url: str, dialect: str) -> None:
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE name IN ('customer_search', 'customer_search_changed')",
        "postgresql": "SELECT extname FROM pg_extension WHERE extname = 'pg_trgm'"
        " UNION ALL SELECT indexname FROM pg_indexes WHERE indexname = 'ix_customers_search'",
    }
    found = await looked(database_url, lambda connection: connection.execute(text(asked[dialect])).all())
    assert len(found) == 2


async def test_who_may_not_create_the_extension_is_told_who_has_to(databases: Databases, dialect: str) -> None:
    if not isinstance(databases, Postgres):
        pytest.skip("a file has neither roles nor extensions")
    url = await databases.empty()
    name = parse_address(url).url.database
    role = f"tenant_{name}"
    await databases.run(f"CREATE ROLE {role} LOGIN", f"REVOKE CREATE ON DATABASE {name} FROM PUBLIC")
    await databases.run_in(url, f"GRANT ALL ON SCHEMA public TO {role}")
    address = parse_address(url.replace("postgres@", f"{role}@"))
    with pytest.raises(SettingsError) as refused:
        await upgrade(address)
    assert ("CREATE EXTENSION pg_trgm" in str(refused.value), str(refused.value).count("\n")) == (True, 0)
    # Where the administrator keeps extensions does not matter.
    await databases.run_in(url, "CREATE SCHEMA elsewhere", "CREATE EXTENSION pg_trgm SCHEMA elsewhere")
    await databases.run_in(url, f"GRANT USAGE ON SCHEMA elsewhere TO {role}")
    await upgrade(address)
    assert await looked(url, tables) == set(METADATA.tables)
    await databases.run_in(url, f"REASSIGN OWNED BY {role} TO postgres", f"DROP OWNED BY {role}")
    await databases.drop(url)
    await databases.run(f"DROP ROLE {role}")
