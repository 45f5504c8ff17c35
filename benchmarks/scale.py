"""The scale, `make bench-scale`: the gateway's pages with 10,000, 100,000 and 1,000,000 customers, and how times grow.

Prints the p50 of each and the slope (the ratio to the smallest), and adds them to RESULTS.md.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks import servers
from benchmarks.compare import say
from benchmarks.crowd import Size, slim
from benchmarks.filling import KEPT, TUNING, Server, filled, list_places, postgres
from benchmarks.kept import read_results, write_results
from benchmarks.load import loading
from benchmarks.report import write_report
from benchmarks.rounds import ALONE, BIG, COLD, Q1, Q2, Cell, Plan, Rounds, median, pages_of, places
from benchmarks.spending import SECONDS, profiled
from benchmarks.stacks import OWN_WALK, Page, Stack, gateway_stack

CUSTOMERS = (10_000, 100_000, 1_000_000)
LIST_PAGES = 40
GOAL = 1.2


def main() -> int:
    """Exit code 1 where Q1 grows by more than the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=CUSTOMERS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    sizes = [slim(customers) for customers in options.customers]
    with postgres(KEPT / "postgres", TUNING) as server:
        scale = measure(server, sizes, Plan(options.rounds, options.seconds, 0.7))
    results = read_results()
    results["scale"] = scale
    write_results(results)
    write_report(results)
    for row in scale["rows"]:
        say(
            f"{row['customers']:9,} customers: Q1 p50 {row['q1']:.2f} ms (slope {row['q1_slope']:.2f}), "
            f"Q2 p50 {row['q2']:.2f} ms (slope {row['q2_slope']:.2f}), "
            f"with 100,000 events {row['big']:.2f} ms (slope {row['big_slope']:.2f})"
        )
    return 0 if scale["q1_slope"] <= GOAL else 1


def measure(server: Server, sizes: Sequence[Size], plan: Plan) -> dict[str, Any]:
    """One row a size, and the slopes of the largest."""
    with contextlib.ExitStack() as up, loading() as load:
        runs = []
        for size in sizes:
            database = filled(server, size, say)
            environment = servers.gateway_environment(server, database)
            running = up.enter_context(servers.gateway(environment))
            stack = gateway_stack(COLD, running.port, running.pid, servers.make_key(environment, debug=False))
            found = asyncio.run(list_places(server.dsn(database), LIST_PAGES))
            stack.find_cursors(OWN_WALK, len(found))
            one_round = Plan(1, plan.seconds, plan.warmup_seconds)
            runs.append((size, stack, places(found), Rounds(load, server.pid, one_round, say)))
        for number in range(1, plan.rounds + 1):
            for size, stack, list_pages, rounds in runs:
                say(f"round {number} of {plan.rounds}, {size.customers:,} customers")
                _once(rounds, size, stack, list_pages)
        rows = [_row(size, rounds.results, runs[0][3].results) for size, _, _, rounds in runs]
        scale: dict[str, Any] = {"rows": rows, "q1_slope": rows[-1]["q1_slope"], "q2_slope": rows[-1]["q2_slope"]}
        if scale["q1_slope"] > GOAL:
            size, stack, list_pages, rounds = runs[-1]
            job = rounds.job(Cell(COLD, Q1, ALONE), stack, pages_of(Q1, size, list_pages), SECONDS + 2)
            scale["profile"] = profiled(load, job, stack.pid)
    return scale


def _once(rounds: Rounds, size: Size, stack: Stack, list_pages: list[Page]) -> None:
    cells = [Cell(COLD, kind, ALONE) for kind in (Q1, Q2, BIG)]
    rounds.run(cells, {COLD: stack}, lambda kind: pages_of(kind, size, list_pages))


def _row(
    size: Size, results: dict[str, list[dict[str, Any]]], smallest: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    row: dict[str, Any] = {"customers": size.customers}
    for name, kind in (("q1", Q1), ("q2", Q2), ("big", BIG)):
        row[name] = median(results, Cell(COLD, kind, ALONE), "p50")
        row[f"{name}_slope"] = _slope(results, smallest, kind)
    return row


def _slope(one: dict[str, list[dict[str, Any]]], smallest: dict[str, list[dict[str, Any]]], kind: str) -> float:
    """The p50 against the smallest's, round by round, then the median."""
    key = Cell(COLD, kind, ALONE).key
    return statistics.median(mine["p50"] / its["p50"] for mine, its in zip(one[key], smallest[key], strict=True))


if __name__ == "__main__":
    sys.exit(main())
