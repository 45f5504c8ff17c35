"""The store: reads run on the driver, writes in a unit that commits and only then announces."""

import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from profiles.errors import SettingsError
from profiles.live.bus import Bus
from profiles.storage.address import Address
from profiles.storage.failures import failure_of
from profiles.storage.generations import Generations, Uncopied, stamps_of
from profiles.storage.readers import (
    BUSY_TIMEOUT_MILLISECONDS,
    PATIENCE_SECONDS,
    Call,
    Outcome,
    PostgresReader,
    Reader,
    SqliteReader,
    Trips,
)
from profiles.storage.reads import DialectName, Read
from profiles.storage.unit import Keeper, ReadSession, Unit, WriteSession, forget_announced

log = logging.getLogger("profile_gateway.store")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Store:
    """The database: `run` for reads, `write` for writes."""

    address: Address
    reader: Reader
    engine: AsyncEngine
    bus: Bus
    generations: Generations = field(default_factory=Uncopied)
    keepers: tuple[Keeper, ...] = ()
    """What follows from a write, in its transaction: the memberships of segments."""
    announces: bool = True
    """False where nobody listens in this process, in a command: what happened waits in the outbox, from where a gateway
    that serves announces it."""

    @property
    def dialect(self) -> DialectName:
        """Which SQL is spoken."""
        return self.reader.dialect

    async def run(self, reads: Sequence[Read[Any, Any]], trips: Trips) -> list[Mapping[Any, Any] | Exception]:
        """The answers of the reads of one tick, in order; what failed is an exception in its place."""
        outcomes = await self.rows(reads, trips)
        return [read.collected(outcome) for read, outcome in zip(reads, outcomes, strict=True)]

    async def rows(self, reads: Sequence[Read[Any, Any]], trips: Trips) -> list[Outcome]:
        """The rows of the reads of one tick, in order; a read sees at least what those before it saw."""
        dialect = self.reader.dialect
        return await self.reader.run([_call(read, dialect) for read in reads], trips)

    async def answer(self, read: Read[Any, T]) -> Mapping[Any, T]:
        """The answer of one read outside any operation (keys, settings, jobs). Raises what went wrong."""
        (outcome,) = await self.run([read], Trips())
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """A unit of work: rows, changes, events and outbox entries in one transaction; announced after its commit.

        Raising inside rolls everything back and announces nothing. Raises Overtaken where another write was there
        first, SourceUnavailable where the database is away.
        """
        doubted: Mapping[int, int] = {}
        token = secrets.token_hex(8)
        try:
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                unit = Unit(WriteSession(ReadSession(session)), self.dialect, keepers=self.keepers)
                yield unit
                await unit.settle()
                doubted = unit.raised
                await self._doubt(doubted, token)
                # From here on only the database knows what became of it: the doubt stays until somebody has seen.
                doubted = {}
        except (SQLAlchemyError, OSError) as error:
            failure = failure_of(error)
            if failure is None:
                raise
            raise failure from error
        finally:
            if doubted:
                await self.generations.withdraw(doubted, token)
        is_copied = not unit.raised or await self.generations.reached(unit.raised)
        if unit.announcements and self.announces:
            await self.announce(unit.announcements, is_copied)

    async def _doubt(self, coming: Mapping[int, int], token: str) -> None:
        if coming:
            await self.generations.doubt(coming, token)

    async def announce_again(self, entries: Mapping[int, int]) -> None:
        """As `announce`, for events of which it is not known what was said: their generations are copied anew.

        Raises SourceUnavailable.
        """
        generations = await self.answer(stamps_of(sorted(entries)))
        await self.announce(entries, await self.generations.reached(generations))

    async def announce(self, entries: Mapping[int, int], is_copied: bool = True) -> None:
        """Announces committed events (customer to event number) and forgets them; what fails is tried by the relay, and
        so is everything where the generations could not be copied."""
        try:
            await self.bus.announce(entries)
        except ConnectionError:
            log.warning("events of %d customers wait in the outbox", len(entries))
            return
        if not is_copied:
            return
        try:
            async with self.engine.begin() as connection:
                await forget_announced(connection, entries)
        except SQLAlchemyError as error:
            # The relay announces them once more: a listener that has seen them finds nothing new.
            log.warning("the outbox could not be cleared: %s", type(error).__name__)

    async def close(self) -> None:
        """Closes every connection."""
        await self.reader.close()
        await self.engine.dispose()
        await self.bus.close()
        await self.generations.close()


def _call(read: Read[Any, Any], dialect: DialectName) -> Call:
    breadth = read.breadth
    return Call(read.statement.on(dialect, breadth == 1), read.parameters, breadth)


def write_engine(address: Address, pool_size: int = 5) -> AsyncEngine:
    """SQLAlchemy's engine for writes and migrations: on SQLite a write transaction takes the lock at its beginning,
    so that two writers wait for each other instead of failing halfway."""
    if address.dialect == "postgresql":
        return create_async_engine(
            address.url,
            pool_size=pool_size,
            pool_pre_ping=True,
            # A failed statement's parameters are personal data, and its message ends in a log.
            hide_parameters=True,
            connect_args={"timeout": 10, "command_timeout": 30, "prepared_statement_cache_size": 0},
        )
    wait = {"timeout": BUSY_TIMEOUT_MILLISECONDS / 1000}
    engine = create_async_engine(address.url, hide_parameters=True, connect_args=wait)

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def open_store(
    address: Address,
    bus: Bus,
    pool_size: int = 10,
    is_direct: bool = True,
    combines_reads: bool = True,
    generations: Generations | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    keepers: tuple[Keeper, ...] = (),
    announces: bool = True,
) -> Store:
    """Opens the database. Raises SettingsError with one sentence where it is not there.

    On PostgreSQL: `is_direct` keeps prepared statements; `combines_reads` sends the small reads of a tick as one
    statement, otherwise each is its own. `generations` is the copy that writes keep up to date. One of several
    reads that takes longer than `patience_seconds` is put back for the others. `keepers` and `announces` as in
    `Store`.
    """
    if address.dialect == "sqlite":
        if not address.path.exists():
            raise SettingsError(
                f"There is no database at {address.path}; `profile-gateway migrate` makes an empty one."
            )
        reader: Reader = SqliteReader(address.path, patience_seconds)
    else:
        try:
            reader = await PostgresReader.connect(
                address.driver_dsn, pool_size, is_direct, combines_reads, patience_seconds
            )
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            raise SettingsError(f"The database {address.shown} cannot be reached: {_short(error)}.") from error
    await bus.start()
    return Store(address, reader, write_engine(address), bus, generations or Uncopied(), keepers, announces)


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
