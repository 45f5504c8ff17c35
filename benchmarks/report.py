"""The report: RESULTS.md and the chart, written from the kept results."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.chart import chart
from benchmarks.filling import TUNING
from benchmarks.goals import missed, rows
from benchmarks.rounds import CACHED, COLD, CROWDED, GET, LIMIT, NAIVE, POSTGRAPHILE, Q1, Q2, REPEATED, Cell, median

HERE = Path(__file__).resolve().parent
RESULTS_PAGE, CHART = HERE / "RESULTS.md", HERE / "results.svg"

HOW = """
Each stack is one process, with at most ten connections to one PostgreSQL, on one machine, asked over kept HTTP
connections by a process of its own. The answers were compared and equal before anything was timed, for several
customers, the one with the longest history and pages of the list among them; scores of interests may differ in
the fifth digit, since they depend on the moment. All servers stay up, one is asked at a time, and the stacks
take turns within a round. A ratio is the median of the rounds' own ratios, so that only neighbours in time are
compared; every other figure is the median of its rounds. Absolute figures say little about another machine, or
another hour of this one.

- **Q1**: one random customer's page: 8 scalars, segments, tags, 5 notes, consents, interests, 10 receipts and
  10 orders with their lines, 20 events. **Q2**: 50 customers of the list with segments, tags, 3 receipts and 5
  events each.
- **gateway**: `profile-gateway serve`, one worker, no Redis, so nothing is cached but parsed and compiled
  documents; **gateway with caches**: the same with `PROFILE_GATEWAY_REDIS_URL`.
- **naive**: Strawberry, dataloaders and SQLModel sessions (`benchmarks/peers/naive`). **PostGraphile**: the
  Amber preset on Node, in production mode (`benchmarks/peers/postgraphile`); interests and consents, which
  cannot be read off columns, come from SQL functions. **limit**: hand-written SQL that builds the JSON behind
  bare Starlette; **bare GET**: the same process giving out bytes from Valkey.
- A new document has an alias and a comment that nobody has sent before.
""".strip()

SCALE = """
`make bench-scale`: customers with short histories (10 events, 2 receipts, 1 order, so that a million can be
loaded), one of them with 100,000 events (its page is longer than the others'); the gateway without caches, one
connection, the sizes in turn. The slope is the p50 against that of the smallest.
""".strip()


def write_report(results: dict[str, Any], page: Path = RESULTS_PAGE, picture: Path = CHART) -> None:
    """Writes both files."""
    page.write_text("\n".join(_page(results, picture.name)) + "\n", encoding="utf-8")
    drawn = _chart(results["cells"])
    if drawn:
        picture.write_text(drawn, encoding="utf-8")


def table(results: dict[str, Any]) -> list[str]:
    """The table of goals in Markdown."""
    return [
        "| measure | figure | goal | stretch | verdict |",
        "|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows(results)),
    ]


def _page(results: dict[str, Any], picture: str) -> Iterator[str]:
    yield "# Results"
    yield ""
    yield "Written by `make bench` and `make bench-scale`; raw figures are in [results.json](results.json)."
    yield ""
    yield f"![Requests a second of the gateway and its peers]({picture})"
    yield ""
    yield from table(results)
    yield ""
    yield "## How it was measured"
    yield ""
    yield HOW
    yield ""
    yield "PostgreSQL's settings: " + ", ".join(f"`{name} = {value}`" for name, value in TUNING.items()) + "."
    yield ""
    for name, value in results.get("surroundings", {}).items():
        yield f"- {name}: {value}"
    for said in results.get("said", ()):
        yield f"- {said}"
    yield from _figures(results["cells"])
    yield from _scale(results)
    yield from _where(results)


def _head(*names: str) -> str:
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def _figures(cells: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    yield ""
    yield "## Figures"
    yield ""
    yield "Medians; processor time is per request. The last column has each round's requests a second."
    yield ""
    costs = ("p50 ms", "p99 ms", "server µs", "PostgreSQL µs")
    yield _head("measure", "stack", "connections", "requests/s", *costs, "answer kB", "rounds")
    for key, rounds in cells.items():
        stack, measure, connections = key.split("|")
        cell = Cell(stack, measure, int(connections))
        names = ("requests_per_second", "p50", "p99", "server_microseconds", "postgres_microseconds", "answer_bytes")
        rps, p50, p99, server, postgres, size = (median(cells, cell, name) or 0.0 for name in names)
        each = ", ".join(f"{one['requests_per_second']:,.0f}" for one in rounds)
        times = f"{p50:.2f} | {p99:.2f} | {server:,.0f} | {postgres:,.0f}"
        yield f"| {measure} | {stack} | {connections} | {rps:,.0f} | {times} | {size / 1000:.1f} | {each} |"


def _scale(results: dict[str, Any]) -> Iterator[str]:
    scale = results.get("scale")
    if not scale:
        return
    yield ""
    yield "## Scale"
    yield ""
    yield SCALE
    yield ""
    yield _head("customers", "Q1 p50 ms", "slope", "Q2 p50 ms", "slope", "Q1 p50 ms, 100,000 events", "slope")
    for row in scale["rows"]:
        names = ("q1", "q1_slope", "q2", "q2_slope", "big", "big_slope")
        yield f"| {row['customers']:,} | {' | '.join(f'{row[name]:.2f}' for name in names)} |"


def _where(results: dict[str, Any]) -> Iterator[str]:
    goals = missed(results)
    if not goals:
        return
    yield ""
    yield "## Where the time goes"
    yield ""
    yield "Of each goal that was missed. What a request costs each process stands in the table above."
    shown: set[str] = set()
    for goal in goals:
        yield ""
        yield f"### {goal.measure}"
        yield ""
        lines, load = goal.explanation(results), goal.key.replace("|", ", ")
        if goal.cell:
            load += " connection" if goal.cell.connections == 1 else " connections"
        if goal.key in shown:
            yield f"The profile is the one above: {load}."
        elif lines:
            shown.add(goal.key)
            if goal.cell:
                yield f"Sampled under this load: {load}."
                yield ""
            yield from lines
        else:
            yield "This run took no profile."


def _chart(cells: dict[str, list[dict[str, Any]]]) -> str | None:
    groups = []
    for title, measure, stacks in (
        ("Profile page (Q1), requests/s at 16 connections", Q1, (COLD, NAIVE, POSTGRAPHILE, LIMIT)),
        ("List of 50 customers (Q2), requests/s at 16 connections", Q2, (COLD, NAIVE, POSTGRAPHILE, LIMIT)),
        ("Profile page asked again, requests/s at 16 connections", REPEATED, (CACHED, POSTGRAPHILE, GET)),
    ):
        bars = [
            (stack, value, stack in (COLD, CACHED))
            for stack in stacks
            if (value := median(cells, Cell(stack, measure, CROWDED), "requests_per_second")) is not None
        ]
        if bars:
            groups.append((title, bars))
    return chart(groups) if groups else None
