"""Readers: run the statements of one tick on the bare driver, because a session would cost ten times as much."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from profiles.errors import SourceUnavailable
from profiles.storage.connections import Connection, Connections
from profiles.storage.prepared import DialectName, Prepared, Row, combined

log = logging.getLogger("profile_gateway.readers")
SQLITE_THREADS = 4
BUSY_TIMEOUT_MILLISECONDS = 5_000
PATIENCE_SECONDS = 2.0
"""Reads take milliseconds. One of several that takes so long is put back, so that the others need not wait for it."""
STATEMENTS_KEPT = 256
"""Prepared statements that each connection keeps; a combined one takes some hundred kilobytes of the server."""
FEW_ROWS = 40
"""A read of many keys that may bring more rows than this is not combined: inside a combined statement every value
carries its type, which costs more than the round trip that it saves."""
EVERY_ARRAY = "SELECT array(SELECT row(1))"
"""The driver asks the server about each type of array that it meets, but cannot ask about one inside a row; so it meets
them all when it connects."""
Outcome = list[Row] | Exception


class PutBack(Exception):
    """A read took so long that the others went on without it: it is to be run again, alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """One statement to run, with its read's parameters, and how many keys it is about."""

    prepared: Prepared
    parameters: Mapping[str, Any]
    breadth: int

    @property
    def is_combinable(self) -> bool:
        """Whether running it as a part of a larger statement pays."""
        is_small = self.breadth == 1 or self.breadth * self.parameters.get("limit", 1) <= FEW_ROWS
        return is_small and not self.prepared.is_planned_by_values


@dataclass(slots=True)
class Trips:
    """What a tick cost: reads answered, statements sent for them, and waits for the database."""

    statements: int = 0
    round_trips: int = 0
    reads: int = 0


class Reader(Protocol):
    """Runs statements; a failure is an outcome of its statement, not of the others.

    Of several, one that takes longer than the reader's patience is PutBack. A single one has all the time it needs.
    """

    dialect: DialectName

    async def run(self, calls: Sequence[Call], trips: Trips) -> list[Outcome]:
        """The rows of each call, in order, or what went wrong with it."""
        ...

    async def close(self) -> None:
        """Gives everything back."""
        ...


class SqliteReader:
    """A few threads, each with its own read-only connection; one hop runs a whole tick.

    (aiosqlite would need a hop per statement: 770 microseconds for eight reads, against 199 here.)
    """

    dialect: DialectName = "sqlite"

    def __init__(self, path: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._path = path
        self._patience_seconds = patience_seconds
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._pool = ThreadPoolExecutor(SQLITE_THREADS, thread_name_prefix="sqlite-read")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
            )
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
            connection.execute("PRAGMA query_only = 1")
            connection.execute("PRAGMA mmap_size = 268435456")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _run(self, calls: Sequence[Call], holder: list[sqlite3.Connection]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            connection = self._connection()
        except sqlite3.Error as error:
            return [_unavailable(error)] * len(calls)
        holder.append(connection)
        for call in calls:
            prepared = call.prepared
            try:
                rows = connection.execute(prepared.sql, prepared.arguments(call.parameters)).fetchall()
                outcomes.append(prepared.decode_tuples(rows))
            except sqlite3.Error as error:
                is_interrupted = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
                outcomes.append(PutBack() if is_interrupted else _unavailable(error))
            except Exception as error:  # noqa: BLE001 - a row that cannot be read fails its own read alone
                outcomes.append(error)
        return outcomes

    async def run(self, calls: Sequence[Call], trips: Trips) -> list[Outcome]:
        trips.reads += len(calls)
        trips.statements += len(calls)
        trips.round_trips += 1
        holder: list[sqlite3.Connection] = []
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._pool, self._run, calls, holder)
        try:
            if len(calls) > 1:
                with _Impatience(holder, self._patience_seconds):
                    return await running
            return await running
        except asyncio.CancelledError:
            # The deadline has passed: stop the statement too, or its thread stays busy for nobody.
            _interrupt(holder)
            raise

    async def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._connections:
            connection.close()
        self._connections.clear()


class PostgresReader:
    """The reads of a tick on one connection: the small ones as one statement, the others one after another."""

    dialect: DialectName = "postgresql"

    def __init__(self, connections: Connections, combines: bool, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._connections = connections
        self._combines = combines
        self._patience_seconds = patience_seconds

    @classmethod
    async def connect(
        cls, dsn: str, size: int, is_direct: bool, combines: bool, patience_seconds: float = PATIENCE_SECONDS
    ) -> "PostgresReader":
        """Opens the first connection. Prepared statements are kept only on direct connections: through PgBouncer in
        transaction mode they could answer with another statement's rows."""

        async def connection() -> Connection:
            opened = await asyncpg.connect(
                dsn,
                timeout=10,
                command_timeout=15,
                statement_cache_size=STATEMENTS_KEPT if is_direct else 0,
                # A combined statement is longer than asyncpg would keep, and none becomes wrong with age.
                max_cacheable_statement_size=0,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": "profile-gateway"},
            )
            try:
                await opened.fetchrow(EVERY_ARRAY)
            except BaseException:
                opened.terminate()
                raise
            return opened

        connections = Connections(connection, size)
        connections.give(await connections.take())
        return cls(connections, combines, patience_seconds)

    async def run(self, calls: Sequence[Call], trips: Trips) -> list[Outcome]:
        trips.reads += len(calls)
        outcomes: list[Outcome] = []
        try:
            connection = await self._connections.take()
            is_cancelled = False
            try:
                seconds = self._patience_seconds if len(calls) > 1 else None
                for together in self._grouped(calls):
                    outcomes += await _run_together(connection, together, trips, seconds)
            except asyncio.CancelledError:
                is_cancelled = True
                raise
            finally:
                self._connections.give(connection, is_cancelled)
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError, TimeoutError) as error:
            outcomes.extend([_unavailable(error)] * (len(calls) - len(outcomes)))
        return outcomes

    def _grouped(self, calls: Sequence[Call]) -> Iterable[Sequence[Call]]:
        """Neighbours that can be one statement, in the given order: a read sees what those before it saw."""
        if not self._combines:
            return [(call,) for call in calls]
        groups: list[list[Call]] = []
        for call in calls:
            if call.is_combinable and groups and groups[-1][0].is_combinable:
                groups[-1].append(call)
            else:
                groups.append([call])
        return groups

    async def close(self) -> None:
        await self._connections.close()


async def _run_together(
    connection: Connection, calls: Sequence[Call], trips: Trips, seconds: float | None
) -> list[Outcome]:
    """Runs several as one statement. Where that fails or takes too long they run one by one, so that the one to blame
    fails or is put back alone."""
    if len(calls) > 1:
        try:
            statement = combined(tuple([call.prepared for call in calls]))
            arguments = [argument for call in calls for argument in call.prepared.arguments(call.parameters)]
            trips.statements += 1
            trips.round_trips += 1
            (record,) = await connection.fetch(statement.sql, *arguments, timeout=seconds)
            return statement.decode(record)
        except TimeoutError:
            log.warning("%d reads together took longer than %g s", len(calls), seconds)
        except (OSError, asyncpg.InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the read that it belongs to meets it again
            log.warning("%d reads could not be one statement: %s", len(calls), type(error).__name__)
    return [await _run_alone(connection, call, trips, seconds) for call in calls]


async def _run_alone(connection: Connection, call: Call, trips: Trips, seconds: float | None) -> Outcome:
    prepared = call.prepared
    try:
        arguments = prepared.arguments(call.parameters)
        trips.statements += 1
        trips.round_trips += 1
        return prepared.decode(await connection.fetch(prepared.sql, *arguments, timeout=seconds))
    except TimeoutError as error:
        # The statement was cancelled; the connection goes on with the next.
        return _unavailable(error) if seconds is None else PutBack()
    except asyncpg.PostgresError as error:
        return _unavailable(error)
    except (OSError, asyncpg.InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - a row that cannot be read fails its own read alone
        return error


class _Impatience:
    """While it lasts, ends after every so many seconds the statement that is running then; its thread goes on."""

    __slots__ = ("_connections", "_loop", "_seconds", "_timer")

    def __init__(self, connections: Iterable[sqlite3.Connection], seconds: float) -> None:
        self._connections, self._seconds = connections, seconds
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> None:
        self._timer = self._loop.call_later(self._seconds, self._end)

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        _interrupt(self._connections)
        self._timer = self._loop.call_later(self._seconds, self._end)


def _interrupt(connections: Iterable[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.interrupt()


def _unavailable(error: Exception) -> SourceUnavailable:
    failure = SourceUnavailable("The data could not be read; try again shortly.")
    failure.__cause__ = error
    return failure
