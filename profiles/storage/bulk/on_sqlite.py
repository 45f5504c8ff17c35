"""On SQLite: one connection that holds the database's write lock while it loads."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
from sqlalchemy import Executable
from sqlmodel import SQLModel

from profiles.errors import SettingsError
from profiles.storage.address import Address
from profiles.storage.bulk.encoding import Target, batches, compiled, target_of
from profiles.storage.bulk.loading import Bulk, Loader
from profiles.storage.bulk.parents import Held, Reference, references
from profiles.storage.reads import DialectName, Row

BUSY_TIMEOUT_MILLISECONDS = 60_000
CACHE_KIBIBYTES = 65_536
WRITE_AHEAD_PAGES = 65_536
"""How long the log of changes gets before it is moved into the file: 256 MB. The usual 4 MB are less than a transaction
of a load writes, so each would move its pages by itself, most of them pages that the next one changes again."""


@asynccontextmanager
async def sqlite_loader(address: Address) -> AsyncIterator[Loader]:
    """A loader for the file. Raises SettingsError where it cannot be opened."""
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
            f"cache_size = -{CACHE_KIBIBYTES}",
            "temp_store = MEMORY",
            f"wal_autocheckpoint = {WRITE_AHEAD_PAGES}",
        ):
            await connection.execute(f"PRAGMA {pragma}")
        yield _SqliteLoader(connection)
    finally:
        await connection.close()


class _SqliteLoader:
    dialect: DialectName = "sqlite"

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self, keys_in_sets: bool = False, part: str | None = None) -> AsyncIterator[Bulk]:
        # Whatever is loaded: there is one connection, and the file has one lock.
        async with self._turn, self._begun(keys_in_sets) as bulk:
            yield bulk

    @asynccontextmanager
    async def _begun(self, keys_in_sets: bool) -> AsyncIterator[Bulk]:
        # Nobody else writes during the transaction, so what the sets found there is there until the end of it.
        await self._connection.execute(f"PRAGMA foreign_keys = {'OFF' if keys_in_sets else 'ON'}")
        await self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield _SqliteBulk(self._connection, keys_in_sets)
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

    def __init__(self, connection: aiosqlite.Connection, keys_in_sets: bool) -> None:
        self._connection, self._keys_in_sets = connection, keys_in_sets
        self._held = Held()

    async def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        if not rows:
            return 0
        target = target_of(model, tuple(columns), self.dialect)
        if self._keys_in_sets:
            await self._look_for_parents(target, rows)
        marks = ", ".join("?" * len(target.columns))
        sql = f"INSERT INTO {target.table} ({target.names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        inserted = 0
        for batch in batches(rows):
            cursor = await self._connection.executemany(sql, target.encoded(batch))
            inserted += cursor.rowcount
            await cursor.close()
        if self._keys_in_sets and inserted == len(rows):
            self._held.add(target.declared, target.places, rows)
        return inserted

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        ready = compiled(statement, self.dialect)
        cursor = await self._connection.execute(ready.sql, ready.arguments(parameters or {}))
        rows = await cursor.fetchall() if ready.is_select else []
        await cursor.close()
        return ready.decode(rows)

    async def _look_for_parents(self, target: Target, rows: Sequence[Sequence[Any]]) -> None:
        for reference in references(target.declared):
            keys = self._held.others(reference, reference.keys_in(target.places, rows))
            if keys:
                cursor = await self._connection.execute(_existing(reference), (json.dumps(keys),))
                ((found,),) = await cursor.fetchall()
                await cursor.close()
                reference.check(len(keys), found)
                self._held.find(reference, keys)


def _existing(reference: Reference) -> str:
    """How many of the parents are there; the parameter is a JSON array of keys, each an array."""
    named = " AND ".join(
        f"p.{name} = json_extract(k.value, '$[{place}]')" for place, name in enumerate(reference.parent_columns)
    )
    return f"SELECT count(*) FROM json_each(?) AS k CROSS JOIN {reference.parent} AS p WHERE {named}"
