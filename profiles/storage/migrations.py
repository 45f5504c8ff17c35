"""Migrations: brings a database to a revision, and says where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Select, Text, column, func, literal_column, select, table, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from profiles.errors import SettingsError
from profiles.storage.address import Address
from profiles.storage.reads import DialectName, Read, statement
from profiles.storage.store import Store, write_engine

# Any number will do as long as every process that migrates takes the same.
ADVISORY_LOCK = 7_461_201


SEARCHED = ("customer_search", "ix_customers_search")
"""What the search has in a database beside the declared tables: trigrams, on each in its own way (ADR 0023)."""


def is_declared(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether Alembic is to compare what has that name with the declared tables: its `include_name`."""
    return kind not in ("table", "index") or not (name or "").startswith(SEARCHED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database stands: its revision (None: no tables yet) and the newest one."""

    current: str | None
    head: str

    @property
    def is_at_head(self) -> bool:
        """Whether nothing is left to migrate."""
        return self.current == self.head

    @property
    def sentence(self) -> str:
        """For a person."""
        if self.is_at_head:
            return f"The database is at the newest revision, {self.head}."
        if self.current and self.current not in _revisions():
            return (
                f"The database is at revision {self.current}, which this version does not know; "
                f"its newest is {self.head}: run the version that migrated it."
            )
        at = f"at revision {self.current}" if self.current else "without tables"
        return f"The database is {at}, the newest revision is {self.head}: run `profile-gateway migrate`."


def config() -> Config:
    """Alembic's configuration; the revisions are found wherever the package `migrations` is installed."""
    spec = find_spec("migrations")
    if spec is None or spec.origin is None:
        raise SettingsError("The migrations are not installed beside the gateway: install it again.")
    settings = Config()
    settings.set_main_option("script_location", str(Path(spec.origin).parent).replace("%", "%%"))
    return settings


@cache
def head() -> str:
    """The newest revision."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    if newest is None:
        raise SettingsError("There is no migration at all: install the gateway again.")
    return newest


@cache
def _revisions() -> frozenset[str]:
    return frozenset(each.revision for each in ScriptDirectory.from_config(config()).walk_revisions())


async def upgrade(address: Address, revision: str = "head") -> None:
    """Migrates up. An SQLite file that does not exist is made. Raises SettingsError where the database is away."""
    if address.dialect == "sqlite" and not address.path.parent.is_dir():
        raise SettingsError(f"There is no folder {address.path.parent} to keep the database in.")
    await _run(address, lambda settings: command.upgrade(settings, revision))


async def downgrade(address: Address, revision: str) -> None:
    """Migrates down; `base` drops every table."""
    await _run(address, lambda settings: command.downgrade(settings, revision))


async def _run(address: Address, act: Callable[[Config], None]) -> None:
    def migrate(connection: Connection) -> None:
        settings = config()
        settings.attributes["connection"] = connection
        act(settings)

    engine = write_engine(address)
    try:
        async with engine.begin() as connection:
            if address.dialect == "postgresql":
                # Two processes that start together migrate one after the other; a busy table is not waited for long.
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
                await connection.execute(text("SET LOCAL lock_timeout = '4s'"))
            await connection.run_sync(migrate)
    except (OSError, OperationalError) as error:
        raise SettingsError(f"The database {address.shown} cannot be migrated: {_first_line(error)}.") from error
    except CommandError as error:
        raise SettingsError(f"The database {address.shown} cannot be migrated. {error}") from error
    finally:
        await engine.dispose()


@statement
def _has_revisions(dialect: DialectName) -> Select[bool]:
    if dialect == "postgresql":
        return select(func.to_regclass(literal_column("'alembic_version'")).is_not(None))
    tables = table("sqlite_master", column("name", Text()))
    return select(func.count() > 0).select_from(tables).where(tables.c.name == "alembic_version")


@statement
def _applied(dialect: DialectName) -> Select[str]:
    return select(column("version_num", Text())).select_from(table("alembic_version"))


async def standing(store: Store) -> Standing:
    """Where an open database stands. Raises SourceUnavailable where it does not answer."""
    found: Read[str, bool] = Read(_has_revisions, {}, lambda rows: {"found": bool(rows[0][0])})
    if not (await store.answer(found))["found"]:
        return Standing(None, head())
    read: Read[str, str] = Read(_applied, {}, lambda rows: {"revision": rows[0][0]} if rows else {})
    return Standing((await store.answer(read)).get("revision"), head())


def _first_line(error: BaseException) -> str:
    cause = error.orig if isinstance(error, SQLAlchemyError) and hasattr(error, "orig") else error
    lines = str(cause).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
