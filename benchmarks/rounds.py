"""Rounds: every stack in turn under the same load, round after round, and what each request costs in processor time."""

import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.crowd import Size
from benchmarks.load import Job, Load
from benchmarks.servers import cpu_seconds
from benchmarks.stacks import LIST, PROFILE_PAGE, Page, Stack

Q1, Q2, REPEATED, UNSEEN, BIG = "Q1", "Q2", "Q1 repeated", "Q1 unseen", "Q1 of the longest history"
DOCUMENTS = {Q1: PROFILE_PAGE, Q2: LIST, REPEATED: PROFILE_PAGE, UNSEEN: PROFILE_PAGE, BIG: PROFILE_PAGE}
COLD, CACHED, NAIVE, LIMIT, POSTGRAPHILE, GET = (
    "gateway", "gateway with caches", "naive", "limit", "PostGraphile", "bare GET",
)  # fmt: skip
ALONE, CROWDED = 1, 16
"""Connections."""

PAGES_IN_TURN = 400
REPEATED_PAGES = 50
UNSEEN_PAGES = 200
PAGES_SEED = 7
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that is measured once a round: requests of one kind to one stack, over so many connections."""

    stack: str
    measure: str
    connections: int

    @property
    def key(self) -> str:
        """Its name in the results."""
        return f"{self.stack}|{self.measure}|{self.connections}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: a warm-up and a measured time in each cell of each round."""

    rounds: int
    seconds: float
    warmup_seconds: float
    unseen: int = UNSEEN_PAGES


def places(found: Sequence[tuple[str, int]]) -> list[Page]:
    """The pages of the list whose beginnings were found, the first page among them."""
    return [Page(LIST), *(Page(LIST, number=number, at=at, last_id=id) for number, (at, id) in enumerate(found, 1))]


def pages_of(measure: str, size: Size, list_pages: Sequence[Page]) -> list[Page]:
    """What is asked for in turn."""
    if measure == Q2:
        ids = Size(len(list_pages)).ordinary_ids(PAGES_IN_TURN, PAGES_SEED)
        return [list_pages[id % len(list_pages)] for id in ids]
    if measure == BIG:
        return [Page(PROFILE_PAGE, size.big_id)]
    count = REPEATED_PAGES if measure == REPEATED else PAGES_IN_TURN
    return [Page(PROFILE_PAGE, id) for id in size.ordinary_ids(count, PAGES_SEED)]


class Rounds:
    """The results so far: of each cell one entry a round, with the CPU time of the server and of PostgreSQL."""

    def __init__(self, load: Load, postgres_pid: int, plan: Plan, say: Callable[[str], None]) -> None:
        self.results: dict[str, list[dict[str, Any]]] = {}
        self._load = load
        self._postgres_pid = postgres_pid
        self._plan = plan
        self._say = say
        self._unseen = itertools.count(1)

    def run(self, cells: Sequence[Cell], stacks: dict[str, Stack], pages: Callable[[str], list[Page]]) -> None:
        """Every cell once a round, in the order given, so that neighbours in time are compared with each other."""
        for number in range(1, self._plan.rounds + 1):
            for cell in cells:
                measured = self._measure(cell, stacks[cell.stack], pages(cell.measure))
                self.results.setdefault(cell.key, []).append(measured)
                times = f"p50 {measured['p50']:7.2f} ms  p99 {measured['p99']:7.2f} ms"
                self._say(
                    f"round {number}: {cell.measure:25} {cell.stack:20} {cell.connections:2} connections "
                    f"{measured['requests_per_second']:8.0f}/s  {times}"
                )

    def job(self, cell: Cell, stack: Stack, pages: Sequence[Page], seconds: float) -> Job:
        """The load of a cell for another length of time."""
        if cell.measure == UNSEEN:
            chosen = itertools.islice(itertools.cycle(pages), self._plan.unseen)
            requests = [stack.request(page, next(self._unseen)) for page in chosen]
            return Job(stack.port, cell.connections, requests)
        requests = [stack.request(page) for page in pages]
        return Job(stack.port, cell.connections, requests, seconds, self._plan.warmup_seconds)

    def _measure(self, cell: Cell, stack: Stack, pages: Sequence[Page]) -> dict[str, Any]:
        job = self.job(cell, stack, pages, self._plan.seconds)
        before = self._cpu(stack)
        measured = self._load.run(job)
        after = self._cpu(stack)
        # The warm-up's processor time is in it, so its requests must be too.
        share = 1 + (job.warmup_seconds / job.seconds if job.seconds else 0)
        used = [
            (late - early) / (measured.count * share) * MICROSECONDS for early, late in zip(before, after, strict=True)
        ]
        return asdict(measured) | {"server_microseconds": used[0], "postgres_microseconds": used[1]}

    def _cpu(self, stack: Stack) -> tuple[float, float]:
        return cpu_seconds(stack.pid), cpu_seconds(self._postgres_pid)


def cells(stacks: dict[str, Stack]) -> list[Cell]:
    """Everything that is measured, what is compared side by side in time."""
    return [cell for cell in _wanted() if cell.stack in stacks]


def _wanted() -> Iterator[Cell]:
    for measure in (Q1, Q2):
        for connections in (ALONE, CROWDED):
            for stack in (COLD, NAIVE, POSTGRAPHILE, LIMIT):
                yield Cell(stack, measure, connections)
    for stack in (CACHED, POSTGRAPHILE, GET):
        yield Cell(stack, REPEATED, CROWDED)
    for stack in (COLD, POSTGRAPHILE):
        yield Cell(stack, UNSEEN, ALONE)
    yield Cell(COLD, BIG, ALONE)


def median(results: dict[str, list[dict[str, Any]]], cell: Cell, figure: str) -> float | None:
    """The median of a cell's rounds; None where it was not measured."""
    rounds = results.get(cell.key)
    return statistics.median(each[figure] for each in rounds) if rounds else None


def ratio(results: dict[str, list[dict[str, Any]]], one: Cell, other: Cell, figure: str) -> float | None:
    """The median of the rounds' own ratios: what happened at one time is compared with its neighbour only."""
    ours, theirs = results.get(one.key), results.get(other.key)
    if not ours or not theirs:
        return None
    return statistics.median(mine[figure] / its[figure] for mine, its in zip(ours, theirs, strict=True))
