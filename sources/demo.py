"""The demo data: Complete Journey and what is generated around it, loaded chunk by chunk, resumable at each."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlmodel import SQLModel

from profiles.account import Account
from profiles.affinities.tables import COLUMNS as AFFINITY_COLUMNS
from profiles.affinities.tables import CustomerAffinities
from profiles.catalog import BusinessUnit, DataSource, Store
from profiles.customers import Customer
from profiles.ids import imported_id
from profiles.imports import begin_import, finish_chunk, finished_chunks, known_customers
from profiles.kept_counts import COLUMNS as COUNT_COLUMNS
from profiles.kept_counts import KeptCount
from profiles.purchases import PurchasedProduct
from profiles.storage.bulk import Bulk, Loader, bulk_load
from profiles.summaries import recompute_summaries
from profiles.summaries.affinities_in_hand import NO_NAMES, names_of
from profiles.summaries.in_hand import COLUMNS as PURCHASED_COLUMNS
from profiles.timeline import TimelineKind, ViewedCategory
from profiles.timeline.kinds import COLUMNS as KIND_COLUMNS
from profiles.timeline.viewed import COLUMNS as VIEW_COLUMNS
from sources.complete_journey import CompleteJourney, data_directory, read_complete_journey
from sources.complete_journey.bare import bare_household
from sources.complete_journey.calendar import Moments, clock_of
from sources.complete_journey.households import Shelves
from sources.complete_journey.stored import stored_rows
from sources.pace import pace_of_a_load
from sources.predictions import recompute_lifecycle, recompute_rfm
from sources.progress import Progress
from sources.purchased import SummedUp, summed_up_in
from sources.recommending import recompute_recommendations
from sources.rejects import Rejects
from sources.rows import SOURCE, Clock, HouseholdFacts, Rows, ShapeRows, World
from sources.shape import Reference, reference, shape_household
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from sources.shop import MAILING_SITE, SITE
from sources.summary import SUMS, Summary, TableCount, Tally, table_name

CHUNK = 100
"""Households in one transaction; on SQLite it holds the write lock for about two seconds."""

AT_ONCE = 3
"""Chunks on their way: one is made while the database takes two, or one and another waits for its turn."""

FORMAT = 3
"""Raised when the same files would become other rows, so that two kinds never meet in one database."""

REJECTS_FILE = Path("complete-journey.rejects.jsonl")
REFERENCE_CHUNK, SOURCE_CHUNK = "reference", "source"
RECOMMENDATIONS_CHUNK = "recommendations of {} households"

Shape = Callable[[HouseholdFacts, World, Clock], ShapeRows]


async def import_complete_journey(
    database_url: str,
    account: Account,
    households: int | None,
    keep_dates: bool,
    progress: Progress,
    now: datetime,
    *,
    shape: bool = True,
    directory: Path | None = None,
    rejects_file: Path = REJECTS_FILE,
    chunk_size: int = CHUNK,
) -> Summary:
    """Loads that many households (null: all) into a migrated database, with what is generated around them unless
    `shape` is off. Killed at any point and run again it goes on; run twice it inserts nothing.

    The first run decides the day that the dates lead up to. Rows that cannot be loaded go to `rejects_file`, the rest
    is loaded. Raises SettingsError where files or database cannot be read, or where the database holds the same data
    under other settings.
    """
    started = time.monotonic()
    settings = {
        "format": FORMAT,
        "keep_dates": keep_dates,
        "generated": shape,
        "currency": account.currency,
        "time_zone": account.time_zone,
    }
    tally = Tally()
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            as_of = await begin_import(bulk, SOURCE, settings, now)
            finished = await finished_chunks(bulk, SOURCE)
        if _is_complete(finished, households, chunk_size):
            return _known(finished, households, chunk_size, started)
        with pace_of_a_load():
            with Rejects(rejects_file) as rejects:
                found = directory or data_directory()
                source = read_complete_journey(found, households, rejects, progress, (SHOWCASE_HOUSEHOLD,))
            clock = clock_of(source.last_day, account.zone, as_of, keep_dates)
            load = _Load(loader, account, source, clock, shape, chunk_size, as_of, now)
            await load.run(tally, finished, progress)
            await loader.analyze()
    return Summary(
        tables=tally.tables,
        rejects=rejects.count,
        rejects_file=rejects.path if rejects.count else None,
        seconds=time.monotonic() - started,
        database_seconds=tally.seconds,
    )


async def load_demo(
    database_url: str,
    account: Account,
    households: int | None,
    progress: Progress,
    now: datetime,
    *,
    keep_dates: bool = False,
) -> Summary:
    """The demo data as `profile-gateway demo` loads it: with everything around it, and what jobs compute from it
    (the segments' rules are the command line's).

    Run again it reads no file and computes nothing. Raises SettingsError as `import_complete_journey` does.
    """
    started = time.monotonic()
    summary = await import_complete_journey(database_url, account, households, keep_dates, progress, now)
    customers = summary.tables["customers"]
    chunk = RECOMMENDATIONS_CHUNK.format(customers.inserted + customers.seen)
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            known = (await finished_chunks(bulk, SOURCE)).get(chunk)
        if known is not None:
            count = TableCount(0, known["recommendations"])
        else:
            await recompute_lifecycle(database_url, account, progress, now)
            await recompute_rfm(database_url, account, progress, now)
            count = TableCount(await recompute_recommendations(database_url, account, progress, now), 0)
            async with loader.transaction() as bulk:
                await finish_chunk(bulk, SOURCE, chunk, {"recommendations": count.inserted}, now)
    tables = {**summary.tables, "recommendations": count}
    return replace(summary, tables=tables, seconds=time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The rows of those households of a chunk whose customers are not `there`, and what they purchased and looked at,
    summed up."""

    there: set[int]
    rows: Rows
    sums: SummedUp


class _Load:
    """One run over one source, into one database."""

    def __init__(
        self,
        loader: Loader,
        account: Account,
        source: CompleteJourney,
        clock: Clock,
        shape: bool,
        chunk_size: int,
        as_of: datetime,
        now: datetime,
    ) -> None:
        self._loader, self._account, self._source, self._clock, self._now = loader, account, source, clock, now
        # A load that goes on another day sums up as the first did.
        self._as_of = as_of
        self._is_shaped, self._chunk_size = shape, chunk_size
        self._shape: Shape = shape_household if shape else bare_household
        self._reference = reference(account, clock, source.store_external_ids, source.first_day)
        if not shape:
            self._reference = _without_inventions(self._reference, account.currency)
        moments = Moments(clock)
        stores = self._reference.stores
        self._shelves = Shelves(
            catalog=source.catalog,
            stores={int(store.external_id): store for store in stores if store.external_id.isdigit()},
            campaigns=source.campaigns,
            demographics=source.demographics,
            moments=moments,
            currency=account.currency,
            rates=dict.fromkeys({store.currency for store in stores}, self._reference.rates),
        )
        self._making = asyncio.Lock()
        self._names = NO_NAMES
        self._world = World(
            account=account,
            products=source.catalog.sold,
            product_by_id={product.product_id: product for product in source.catalog.by_number.values()},
            category_names=source.catalog.category_names,
            stores=stores,
            business_units=self._reference.business_units,
            data_sources=self._reference.data_sources,
            tags=self._reference.tags,
        )

    async def run(self, tally: Tally, finished: dict[str, dict[str, int]], progress: Progress) -> None:
        """Loads every chunk that is not finished."""
        progress("Products, stores and campaigns", 0, 1)
        await self._load_reference(tally, finished)
        async with self._loader.transaction() as bulk:
            self._names = await names_of(bulk, self._account)
        progress("Products, stores and campaigns", 1, 1)
        total = len(self._source.household_ids)
        await self._load_chunks(tally, finished, progress)
        progress("Households", total, total)

    async def _load_reference(self, tally: Tally, finished: dict[str, dict[str, int]]) -> None:
        if REFERENCE_CHUNK in finished:
            tally.seen(finished[REFERENCE_CHUNK])
            return
        rows = Rows()
        rows.extend(self._reference.rows)
        rows.extend(self._source.catalog.rows(self._account.currency, SITE if self._is_shaped else None))
        rows.extend(self._source.campaigns.rows(self._shelves.moments, MAILING_SITE if self._is_shaped else None))
        async with self._loader.transaction(keys_in_sets=True) as bulk:
            offered = await tally.insert(bulk, rows)
            await finish_chunk(bulk, SOURCE, REFERENCE_CHUNK, offered, self._now)
            about = {"households": self._source.household_count}
            await finish_chunk(bulk, SOURCE, SOURCE_CHUNK, about, self._now)

    async def _load_chunks(self, tally: Tally, finished: dict[str, dict[str, int]], progress: Progress) -> None:
        """Loads all chunks, a few at once: while the database takes some, the next is made."""
        total = len(self._source.household_ids)
        chunks = _chunks(total, self._chunk_size)

        async def load_in_turn(most: int | None = None) -> None:
            for start, end in islice(chunks, most):
                progress("Households", start, total)
                await self._load_chunk(tally, start, end, _chunk_name(start, end) in finished)

        await load_in_turn(most=1)
        # Planned for empty tables, the sums of the other chunks would take several times as long.
        await self._loader.analyze()
        loading = [asyncio.create_task(load_in_turn()) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*loading)
        finally:
            for task in loading:
                task.cancel()
            await asyncio.wait(loading)

    async def _load_chunk(self, tally: Tally, start: int, end: int, is_finished: bool) -> None:
        """A household is loaded whole or not at all: one whose customer is there is left as it has become since."""
        name = _chunk_name(start, end)
        ids = [imported_id(SOURCE, "household", str(household)) for household in self._source.household_ids[start:end]]
        made = None if is_finished else await self._make(start, end, set())
        while True:
            async with self._loader.transaction(keys_in_sets=True, part=name) as bulk:
                done = (await finished_chunks(bulk, SOURCE)).get(name)
                if done is not None:
                    tally.seen(done)
                    return
                there = await known_customers(bulk, ids)
                if made is not None and made.there == there:
                    await self._store_chunk(bulk, tally, name, ids, made)
                    return
            # Made outside the transaction, so that writers wait for the inserting alone.
            made = await self._make(start, end, there)

    async def _make(self, start: int, end: int, there: set[int]) -> _Chunk:
        """One at a time: two threads would only take turns."""
        async with self._making:
            return await asyncio.to_thread(self._made, start, end, there)

    def _made(self, start: int, end: int, there: set[int]) -> _Chunk:
        households = self._source.households(start, end, self._shelves)
        items = households.lines.item_rows(households.facts)
        rows = stored_rows(
            (
                (household, self._shape(household, self._world, self._clock))
                for household in households.facts
                if household.customer_id not in there
            ),
            [item for item in items if item[0] not in there] if there else items,
            self._clock.end,
            self._account.country,
        )
        return _Chunk(there, rows, summed_up_in(rows, self._account, self._names, self._as_of))

    async def _store_chunk(self, bulk: Bulk, tally: Tally, name: str, ids: Sequence[int], chunk: _Chunk) -> None:
        offered = await tally.insert(bulk, chunk.rows)
        tally.seen({table_name(Customer): len(chunk.there)})
        new = [id for id in ids if id not in chunk.there]
        with tally.waiting(SUMS):
            await bulk.insert(PurchasedProduct, PURCHASED_COLUMNS, chunk.sums.purchased)
            await bulk.insert(CustomerAffinities, AFFINITY_COLUMNS, chunk.sums.affinities)
            await bulk.insert(TimelineKind, KIND_COLUMNS, chunk.sums.kinds)
            await bulk.insert(KeptCount, COUNT_COLUMNS, chunk.sums.counts)
            await bulk.insert(ViewedCategory, VIEW_COLUMNS, chunk.sums.views)
            await recompute_summaries(bulk, bulk.dialect, self._account, new, products=False)
        await finish_chunk(bulk, SOURCE, name, offered, self._now)


def _without_inventions(invented: Reference, currency: str) -> Reference:
    """Stores, units and sources alone, all in one currency: the files say nothing of tags, rates and newsletters."""
    kept: tuple[type[SQLModel], ...] = (BusinessUnit, DataSource, Store)
    rows = Rows({model: invented.rows.tables[model] for model in kept})
    stores = [store._replace(currency=currency) for store in invented.stores]
    return replace(invented, rows=rows, stores=stores, tags={}, rates=())


def _chunks(count: int, size: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + size, count)) for start in range(0, count, size))


def _chunk_name(start: int, end: int) -> str:
    return f"households {start} to {end}"


def _is_complete(finished: dict[str, dict[str, int]], households: int | None, chunk_size: int) -> bool:
    return SOURCE_CHUNK in finished and all(name in finished for name in _names(finished, households, chunk_size))


def _known(finished: dict[str, dict[str, int]], households: int | None, chunk_size: int, started: float) -> Summary:
    """What is answered where everything asked for had been loaded before: no file is read."""
    tally = Tally()
    for name in _names(finished, households, chunk_size):
        tally.seen(finished[name])
    return Summary(tally.tables, 0, None, time.monotonic() - started)


def _names(finished: dict[str, dict[str, int]], households: int | None, chunk_size: int) -> list[str]:
    known = finished[SOURCE_CHUNK]["households"]
    count = known if households is None else min(households, known)
    chunks = [_chunk_name(start, end) for start, end in _chunks(count, chunk_size)]
    return [REFERENCE_CHUNK, *chunks]
