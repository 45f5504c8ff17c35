"""A desk: the database with its panel cache and no web before it, and places where a test can hold a step back."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from loaders import Loaders
from loaders.base import Asking
from loaders.flights import PanelCache
from loaders.kept import KeptReads
from loaders.tick import Costs, Tick
from profiles.account import load_account
from profiles.customers import Customer, SubscriptionStatus
from profiles.live.bus import MemoryBus
from profiles.moment import Moment
from profiles.notes import add_note
from profiles.storage.address import parse_address
from profiles.storage.cache import Cache, Entries, Looked, Opened, RedisCache, SqliteCache
from profiles.storage.generations import DataVersion, Generations, RedisGenerations, Uncopied
from profiles.storage.readers import Call, Outcome, Reader, Trips
from profiles.storage.remote import Remote
from profiles.storage.store import Store, open_store
from profiles.viewer import SYSTEM
from tests.people import MADE_AT

ACCOUNT = load_account()
PATIENCE_SECONDS = 10


class Barrier:
    """Holds the one who arrives until it is opened; open from the start unless it is shut."""

    def __init__(self) -> None:
        self._open, self._arrived = asyncio.Event(), asyncio.Event()
        self._open.set()

    def shut(self) -> None:
        """Whoever arrives from now on waits."""
        self._open.clear()
        self._arrived.clear()

    def open(self) -> None:
        """Lets everybody pass."""
        self._open.set()

    async def passed(self) -> None:
        """For those who are to be held."""
        self._arrived.set()
        await self._open.wait()

    async def reached(self) -> None:
        """Waits until somebody is held."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._arrived.wait()


@dataclass
class HeldReader:
    """A reader that can be held before its statements and after them, when the rows are there already."""

    reader: Reader
    before: Barrier = field(default_factory=Barrier)
    after: Barrier = field(default_factory=Barrier)

    @property
    def dialect(self) -> Any:
        return self.reader.dialect

    async def run(self, calls: Sequence[Call], trips: Trips) -> list[Outcome]:
        await self.before.passed()
        outcomes = await self.reader.run(calls, trips)
        await self.after.passed()
        return outcomes

    async def close(self) -> None:
        await self.reader.close()


@dataclass
class HeldCache:
    """A cache that can be held before it keeps."""

    cache: Cache
    keeping: Barrier = field(default_factory=Barrier)
    kept: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def has_own_versions(self) -> bool:
        return self.cache.has_own_versions

    async def look(self, wanted: Mapping[int, Collection[str] | None], identifiers: Collection[str]) -> Looked | None:
        return await self.cache.look(wanted, identifiers)

    def keep(self, entries: Mapping[int, Entries], opened: Mapping[str, Opened]) -> asyncio.Future[None]:
        sent = asyncio.ensure_future(self._keep(entries, opened))
        self.kept.append(sent)
        return sent

    async def _keep(self, entries: Mapping[int, Entries], opened: Mapping[str, Opened]) -> None:
        await self.keeping.passed()
        sent = self.cache.keep(entries, opened)
        if sent is not None:
            await sent

    async def settled(self) -> None:
        """Waits until everything that is to be kept is kept."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self.kept)

    async def close(self) -> None:
        await self.cache.close()


@dataclass
class HeldGenerations:
    """A copy of the generations that can be held after a doubt and before the commit is copied."""

    generations: Generations
    doubted: Barrier = field(default_factory=Barrier)
    copying: Barrier = field(default_factory=Barrier)

    async def doubt(self, coming: Mapping[int, int], token: str) -> None:
        await self.generations.doubt(coming, token)
        await self.doubted.passed()

    async def withdraw(self, coming: Mapping[int, int], token: str) -> None:
        await self.generations.withdraw(coming, token)

    async def reached(self, generations: Mapping[int, int]) -> bool:
        await self.copying.passed()
        return await self.generations.reached(generations)

    async def close(self) -> None:
        await self.generations.close()


@dataclass
class Desk:
    """A store with its cache, both of which can be held."""

    store: Store
    reader: HeldReader
    cache: HeldCache
    generations: HeldGenerations
    panels: PanelCache
    costs: Costs = field(default_factory=Costs)

    def operation(self) -> tuple[Loaders, KeptReads, Costs]:
        """The loaders of a new operation, what answers them, and what it costs."""
        costs = Costs()
        reads = KeptReads(self.store, self.panels, costs)
        return Loaders(Tick(reads, costs), Asking(SYSTEM, ACCOUNT, Moment(MADE_AT))), reads, costs

    async def notes(self, customer_id: int = 1) -> int:
        """How many notes the customer has, as a new operation sees it. `costs` are of that operation."""
        loaders, _, self.costs = self.operation()
        return await loaders.note_count.ask(customer_id, None)

    async def note(self, customer_id: int = 1) -> None:
        """Writes a note."""
        async with self.store.write() as unit:
            await add_note(unit, SYSTEM, customer_id, "x", MADE_AT)

    async def warm(self, customer_id: int = 1) -> int:
        """Asks for the notes until that costs nothing any more; gives their number."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                count = await self.notes(customer_id)
                if self.costs.trips.statements == 0:
                    return count
                await self.cache.settled()


@asynccontextmanager
async def opened_desk(database_url: str, redis_url: str | None, seconds: float = 60.0) -> AsyncIterator[Desk]:
    """A desk over a database: beside Valkey where there is a URL, else beside an SQLite file."""
    address = parse_address(database_url)
    generations: Generations = Uncopied()
    if redis_url is not None:
        generations = RedisGenerations(Remote.connect(redis_url))
    held = HeldGenerations(generations)
    opened = await open_store(address, MemoryBus(), pool_size=4, generations=held)
    cache: Cache = (
        RedisCache(Remote.connect(redis_url), seconds)
        if redis_url is not None
        else SqliteCache(DataVersion(address.path), seconds=seconds)
    )
    reader, held_cache = HeldReader(opened.reader), HeldCache(cache)
    panels = PanelCache(held_cache)
    try:
        yield Desk(replace(opened, reader=reader), reader, held_cache, held, panels)
    finally:
        await panels.close()
        await opened.close()


async def customers(store: Store, *ids: int) -> None:
    """Adds customers."""
    async with store.write() as unit:
        unit.session.add_all(
            Customer(
                id=id,
                external_id=f"ext-{id}",
                subscription_status=SubscriptionStatus.PENDING,
                created_at=MADE_AT,
                updated_at=MADE_AT,
            )
            for id in ids
        )
