"""Goals: the table of what is owed, how each figure comes from the results, and whether it is met."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.rounds import (
    ALONE,
    BIG,
    CACHED,
    COLD,
    CROWDED,
    GET,
    LIMIT,
    NAIVE,
    POSTGRAPHILE,
    Q1,
    Q2,
    REPEATED,
    UNSEEN,
    Cell,
    ratio,
)

RPS, P50, P99 = "requests_per_second", "p50", "p99"
MET, MISSED, UNKNOWN, LATER = "met", "MISSED", "not measured", "later issue"
Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """One row. `figure` gives None where a run did not measure it. Where it is missed, `cell` says what to profile, or
    `explained` where in the results the explanation stands."""

    measure: str
    goal: float
    stretch: float | None
    is_floor: bool
    figure: Callable[[Results], float | None]
    unit: str = "times"
    cell: Cell | None = None
    explained: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of its explanation among the profiles."""
        return self.cell.key if self.cell else self.measure

    def explanation(self, results: Results) -> list[str] | None:
        """Lines that say where the time goes, or which reads a count is made of; None where no run looked."""
        lines: list[str] | None = _found(results, self.explained or ("profiles", self.key))
        return lines

    def verdict(self, value: float | None) -> str:
        """Whether the goal is met, and the stretch."""
        if value is None:
            return UNKNOWN
        if not self._reaches(value, self.goal):
            return MISSED
        return "met, stretch too" if self.stretch is not None and self._reaches(value, self.stretch) else MET

    def said(self, bound: float | None) -> str:
        """A bound in words."""
        if bound is None:
            return ""
        return f"{'at least' if self.is_floor else 'at most'} {bound:,.10g}"

    def _reaches(self, value: float, bound: float) -> bool:
        return value >= bound if self.is_floor else value <= bound


def _against(ours: Cell, theirs: str, figure: str) -> Callable[[Results], float | None]:
    other = Cell(theirs, ours.measure, ours.connections)
    return lambda results: ratio(results["cells"], ours, other, figure)


def _counted(*path: str) -> Callable[[Results], float | None]:
    return lambda results: _found(results, path)


def _found(results: Results, path: tuple[str, ...]) -> Any:
    value: Any = results
    for name in path:
        value = value.get(name) if value else None
    return value


def _spread(results: Results) -> float | None:
    """How many more reads the most customers cost than the fewest: 0 where they cost the same."""
    reads = (results.get("counts") or {}).get("reads")
    return max(reads.values()) - min(reads.values()) if reads else None


def _own(measure: str, connections: int) -> Cell:
    return Cell(COLD, measure, connections)


_Q1, _Q2, _ALONE = _own(Q1, CROWDED), _own(Q2, CROWDED), _own(Q1, ALONE)
_WARM = Cell(CACHED, REPEATED, CROWDED)
_NEW, _BIG = _own(UNSEEN, ALONE), _own(BIG, ALONE)

GOALS = (
    Goal("Q1 cold, requests/s against the naive stack's", 20, 40, True, _against(_Q1, NAIVE, RPS), cell=_Q1),
    Goal("Q1 cold, against PostGraphile's, 1 connection", 2, 3, True, _against(_ALONE, POSTGRAPHILE, RPS), cell=_ALONE),
    Goal("Q1 cold, against PostGraphile's, 16 connections", 2, 3, True, _against(_Q1, POSTGRAPHILE, RPS), cell=_Q1),
    Goal("Q1 cold, against the hand-written SQL limit's", 0.6, 0.8, True, _against(_Q1, LIMIT, RPS), cell=_Q1),
    Goal("Q2 cold, against PostGraphile's", 1.8, 2.6, True, _against(_Q2, POSTGRAPHILE, RPS), cell=_Q2),
    Goal("Q2 cold, against the naive stack's", 15, 25, True, _against(_Q2, NAIVE, RPS), cell=_Q2),
    Goal("Q1 p99, against PostGraphile's", 0.5, 0.25, False, _against(_Q1, POSTGRAPHILE, P99), cell=_Q1),
    Goal("Q2 p99, against PostGraphile's", 0.5, 0.25, False, _against(_Q2, POSTGRAPHILE, P99), cell=_Q2),
    Goal("Q1 repeated, against PostGraphile's", 7, 9, True, _against(_WARM, POSTGRAPHILE, RPS), cell=_WARM),
    Goal("Q1 repeated, against bare GET's", 0.7, 0.9, True, _against(_WARM, GET, RPS), cell=_WARM),
    Goal("a new document's p50, against PostGraphile's", 1, 0.5, False, _against(_NEW, POSTGRAPHILE, P50), cell=_NEW),
    Goal("SQL round trips of Q1, cold", 3, None, False, _counted("counts", "q1"), ""),
    Goal("SQL round trips of Q2, cold", 5, None, False, _counted("counts", "q2"), ""),
    Goal("reads of Q2 for 1, 10 and 100 customers: the difference", 0, None, False, _spread, ""),
    Goal("SQL statements of Q1, all panels cached", 0, None, False, _counted("warm_counts", "sql"), ""),
    Goal("Redis round trips of Q1, all panels cached", 2, None, False, _counted("warm_counts", "redis"), ""),
    Goal("Q1 p50 with 100 times the customers", 1.2, None, False, _counted("scale", "q1_slope"),
         explained=("scale", "profile")),
    Goal(
        "Q1 p50 of the customer with 100,000 events, against an ordinary one's",
        1.2,
        None,
        False,
        lambda results: ratio(results["cells"], _BIG, _ALONE, P50),
        cell=_BIG,
    ),
    Goal("import of the real data into PostgreSQL", 100_000, None, True, _counted("imports", "PostgreSQL"), "lines/s",
         explained=("imports", "printed")),
    Goal("import of the real data into SQLite", 50_000, None, True, _counted("imports", "SQLite"), "lines/s",
         explained=("imports", "printed")),
)  # fmt: skip

LATER_ISSUES = (
    "event recorded to delivered, 1,000 subscribers",
    "equal subscriptions of 2,000 sockets",
    "resident memory per idle subscriber",
)
"""Rows of the live feed."""


def rows(results: Results) -> list[tuple[str, str, str, str, str]]:
    """The table: measure, figure, goal, stretch, verdict."""
    table = []
    for goal in GOALS:
        value = goal.figure(results)
        shown = "" if value is None else f"{value:,.0f}" if goal.unit != "times" else f"{value:.2f}"
        unit = f" {goal.unit}" if value is not None and goal.unit else ""
        table.append((goal.measure, shown + unit, goal.said(goal.goal), goal.said(goal.stretch), goal.verdict(value)))
    return [*table, *((measure, "", "", "", LATER) for measure in LATER_ISSUES)]


def missed(results: Results) -> list[Goal]:
    """The goals that were measured and not reached."""
    return [goal for goal in GOALS if goal.verdict(goal.figure(results)) == MISSED]
