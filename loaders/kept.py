"""The panel cache: a tick's reads are answered from what is kept, and only what is missing goes to the database."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loaders.flights import Asked, Flight, PanelCache
from loaders.tick import Costs
from profiles.storage.cache import Entries, Found, Opened
from profiles.storage.generations import stamps_of
from profiles.storage.keeping import ACCOUNT, Whose, unpacked
from profiles.storage.readers import Outcome, Trips
from profiles.storage.reads import Read, Row
from profiles.storage.store import Store

FEW = 2
"""Of so many customers everything that is kept is fetched at once: the next ticks of the operation will ask for it."""
ROUNDS = 3
"""How often an operation waits for what another one reads before it reads by itself."""

Answers = list[Mapping[Any, Any] | Exception]


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on, beside the time: it is true as long as all these generations are current."""

    account: int
    customers: Mapping[int, int]


class KeptReads:
    """The reads of one operation. In the place of the store it answers a tick, from the cache as far as that goes.

    Rows are kept under generations that were read before them, so a commit in between only makes them useless. What is
    used was looked up after the operation began and is current beyond doubt.
    """

    def __init__(self, store: Store, panels: PanelCache, costs: Costs) -> None:
        self._store, self._cache, self._flights, self._costs = store, panels.cache, panels.flights, costs
        self._found: dict[int, Found] = {}
        self._opened: dict[str, Opened] = {}
        self._stamps: dict[int, int] = {}
        self._behind: dict[int, int] = {}
        self._owners: set[int] = set()
        self._is_covered = True
        self.has_lists = False
        """Whether there was a read of which no customer's generation, nor the account's, can speak for the rows."""

    @property
    def basis(self) -> Basis | None:
        """What the operation's answers rest on so far; None where they rest on more than generations speak for."""
        if not self._is_covered or not self._owners <= self._stamps.keys() or ACCOUNT not in self._stamps:
            return None
        customers = {owner: self._stamps[owner] for owner in self._owners if owner != ACCOUNT}
        return Basis(self._stamps[ACCOUNT], customers)

    async def run(self, reads: Sequence[Read[Any, Any]], trips: Trips) -> Answers:
        """As `Store.run`."""
        all_asked = [self._asked(read) for read in reads]
        others = [read for read, asked in zip(reads, all_asked, strict=True) if asked is None]
        if others:
            self._is_covered = False
            self.has_lists = True
        pending = [asked for asked in all_asked if asked is not None]
        if not pending or not await self._look(pending, afresh=False):
            self._is_covered = False
            outcomes = await self._store.rows(reads, trips)
            for read, outcome in zip(reads, outcomes, strict=True):
                self._note_stamps(read, outcome)
            return [read.collected(outcome) for read, outcome in zip(reads, outcomes, strict=True)]
        answers: dict[int, Mapping[Any, Any] | Exception] = {}
        for round in range(1, ROUNDS + 1):
            shared = self._divide(pending, alone=round == ROUNDS)
            outcomes = await self._load(others, pending, shared, trips)
            for read, outcome in zip(others, outcomes, strict=True):
                answers[id(read)] = read.collected(outcome)
            others = []
            await self._share(pending, shared)
            pending = [asked for asked in pending if asked.missing]
            if not pending:
                break
            await self._look(pending, afresh=True)
        return [
            asked.answer() if asked is not None else answers[id(read)]
            for read, asked in zip(reads, all_asked, strict=True)
        ]

    def _asked(self, read: Read[Any, Any]) -> Asked | None:
        """The read as one that can be answered from the cache, where it can."""
        kept = read.kept
        if kept is None:
            return None
        described = read.statement.described(self._store.dialect)
        try:
            name = kept.name(described, read.parameters)
        except TypeError:
            return None
        if described.kinds is None:
            return None
        return Asked(read, kept, name, described.kinds, kept.keys(read.parameters))

    async def _look(self, pending: Sequence[Asked], afresh: bool) -> bool:
        """Looks up what is kept; False where the cache is away."""
        identifiers = {
            asked.place(key)[1] for asked in pending if asked.kept.whose is Whose.IDENTIFIER for key in asked.missing
        }
        wanted: dict[int, set[str]] = {ACCOUNT: set()}
        for asked in pending:
            if asked.kept.whose is not Whose.IDENTIFIER:
                for key in asked.missing:
                    owner, name = asked.place(key)
                    wanted.setdefault(owner, set()).add(name)
        if not await self._look_up(wanted, identifiers, afresh):
            return False
        # Whom an identifier opens is true as long as that customer's generation is the one it was kept with.
        opened = {open_to.customer_id: set[str]() for name in identifiers if (open_to := self._opened.get(name))}
        return not opened or await self._look_up(opened, (), afresh)

    async def _look_up(self, wanted: Mapping[int, set[str]], identifiers: Collection[str], afresh: bool) -> bool:
        unseen = {
            owner: names
            for owner, names in wanted.items()
            if afresh or owner not in self._found or not self._found[owner].is_whole
        }
        if not unseen and not identifiers:
            return True
        customers = len(unseen) - (ACCOUNT in unseen)
        looked = await self._cache.look(
            {owner: None if customers <= FEW else names for owner, names in unseen.items()}, identifiers
        )
        if looked is None:
            return False
        self._costs.redis_round_trips += looked.round_trips
        self._found.update(looked.owners)
        for name in identifiers:
            self._opened.pop(name, None)
        self._opened.update(looked.opened)
        for owner, found in looked.owners.items():
            if found.generation is not None:
                # The first one stays: whatever the operation reads is at least as new as that.
                self._stamps.setdefault(owner, found.generation)
        return True

    def _divide(self, pending: Sequence[Asked], alone: bool) -> dict[tuple[int, str], Flight]:
        """Takes what is kept, and finds what others are reading; the rest is to be read. Gives what others read."""
        shared = {}
        for asked in pending:
            for key in asked.missing:
                owner, name = place = asked.place(key)
                rows = self._kept_rows(asked, key, owner, name)
                if rows is not None:
                    asked.rows[key] = rows
                    self._costs.cache_hits += 1
                    self._note(asked, key, rows)
                    continue
                flight = self._flights.get(place)
                if flight is not None and not alone and self._may_share(flight, asked, owner):
                    shared[place] = flight
        return shared

    def _kept_rows(self, asked: Asked, key: Any, owner: int, name: str) -> list[Row] | None:
        if asked.kept.whose is Whose.IDENTIFIER:
            opened = self._opened.get(name)
            if opened is None or self._found[opened.customer_id].generation != opened.generation:
                return None
            return [(key, *opened)]
        found, account = self._found[owner], self._found[ACCOUNT]
        entry = found.entry(name)
        if entry is None or found.generation is None or account.generation is None:
            return None
        return unpacked(entry, asked.kinds, found.generation, account.generation)

    def _may_share(self, flight: Flight, asked: Asked, owner: int) -> bool:
        """Whether rows that are being read are as new as this operation may expect, or can be told afterwards."""
        if asked.kept.whose is Whose.IDENTIFIER:
            return True
        found, account = self._found[owner], self._found[ACCOUNT]
        if found.is_doubted or account.is_doubted:
            return False
        if found.generation is None or account.generation is None:
            return True
        return flight.stamps == (found.generation, account.generation)

    async def _load(
        self,
        others: Sequence[Read[Any, Any]],
        pending: Sequence[Asked],
        shared: Mapping[tuple[int, str], Flight],
        trips: Trips,
    ) -> list[Outcome]:
        """Reads what is missing and nobody else reads, with the other reads; gives the rows of those."""
        parts: list[tuple[Asked, list[Any]]] = []
        for asked in pending:
            keys = [key for key in asked.missing if asked.place(key) not in shared]
            if keys:
                parts.append((asked, keys))
        if not parts and not others:
            return []
        # What brings generations goes first: they must not be newer than the rows that they stand for.
        parts.sort(key=lambda part: part[0].read.stamps is None)
        reads = [
            replace(asked.read, parameters=asked.kept.narrowed(asked.read.parameters, keys)) for asked, keys in parts
        ]
        unstamped = self._unstamped(parts)
        stamps = [stamps_of(sorted(unstamped))] if unstamped is not None else []
        own = self._begin(parts)
        try:
            outcomes = await self._store.rows([*stamps, *reads, *others], trips)
            known, of_others = outcomes[: -len(others) or None], outcomes[len(stamps) + len(reads) :]
            for read, outcome in zip([*stamps, *reads], known, strict=True):
                self._note_stamps(read, outcome)
            for (asked, keys), outcome in zip(parts, known[len(stamps) :], strict=True):
                self._take(asked, keys, outcome)
            self._end(parts, own)
            for read, outcome in zip(others, of_others, strict=True):
                # These were read last: what they say of a generation stands for nothing that was read before.
                self._note_stamps(read, outcome)
        finally:
            for place, flight in own.items():
                if not flight.rows.done():
                    flight.rows.set_result(None)
                    self._landed(place, flight)
        return of_others

    def _unstamped(self, parts: Sequence[tuple[Asked, list[Any]]]) -> set[int] | None:
        """The customers whose generation has to be read first, so that their rows can be kept; None where none has."""
        if self._cache.has_own_versions:
            return None
        told, needed = set[int](), set[int]()
        for asked, keys in parts:
            if asked.kept.whose is Whose.IDENTIFIER:
                continue
            owners = {asked.kept.owner(key) for key in keys}
            if asked.read.stamps is not None:
                told |= owners
            needed |= {
                owner for owner in (*owners, ACCOUNT) if owner not in self._stamps and not self._found[owner].is_doubted
            }
        needed -= told
        return needed - {ACCOUNT} if needed else None

    def _note_stamps(self, read: Read[Any, Any], outcome: Outcome) -> None:
        if read.stamps is None or isinstance(outcome, Exception):
            return
        place, number = read.stamps
        for row in outcome:
            owner, generation = row[place], row[number]
            if self._cache.has_own_versions:
                if ACCOUNT in self._stamps:
                    self._stamps.setdefault(owner, self._stamps[ACCOUNT])
                continue
            self._stamps.setdefault(owner, generation)
            found = self._found.get(owner)
            if found is not None and generation > (-1 if found.generation is None else found.generation):
                # The copy was not told of a commit; nobody may go on trusting it.
                self._behind[owner] = generation

    def _begin(self, parts: Iterable[tuple[Asked, list[Any]]]) -> dict[tuple[int, str], Flight]:
        """Lets others know what is being read."""
        loop = asyncio.get_running_loop()
        account = self._stamps.get(ACCOUNT)
        own = {}
        for asked, keys in parts:
            for key in keys:
                owner, _ = place = asked.place(key)
                stamp = self._stamps.get(owner) if asked.kept.whose is not Whose.IDENTIFIER else None
                stamps = (stamp, account) if stamp is not None and account is not None else None
                own[place] = self._flights[place] = Flight(stamps, loop.create_future(), loop.create_future())
        return own

    def _take(self, asked: Asked, keys: Sequence[Any], outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            asked.failure = outcome
            return
        fresh: dict[Any, list[Row]] = {key: [] for key in keys}
        for row in outcome:
            own = fresh.get(asked.kept.key_of(row))
            if own is not None:
                own.append(row)
        asked.rows |= fresh
        for key, rows in fresh.items():
            self._note(asked, key, rows)

    def _note(self, asked: Asked, key: Any, rows: Sequence[Row]) -> None:
        """Notes whose generation speaks for these rows."""
        if asked.kept.whose is Whose.IDENTIFIER and rows:
            self._owners.add(rows[0][1])
        elif asked.kept.whose is Whose.IDENTIFIER or (asked.kept.whose is Whose.REFERENCE and not rows):
            # No generation is raised when something that was not there begins to be.
            self._is_covered = False
        else:
            self._owners.add(asked.kept.owner(key))

    def _end(self, parts: Sequence[tuple[Asked, list[Any]]], own: Mapping[tuple[int, str], Flight]) -> None:
        """Hands the rows to those who wait for them, and to the cache."""
        entries: dict[int, Entries] = {}
        opened: dict[str, Opened] = {}
        account = self._stamps.get(ACCOUNT)
        for asked, keys in parts:
            for key in keys:
                owner, name = place = asked.place(key)
                rows = asked.rows.get(key, [])
                if not own[place].rows.done():
                    own[place].rows.set_result(asked.failure or rows)
                if asked.failure is not None:
                    continue
                if asked.kept.whose is Whose.IDENTIFIER:
                    if rows and rows[0][1] in self._stamps:
                        opened[name] = Opened(rows[0][1], self._stamps[rows[0][1]])
                    continue
                stamp = self._stamps.get(owner)
                if stamp is None or account is None or (asked.kept.whose is Whose.REFERENCE and not rows):
                    continue
                entries.setdefault(owner, Entries(stamp, account)).rows[name] = rows
        for owner, generation in self._behind.items():
            if self._stamps.get(owner) == generation:
                entries.setdefault(owner, Entries(generation, account or 0))
            else:
                entries[owner] = Entries(generation, account or 0)
        self._behind.clear()
        sent = self._cache.keep(entries, opened) if entries or opened else None
        for place, flight in own.items():
            if sent is None:
                self._landed(place, flight)
            else:
                sent.add_done_callback(lambda _, place=place, flight=flight: self._landed(place, flight))  # type: ignore[misc]

    def _landed(self, place: tuple[int, str], flight: Flight) -> None:
        if not flight.kept.done():
            flight.kept.set_result(None)
        if self._flights.get(place) is flight:
            del self._flights[place]

    async def _share(self, pending: Sequence[Asked], shared: Mapping[tuple[int, str], Flight]) -> None:
        """Waits for what others read and takes what may be used; the rest stays missing."""
        if not shared:
            return
        account = self._found[ACCOUNT].generation
        for asked in pending:
            for key in asked.missing:
                owner, _ = place = asked.place(key)
                flight = shared.get(place)
                if flight is None:
                    continue
                # Waited for without a claim: who is cancelled here cancels it for nobody else.
                await asyncio.wait({flight.rows})
                rows = flight.rows.result()
                known = None if asked.kept.whose is Whose.IDENTIFIER else self._found[owner].generation
                if known is None or flight.stamps != (known, account):
                    await asyncio.wait({flight.kept})
                elif isinstance(rows, Exception):
                    asked.failure = rows
                    break
                elif rows is not None:
                    asked.rows[key] = rows
                    self._costs.cache_hits += 1
                    self._note(asked, key, rows)
