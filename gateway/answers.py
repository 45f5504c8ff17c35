"""Answers: finished ones are kept in this process, and used again while everything that they rest on is as it was."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from gateway.json import as_json
from gateway.operations import Answer, Operations, Prepared, Question, profile_of
from gateway.replies import Body, with_profile
from loaders.tick import Costs
from profiles.storage.currency import Currency, Stamps
from profiles.storage.keeping import ACCOUNT
from profiles.viewer import Scope, Viewer, ViewerKind
from resolvers.context import Clock

MOST_ANSWERS = 20_000
LARGEST_BYTES = 2**20
"""What counts more is not kept: it would cost many others their place."""
OVERHEAD_BYTES = 1_500
"""What the interpreter needs around the texts of one answer, generously."""
KEPT = timedelta(seconds=60)
"""However right it still looks, no answer is used for longer."""
KEPT_FROM_CACHE = timedelta(seconds=10)
"""The same for an answer from rows that were kept themselves: they may have been a minute old."""
SOON = timedelta(seconds=2)
"""After so long a question is tried again whose answer could not be kept for a reason that may pass."""
PASSING = frozenset({"INTERNAL", "SOURCE_UNAVAILABLE", "TIMEOUT"})
ROUNDS = 2
"""How often a question waits for the answer to an equal one before it is run by itself."""


class Asked(NamedTuple):
    """What an answer depends on, beside data and time: the question, and what its asker may see.

    Not who that is: an answer that says so is never kept. The question is a digest of its document, operation name and
    variables: they can name people, who have no place in a key.
    """

    question: bytes
    kind: ViewerKind
    scopes: frozenset[str]


class Record(NamedTuple):
    """What whoever gets the answer has read, for those who count and those who are told."""

    operation_name: str | None
    rows: int
    """The breadth of the operation, as its limit counts it."""
    fields: frozenset[str]
    """Every field that it names, as `Type.field`; those that a directive left out too."""
    customer_ids: tuple[int, ...]


@dataclass(slots=True)
class Kept:
    """A finished answer without errors, and what it rests on."""

    body: Body
    has_extensions: bool
    stamps: Stamps | None
    """The generations that must be current; None: a list that may be a stated time old."""
    made_at: datetime
    until: datetime
    size: int
    record: Record


class How(StrEnum):
    """Where an answer came from, as the header `Cache-Status` says it (RFC 9211)."""

    HIT = "hit"
    STORED = "fwd=miss; stored"
    COLLAPSED = "fwd=miss; collapsed"
    MISSED = "fwd=miss"
    BYPASSED = "fwd=bypass"


class Made(NamedTuple):
    """An answer that was run for: `kept` where it could be, `answer` where it was run for this asker alone or first."""

    how: How
    kept: Kept | None
    answer: Answer | None


class Answers:
    """The answers of one process, bounded in number and bytes: what was not asked for longest goes first.

    An answer is used only where its generations are found current after its asker came, so nobody gets anything older
    than what they themselves, or anybody before them, wrote. They are those that its operation noted no later than it
    read, so what a write overtook is kept in vain and never used.
    """

    def __init__(
        self, operations: Operations, currency: Currency, clock: Clock, limit_bytes: int, list_seconds: float = 0
    ) -> None:
        self.currency = currency
        self.operations = operations
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._list = timedelta(seconds=list_seconds)
        self._kept: OrderedDict[Asked, Kept] = OrderedDict()
        self._size = 0
        self._flights: dict[Asked, asyncio.Future[Kept | None]] = {}
        self._hopeless: OrderedDict[int, datetime] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        """What is kept, in bytes, by a generous count."""
        return self._size

    def asked(self, question: Question, viewer: Viewer) -> Asked | None:
        """The question as a key; None where it has no canonical form."""
        parts = (question.query, question.operation_name, question.variables or None)
        try:
            canonical = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            return None
        return Asked(sha256(canonical).digest(), viewer.kind, viewer.scopes)

    async def find(self, asked: Asked) -> Kept | None:
        """The answer that is kept, if it is still true."""
        while (kept := self._kept.get(asked)) is not None:
            is_true = await self._is_true(kept)
            is_same = self._kept.get(asked) is kept
            if is_true:
                if is_same:
                    self._kept.move_to_end(asked)
                return kept
            if is_same:
                self._drop(asked)
            # Otherwise a newer one has come meanwhile.
        return None

    async def made(self, asked: Asked, prepared: Prepared) -> Made:
        """The answer to a query that is not kept: run now, or with others who ask the same at this moment.

        Who waits for another's answer checks it as if it had been kept, since that one may have read before.
        """
        if self._is_hopeless(asked):
            return Made(How.BYPASSED, None, await self.operations.run(prepared))
        for _ in range(ROUNDS):
            flight = self._flights.get(asked)
            if flight is None:
                return await self._lead(asked, prepared)
            await asyncio.wait({flight})
            if flight.cancelled():
                # Who ran it has left; the first of those who waited runs it now.
                continue
            kept = flight.result()
            if kept is None:
                break
            if await self._is_true(kept):
                return Made(How.COLLAPSED, kept, None)
        answer = await self.operations.run(prepared)
        kept = self._keep(asked, prepared, answer)
        return Made(How.MISSED if kept is None else How.STORED, kept, answer)

    def body(self, kept: Kept, answer: Answer | None, viewer: Viewer) -> Body:
        """The answer as this viewer gets it. Who has the scope `debug` is also told what it cost: what running it did,
        or (without `answer`) what looking it up did."""
        if not viewer.may(Scope.DEBUG):
            return kept.body
        if answer is not None and answer.extensions is not None:
            profile = answer.extensions["profile"]
        else:
            profile = profile_of(Costs(redis_round_trips=self.currency.round_trips, cache_hits=1), time.perf_counter())
        return Body(with_profile(kept.body.plain, kept.has_extensions, profile))

    async def forget_old(self) -> None:
        """Forgets again and again what no longer may be used: what was deleted elsewhere does not stay in memory."""
        while True:
            await asyncio.sleep(KEPT.total_seconds() / 2)
            self.forget_expired()

    def forget_expired(self) -> None:
        """Forgets what no longer may be used."""
        now = self._clock()
        for asked in [asked for asked, kept in self._kept.items() if kept.until <= now]:
            self._drop(asked)

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
        self._size = 0

    async def _lead(self, asked: Asked, prepared: Prepared) -> Made:
        flight: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        self._flights[asked] = flight
        kept: Kept | None = None
        try:
            answer = await self.operations.run(prepared)
            kept = self._keep(asked, prepared, answer)
        except asyncio.CancelledError:
            flight.cancel()
            raise
        finally:
            del self._flights[asked]
            if not flight.done():
                flight.set_result(kept)
        return Made(How.MISSED if kept is None else How.STORED, kept, answer)

    async def _is_true(self, kept: Kept) -> bool:
        # The clock before the copy: the longest part of the way is waiting for that.
        if not kept.made_at <= self._clock() < kept.until:
            return False
        return kept.stamps is None or await self.currency.holds(kept.stamps)

    def _keep(self, asked: Asked, prepared: Prepared, answer: Answer) -> Kept | None:
        kept = self._made(asked, prepared, answer)
        if kept is None:
            return None
        if kept.size > LARGEST_BYTES:
            self._note_hopeless(asked, kept.made_at + KEPT)
            return None
        self._drop(asked)
        self._kept[asked] = kept
        self._size += kept.size
        while self._size > self._limit_bytes or len(self._kept) > MOST_ANSWERS:
            self._drop(next(iter(self._kept)))
        return kept

    def _made(self, asked: Asked, prepared: Prepared, answer: Answer) -> Kept | None:
        """The answer as it may be kept; None where it may not."""
        context, basis, now = prepared.context, prepared.context.basis, self._clock()
        codes = {error["extensions"]["code"] for error in answer.errors}
        is_list = basis is None and context.has_lists
        if codes or context.is_about_viewer or context.moment.is_only_now or (is_list and not self._list):
            self._note_hopeless(asked, now + (SOON if codes & PASSING else KEPT))
            return None
        if basis is None and not is_list:
            self._note_hopeless(asked, now + SOON)
            return None
        lives = KEPT_FROM_CACHE if context.costs.cache_hits and self.currency.round_trips else KEPT
        if basis is None:
            lives = self._list
        until = min(now + lives, context.moment.true_until or now + lives)
        extensions = {name: value for name, value in (answer.extensions or {}).items() if name != "profile"}
        body: dict[str, Any] = {"data": answer.data}
        plain = as_json(body | {"extensions": extensions} if extensions else body)
        name = prepared.operation.name
        record = Record(
            name.value if name else None,
            prepared.rows,
            self.operations.fields(prepared),
            tuple(basis.customers) if basis is not None else (),
        )
        # As many bytes again for its form as gzip, which may come later.
        size = 2 * len(plain) + OVERHEAD_BYTES
        stamps = None if basis is None else {ACCOUNT: basis.account, **basis.customers}
        return Kept(Body(plain), bool(extensions), stamps, now, until, size, record)

    def _drop(self, asked: Asked) -> None:
        kept = self._kept.pop(asked, None)
        if kept is not None:
            self._size -= kept.size

    def _is_hopeless(self, asked: Asked) -> bool:
        until = self._hopeless.get(hash(asked))
        return until is not None and self._clock() < until

    def _note_hopeless(self, asked: Asked, until: datetime) -> None:
        # The hash alone: a question that happens to share it is run by itself, which is never wrong.
        self._hopeless[hash(asked)] = until
        self._hopeless.move_to_end(hash(asked))
        if len(self._hopeless) > MOST_ANSWERS:
            self._hopeless.popitem(last=False)
