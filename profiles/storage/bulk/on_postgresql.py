"""On PostgreSQL: rows go by COPY straight into their tables, and around by a temporary one where some are there."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

import asyncpg
from sqlalchemy import Executable
from sqlmodel import SQLModel

from profiles.errors import SettingsError
from profiles.storage.address import Address
from profiles.storage.bulk.encoding import Target, batches, compiled, target_of
from profiles.storage.bulk.loading import Bulk, Loader
from profiles.storage.bulk.parents import Held, Reference, references
from profiles.storage.reads import DialectName, Row

CONNECT_TIMEOUT_SECONDS = 10
WORK_MEMORY = "64MB"
"""What one sort or hash of a load may take, so that summing up a chunk needs no disk."""

CONNECTIONS = 2
"""How many of a load's transactions run at once: each keeps one processor of the server busy."""

IMPORT_LOCK = 0x50524F46
"""The advisory lock of a load; on SQLite the database's own write lock does the same. Transactions for parts share it,
and each locks its part besides."""

_HAS_TRIGGERS = """
SELECT EXISTS (
    SELECT FROM pg_trigger JOIN pg_class ON pg_class.oid = pg_trigger.tgrelid
    WHERE NOT pg_trigger.tgisinternal AND pg_class.relnamespace = current_schema()::regnamespace
)
"""


@asynccontextmanager
async def postgresql_loader(address: Address) -> AsyncIterator[Loader]:
    """A loader for the database. Raises SettingsError where it cannot be reached."""
    loader = _PostgresqlLoader(address)
    try:
        async with loader.connection():
            pass
        yield loader
    finally:
        await loader.close()


class _PostgresqlLoader:
    dialect: DialectName = "postgresql"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: list[Any] = []
        self._at_once = asyncio.Semaphore(CONNECTIONS)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection that nobody else uses meanwhile. Raises SettingsError where the database cannot be reached."""
        async with self._at_once:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    @asynccontextmanager
    async def transaction(self, keys_in_sets: bool = False, part: str | None = None) -> AsyncIterator[Bulk]:
        async with self.connection() as connection, connection.transaction():
            if part is None:
                await connection.execute(f"SELECT pg_advisory_xact_lock({IMPORT_LOCK})")
            else:
                number = crc32(part.encode()) - 2**31
                await connection.execute(f"SELECT pg_advisory_xact_lock_shared({IMPORT_LOCK})")
                await connection.execute(f"SELECT pg_advisory_xact_lock({IMPORT_LOCK}, {number})")
            # Compiling a statement to machine code takes longer than running it once does.
            await connection.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'; SET LOCAL jit = off")
            yield _PostgresqlBulk(connection, keys_in_sets and await _lets_keys_alone(connection))

    async def analyze(self) -> None:
        async with self.connection() as connection:
            await connection.execute("ANALYZE")

    async def close(self) -> None:
        """Closes every connection; all are idle."""
        while self._idle:
            await self._idle.pop().close()

    async def _connect(self) -> Any:
        try:
            # Loads talk to the server directly or through a pool alike, so no statement is kept by name.
            return await asyncpg.connect(
                self._address.driver_dsn, timeout=CONNECT_TIMEOUT_SECONDS, statement_cache_size=0
            )
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            message = f"The database {self._address.shown} cannot be reached ({type(error).__name__})."
            raise SettingsError(message) from error


async def _lets_keys_alone(connection: Any) -> bool:
    """Stops the database from looking for parents until the transaction ends. Only some roles may; and the setting
    would silence triggers that somebody added to our tables, so then it stays as it is."""
    if await connection.fetchval(_HAS_TRIGGERS):
        return False
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


class _PostgresqlBulk:
    dialect: DialectName = "postgresql"

    def __init__(self, connection: Any, keys_in_sets: bool) -> None:
        self._connection, self._keys_in_sets = connection, keys_in_sets
        self._held = Held()

    async def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        if not rows:
            return 0
        target = target_of(model, tuple(columns), self.dialect)
        if self._keys_in_sets:
            await self._look_for_parents(target, rows)
        try:
            # Most rows that are loaded are new; COPY knows no ON CONFLICT, so one that is not undoes it.
            async with self._connection.transaction():
                await self._copy(target, target.table, rows)
        except asyncpg.UniqueViolationError:
            return await self._insert_new(target, rows)
        if self._keys_in_sets:
            self._held.add(target.declared, target.places, rows)
        return len(rows)

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        ready = compiled(statement, self.dialect)
        return ready.decode(await self._connection.fetch(ready.sql, *ready.arguments(parameters or {})))

    async def _insert_new(self, target: Target, rows: Sequence[Sequence[Any]]) -> int:
        """The rows arrive in a temporary table without rules, and those that are new are moved from there."""
        arrival = f"arriving_{target.table}"
        await self._connection.execute(
            f"CREATE TEMPORARY TABLE {arrival} ON COMMIT DROP AS SELECT {target.names} FROM {target.table} WITH NO DATA"
        )
        await self._copy(target, arrival, rows)
        status: str = await self._connection.execute(
            f"INSERT INTO {target.table} ({target.names}) SELECT {target.names} FROM {arrival} ON CONFLICT DO NOTHING"
        )
        await self._connection.execute(f"DROP TABLE {arrival}")
        return int(status.split()[-1])

    async def _copy(self, target: Target, into: str, rows: Sequence[Sequence[Any]]) -> None:
        for batch in batches(rows):
            await self._connection.copy_records_to_table(into, records=target.encoded(batch), columns=target.columns)

    async def _look_for_parents(self, target: Target, rows: Sequence[Sequence[Any]]) -> None:
        for reference in references(target.declared):
            keys = self._held.others(reference, reference.keys_in(target.places, rows))
            if keys:
                found = await self._connection.fetchval(_held(reference), *map(list, zip(*keys, strict=True)))
                reference.check(len(keys), found)
                self._held.find(reference, keys)


def _held(reference: Reference) -> str:
    """Locks the parents that are there, as a foreign key would until the end of the transaction, and counts them.

    The parameters are one array per column of the key, all of one length.
    """
    arrays = ", ".join(f"${place}::bigint[]" for place in range(1, len(reference.parent_columns) + 1))
    names = ", ".join(f"c{place}" for place in range(len(reference.parent_columns)))
    named = " AND ".join(f"p.{name} = k.c{place}" for place, name in enumerate(reference.parent_columns))
    return (
        "SELECT count(*) FROM ("
        f"SELECT FROM {reference.parent} AS p JOIN unnest({arrays}) AS k({names}) ON {named} FOR KEY SHARE OF p"
        ") AS held"
    )
