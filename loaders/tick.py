"""The tick: the reads that became due together are run together, one hop or one connection for all of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from executor.promises import Arrival
from loaders.base import Due, Loader
from profiles.errors import DeadlineExceeded
from profiles.storage.readers import PutBack, Trips
from profiles.storage.reads import Read

# The compiled executor says when a level is complete (`close`). Under graphql-core nobody knows: there three passes of
# the event loop without a new key close a tick. With fewer, siblings that resolve at different speeds (a plain and an
# async resolver, a list of objects) fall into different ticks.
QUIET_PASSES = 3
Taken = tuple[Loader[Any, Any, Any], Due[Any, Any, Any]]
Asked = tuple[Loader[Any, Any, Any], Due[Any, Any, Any], Read[Any, Any]]


@dataclass(slots=True)
class Costs:
    """What an operation cost so far. `batches` has one entry per read: the loader's name and its number of keys.

    `cache_hits` counts keys of reads that were answered from the cache."""

    ticks: int = 0
    compile_milliseconds: float = 0
    trips: Trips = field(default_factory=Trips)
    batches: list[tuple[str, int]] = field(default_factory=list)
    redis_round_trips: int = 0
    cache_hits: int = 0


class Answers(Protocol):
    """What answers the reads of a tick: the store, or the panel cache before it."""

    async def run(self, reads: Sequence[Read[Any, Any]], trips: Trips) -> list[Mapping[Any, Any] | Exception]:
        """The answers in order; what failed is an exception in its place, and what is to be run again alone PutBack."""
        ...


class Tick:
    """The reads of one operation (and of one delivered event); never shared between operations."""

    def __init__(self, store: Answers, costs: Costs) -> None:
        self._store = store
        self._costs = costs
        self._due: dict[Loader[Any, Any, Any], None] = {}
        self._arrival = Arrival()
        self._passes = 0
        self._is_passing = False
        self._running: set[asyncio.Task[None]] = set()
        self._is_over = False
        self._loop = asyncio.get_running_loop()

    def due(self, loader: Loader[Any, Any, Any]) -> Arrival:
        """A loader got a key: it takes part in the tick that closes next, whose arrival this is."""
        self._due[loader] = None
        self._passes = QUIET_PASSES
        if not self._is_passing:
            self._is_passing = True
            self._loop.call_soon(self._pass)
        return self._arrival

    def close(self) -> None:
        """Runs what is due now: everything that could become due in this level has."""
        if self._due:
            self._start()

    def _pass(self) -> None:
        if not self._due:
            self._is_passing = False
        elif self._passes:
            self._passes -= 1
            self._loop.call_soon(self._pass)
        else:
            self._is_passing = False
            self._start()

    def _start(self) -> None:
        # Taken now: a key that is asked for while this tick's task waits for its turn belongs to the next arrival.
        taken = [(loader, due) for loader in self._due for due in loader.take()]
        arrival, self._arrival = self._arrival, Arrival()
        self._due.clear()
        if self._is_over:
            _fail(taken, _too_late(), arrival)
            return
        task = self._loop.create_task(self._run(taken, arrival))
        self._running.add(task)
        task.add_done_callback(partial(self._ended, taken, arrival))

    def _ended(self, taken: list[Taken], arrival: Arrival, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not arrival.has_come:
            # A task that is cancelled before its first step runs no line of its own.
            _fail(taken, _too_late(), arrival)

    async def _run(self, taken: list[Taken], arrival: Arrival) -> None:
        self._costs.ticks += 1
        asked: list[Asked] = []
        for loader, due in taken:
            try:
                asked.append((loader, due, loader.read(due.ids, due.group.arguments)))
            except Exception as error:  # noqa: BLE001 - as below
                loader.settle(due, error)
                continue
            self._costs.batches.append((type(loader).__name__, len(due.ids)))
        try:
            put_back = await self._answer(asked)
            while put_back:
                # One that was put back may take what time is left: the answers of the others are there by now.
                asked = put_back
                put_back = await self._answer(asked[:1]) + asked[1:]
        except asyncio.CancelledError:
            _fail(asked, _too_late(), arrival)
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a batch: a failure is its keys' value, never a hang
            _fail(asked, error, arrival)
            return
        arrival.come()

    async def _answer(self, asked: list[Asked]) -> list[Asked]:
        """Reads these together and hands over what was read; gives what was put back."""
        if not asked:
            return []
        put_back = []
        answers = await self._store.run([read for _, _, read in asked], self._costs.trips)
        for one, answer in zip(asked, answers, strict=True):
            if type(answer) is PutBack:
                put_back.append(one)
            else:
                one[0].settle(one[1], answer)
        return put_back

    def cancel(self) -> None:
        """Stops what runs and what is asked from now on: the operation is over, or its deadline has passed."""
        self._is_over = True
        for task in self._running:
            task.cancel()


def _fail(asked: Sequence[Taken | Asked], failure: Exception, arrival: Arrival) -> None:
    for loader, due, *_ in asked:
        loader.settle(due, failure)
    arrival.come()


def _too_late() -> DeadlineExceeded:
    return DeadlineExceeded("This took longer than an operation may take.")
