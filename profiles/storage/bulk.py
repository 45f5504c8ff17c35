"""Bulk loading: many rows of many tables in one transaction, on the bare driver, and never a row twice."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import Any, Protocol

import aiosqlite
import asyncpg
from sqlalchemy import ClauseElement, Executable, Float, SelectBase
from sqlmodel import SQLModel

from profiles.errors import SettingsError
from profiles.storage.address import Address, parse_address
from profiles.storage.reads import DIALECTS, DialectName, Row, table

BUSY_TIMEOUT_MILLISECONDS = 60_000
CONNECT_TIMEOUT_SECONDS = 10
SQLITE_CACHE_KIBIBYTES = 65_536
ROWS_PER_CALL = 20_000
"""Rows encoded and handed over at once, so that a large table never stands in memory twice."""

IMPORT_LOCK = 0x50524F46
"""The advisory lock of a load on PostgreSQL; on SQLite the database's own write lock does the same."""

Encoder = Callable[[Any], Any]


class Bulk(Protocol):
    """One open transaction on one connection. It commits when its block ends well, else nothing of it remains."""

    dialect: DialectName

    async def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        """Inserts the rows that break no unique rule; gives how many were really inserted.

        Values are Python values in the order of `columns` (aware datetimes, dates, StrEnums, dicts and lists for
        documents); a column that is not named gets the model's default. Foreign keys are checked: parents come first.
        """
        ...

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Runs one statement; gives its rows, decoded, where it is a SELECT, else an empty list."""
        ...


class Loader(Protocol):
    """A connection for loading."""

    dialect: DialectName

    def transaction(self) -> AbstractAsyncContextManager[Bulk]:
        """One transaction. It holds the load's lock: two loads at once take turns, chunk by chunk."""
        ...

    async def analyze(self) -> None:
        """Tells the planner what the tables hold now; after a large load the old statistics mislead it."""
        ...


@asynccontextmanager
async def bulk_load(database_url: str) -> AsyncIterator[Loader]:
    """A loader for the database, closed at the end. Raises SettingsError where the database cannot be opened."""
    address = parse_address(database_url)
    connect = _sqlite if address.dialect == "sqlite" else _postgresql
    async with connect(address) as loader:
        yield loader


@asynccontextmanager
async def _sqlite(address: Address) -> AsyncIterator[Loader]:
    try:
        # Tried first: where opening fails, aiosqlite's thread goes on talking to an event loop that may be gone.
        sqlite3.connect(address.path).close()
    except sqlite3.OperationalError as error:
        raise SettingsError(f"The SQLite database {address.path} cannot be opened: {error}.") from error
    connection = await aiosqlite.connect(address.path, isolation_level=None)
    try:
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            f"cache_size = -{SQLITE_CACHE_KIBIBYTES}",
        ):
            await connection.execute(f"PRAGMA {pragma}")
        yield _SqliteLoader(connection)
    finally:
        await connection.close()


@asynccontextmanager
async def _postgresql(address: Address) -> AsyncIterator[Loader]:
    try:
        # A load talks to the server directly or through a pool alike, so no statement is kept by name.
        connection = await asyncpg.connect(address.driver_dsn, timeout=CONNECT_TIMEOUT_SECONDS, statement_cache_size=0)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise SettingsError(f"The database {address.shown} cannot be reached ({type(error).__name__}).") from error
    try:
        yield _PostgresqlLoader(connection)
    finally:
        await connection.close()


class _SqliteLoader:
    dialect: DialectName = "sqlite"

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Bulk]:
        await self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield _SqliteBulk(self._connection)
        except BaseException:
            # A cancelled load must not leave the lock behind either.
            await asyncio.shield(self._connection.execute("ROLLBACK"))
            raise
        await self._connection.execute("COMMIT")

    async def analyze(self) -> None:
        await self._connection.execute("PRAGMA analysis_limit = 1000")
        await self._connection.execute("ANALYZE")
        await self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _SqliteBulk:
    dialect: DialectName = "sqlite"

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        if not rows:
            return 0
        target = _target(model, tuple(columns), self.dialect)
        marks = ", ".join("?" * len(target.columns))
        sql = f"INSERT INTO {target.table} ({target.names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        inserted = 0
        for batch in _batches(rows):
            cursor = await self._connection.executemany(sql, target.encoded(batch))
            inserted += cursor.rowcount
            await cursor.close()
        return inserted

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        compiled = _compiled(statement, self.dialect)
        cursor = await self._connection.execute(compiled.sql, compiled.arguments(parameters or {}))
        rows = await cursor.fetchall() if compiled.is_select else []
        await cursor.close()
        return compiled.decode(rows)


class _PostgresqlLoader:
    dialect: DialectName = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Bulk]:
        async with self._connection.transaction():
            await self._connection.execute(f"SELECT pg_advisory_xact_lock({IMPORT_LOCK})")
            yield _PostgresqlBulk(self._connection)

    async def analyze(self) -> None:
        await self._connection.execute("ANALYZE")


class _PostgresqlBulk:
    dialect: DialectName = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        if not rows:
            return 0
        # COPY knows no ON CONFLICT, so the rows arrive in a temporary table without rules and are moved from there.
        target = _target(model, tuple(columns), self.dialect)
        arrival = f"arriving_{target.table}"
        await self._connection.execute(
            f"CREATE TEMPORARY TABLE {arrival} ON COMMIT DROP AS SELECT {target.names} FROM {target.table} WITH NO DATA"
        )
        for batch in _batches(rows):
            await self._connection.copy_records_to_table(arrival, records=target.encoded(batch), columns=target.columns)
        status: str = await self._connection.execute(
            f"INSERT INTO {target.table} ({target.names}) SELECT {target.names} FROM {arrival} ON CONFLICT DO NOTHING"
        )
        await self._connection.execute(f"DROP TABLE {arrival}")
        return int(status.split()[-1])

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        compiled = _compiled(statement, self.dialect)
        return compiled.decode(await self._connection.fetch(compiled.sql, *compiled.arguments(parameters or {})))


class _Target:
    """A table and some of its columns in one dialect: how their values are encoded, and what the others default to."""

    def __init__(self, model: type[SQLModel], columns: tuple[str, ...], dialect_name: DialectName) -> None:
        declared = table(model)
        dialect = DIALECTS[dialect_name]
        self.table = str(declared.description)
        self.defaults = tuple(
            (name, field.default)
            for name, field in model.model_fields.items()
            if name not in columns and field.default is not None and not field.is_required()
        )
        self.columns = columns + tuple(name for name, _ in self.defaults)
        self.names = ", ".join(self.columns)
        encoders: list[tuple[int, Encoder]] = []
        for position, name in enumerate(columns):
            encode = declared.c[name].type.dialect_impl(dialect).bind_processor(dialect)
            if encode is not None:
                encoders.append((position, encode))
        self._encoders = tuple(encoders)
        self._constants = tuple(value for _, value in self.defaults)

    def encoded(self, rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """The rows as the driver takes them."""
        if not self._encoders and not self._constants:
            return rows
        return self._encode(rows)

    def _encode(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        encoders, constants = self._encoders, self._constants
        for row in rows:
            values = [*row, *constants]
            for position, encode in encoders:
                if values[position] is not None:
                    values[position] = encode(values[position])
            yield values


@lru_cache(maxsize=256)
def _target(model: type[SQLModel], columns: tuple[str, ...], dialect: DialectName) -> _Target:
    return _Target(model, columns, dialect)


class _Compiled:
    """Any statement in one dialect, with positional arguments."""

    def __init__(self, statement: Executable, dialect_name: DialectName) -> None:
        assert isinstance(statement, ClauseElement)
        dialect = DIALECTS[dialect_name]
        self._compiled: Any = statement.compile(dialect=dialect)
        self._dialect = dialect
        self.sql = str(self._compiled)
        self.is_select = isinstance(statement, SelectBase)
        self._decoders: list[tuple[int, Encoder]] = []
        if isinstance(statement, SelectBase):
            for position, column in enumerate(statement.selected_columns):
                if isinstance(column.type, Float):
                    continue  # both drivers give floats, and asyncpg's processor wants to know the server's type
                decode = column.type.dialect_impl(dialect).result_processor(dialect, None)
                if decode is not None:
                    self._decoders.append((position, decode))

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Literals bring binds of their own, so both are merged."""
        values = {**self._compiled.params, **parameters}
        arguments = []
        for name in self._compiled.positiontup or ():
            encode = self._compiled.binds[name].type.dialect_impl(self._dialect).bind_processor(self._dialect)
            value = values[name]
            arguments.append(encode(value) if encode is not None else value)
        return arguments

    def decode(self, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """The driver's rows as plain tuples of Python values."""
        decoded = []
        for row in rows:
            values = list(row)
            for position, decode in self._decoders:
                if values[position] is not None:
                    values[position] = decode(values[position])
            decoded.append(tuple(values))
        return decoded


@lru_cache(maxsize=64)
def _compiled(statement: Executable, dialect: DialectName) -> _Compiled:
    return _Compiled(statement, dialect)


def _batches(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    for start in itertools.count(0, ROWS_PER_CALL):
        if start >= len(rows):
            return
        yield rows[start : start + ROWS_PER_CALL]
