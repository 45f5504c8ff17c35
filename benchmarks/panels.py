"""What panels cost, `make bench-panels`: each panel's statements for a customer of 100 events and for one of 100,000.

The gateway is asked through its front door; the statements that it sends are then run by turns for the one and the
other. What is compared is the time from sending a prepared statement to its last row; beside it stand the pages that it
touched and the time that PostgreSQL says, whose unit, a microsecond, is coarse for the quickest. Writes PANELS.md.
"""

import argparse
import asyncio
import json
import platform
import re
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx

from benchmarks.compare import say
from benchmarks.filling import HERE, KEPT, TUNING, Server, postgres, server_version
from benchmarks.panels_asked import PANELS, document
from benchmarks.panels_crowd import LARGE, SMALL, fill
from benchmarks.panels_histories import LONG, SHORT, History
from gateway.app import create_app
from gateway.settings import Settings
from profiles.account import Account, load_account
from profiles.keys import create_key
from profiles.storage.address import parse_address
from profiles.storage.bulk import bulk_load
from profiles.storage.migrations import upgrade
from profiles.storage.readers import Call, Outcome, Reader, Trips
from profiles.viewer import ALL_SCOPES, ViewerKind
from resolvers.ids import encode

DATABASE = "panels"
OTHERS = 2_000
ROUNDS = 300
GOAL = 1.2
APART = 10
"""Rows of a short history lie on one page, those of a long one on a page each: so many more pages are no growth, or as
many as there are rows."""

AT_ONCE, WARMUP, EXPLAINED = 15, 3, 20
TABLES = re.compile(r"(?:FROM|JOIN) (?:LATERAL )?([a-z][a-z_]+)")
ALIASES = frozenset(("unnest", "lateral", "json_each"))


def noted(reader: Reader) -> list[Call]:
    """What the reader is told to run from now on."""
    calls: list[Call] = []
    run = reader.run

    async def noting(asked: Sequence[Call], trips: Trips) -> list[Outcome]:
        calls.extend(asked)
        return await run(asked, trips)

    reader.run = noting  # type: ignore[method-assign]
    return calls


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement of a panel, as it was sent for one customer."""

    sql: str
    arguments: tuple[Any, ...]

    @property
    def tables(self) -> str:
        """What it reads."""
        return ", ".join(dict.fromkeys(name for name in TABLES.findall(self.sql) if name not in ALIASES))


@dataclass(slots=True)
class Cost:
    """What a statement cost for one customer: milliseconds until the last row, those that the server says (the mean of
    the middle half), pages touched and rows answered."""

    milliseconds: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    pages: int = 0
    rows: int = 0

    @property
    def p50(self) -> float:
        """The median time until the last row."""
        return statistics.median(self.milliseconds)

    @property
    def inside(self) -> float:
        """The time inside the server."""
        quarter = len(self.said) // 4
        return statistics.fmean(sorted(self.said)[quarter : len(self.said) - quarter])


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement of a panel for both customers."""

    panel: str
    asked: tuple[Asked, Asked]
    costs: tuple[Cost, Cost]

    @property
    def ratio(self) -> float:
        """How many times slower it is for the long history."""
        small, large = self.costs
        return large.p50 / small.p50

    @property
    def is_met(self) -> bool:
        """Whether that is within the goal, and so are the pages."""
        return self.ratio <= GOAL and self.is_level

    @property
    def is_level(self) -> bool:
        """Whether the pages are: a few more are those of rows that lie apart."""
        small, large = self.costs
        return large.pages <= small.pages * GOAL + max(APART, small.rows)


def main() -> int:
    """Exit code 1 where a panel misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=int, default=OTHERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--plans", action="store_true", help="say the plans of what misses the goal")
    parser.add_argument("--only", default="", help="panels whose row begins so; nothing is written then")
    options = parser.parse_args()
    account, now = load_account(), datetime.now(UTC).replace(microsecond=0)
    with postgres(KEPT / "postgres", TUNING) as server:
        asyncio.run(_filled(server, account, options.others, now))
        chosen = {name: asked for name, asked in PANELS.items() if name.startswith(options.only)}
        pairs = asyncio.run(_measured(server, account, now, chosen, options.rounds, options.plans))
        version = asyncio.run(server_version(server))
    lines = report(pairs)
    say("\n".join(lines))
    if not options.only:
        about = _about(version, options.others, options.rounds)
        (HERE / "PANELS.md").write_text("\n".join([*about, *lines]) + "\n", encoding="utf-8")
    return 0 if all(pair.is_met for pair in pairs) else 1


async def _filled(server: Server, account: Account, others: int, now: datetime) -> None:
    started = time.monotonic()
    connection = await asyncpg.connect(server.dsn("postgres"))
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
    url = server.url(DATABASE)
    await upgrade(parse_address(url))
    await load(url, account, LONG, others, now)
    connection = await asyncpg.connect(server.dsn(DATABASE))
    try:
        await connection.execute("VACUUM (FREEZE, ANALYZE)")
    finally:
        await connection.close()
    say(f"{others:,} customers of {SHORT.count} events and one of {LONG.count:,}, {time.monotonic() - started:.0f} s")


async def load(url: str, account: Account, long: History, others: int, now: datetime) -> None:
    """Fills a migrated database."""
    async with bulk_load(url) as loader:
        async with loader.transaction() as bulk:
            await fill(bulk, account, long, others, now)
        await loader.analyze()


@asynccontextmanager
async def _gateway(url: str, account: Account, now: datetime) -> Any:
    settings = Settings(database_url=url, cache=False, pool_size=1, compile_after=0)
    app = create_app(settings, account, lambda: now)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield app.state.runtime.store, http


async def statements(
    url: str, account: Account, now: datetime, panels: Mapping[str, str]
) -> dict[str, tuple[list[Asked], list[Asked]]]:
    """What the gateway runs for each panel: of the short history, and of the long one."""
    found: dict[str, tuple[list[Asked], list[Asked]]] = {}
    async with _gateway(url, account, now) as (store, http):
        async with store.write() as unit:
            key = await create_key(unit, "benchmark", ViewerKind.STAFF, sorted(ALL_SCOPES), now)
        calls = noted(store.reader)
        headers = {"Authorization": f"Bearer {key}"}
        for name, asked in panels.items():
            of_both = []
            for customer in (SMALL, LARGE):
                # The first time the key is looked up, too.
                for _ in range(2):
                    calls.clear()
                    body = {"query": document(asked), "variables": {"id": encode("Customer", customer)}}
                    answer = (await http.post("/graphql", json=body, headers=headers)).json()
                if answer.get("errors") or (name != "identity" and None in answer["data"]["customer"].values()):
                    raise RuntimeError(f"{name}: {json.dumps(answer)[:500]}")
                of_both.append([_asked(call, store.reader.dialect) for call in calls])
            found[name] = (of_both[0], of_both[1])
    return found


def _asked(call: Call, dialect: str) -> Asked:
    prepared = call.prepared
    return Asked(prepared.sql, tuple(prepared.arguments(call.parameters)))


def pairs_of(found: Mapping[str, tuple[list[Asked], list[Asked]]]) -> Iterator[Pair]:
    """Each panel's statements, those of both customers beside each other.

    Rows of other kinds on a page of the timeline lead to other rows by their ids: what was sent for one customer alone
    is left out.
    """
    for panel, (small, large) in found.items():
        of_large = {asked.sql: asked for asked in large}
        both = [(one, of_large[one.sql]) for one in small if one.sql in of_large]
        if not both and (small or large):
            raise RuntimeError(f"{panel}: not the same statements for both")
        for pair in both:
            yield Pair(panel, pair, (Cost(), Cost()))


async def _measured(
    server: Server, account: Account, now: datetime, panels: Mapping[str, str], rounds: int, says_plans: bool
) -> list[Pair]:
    found = await statements(server.url(DATABASE), account, now, panels)
    pairs = list(pairs_of(found))
    connection = await asyncpg.connect(server.dsn(DATABASE))
    try:
        await measure(connection, pairs, rounds)
        for pair in pairs:
            if says_plans and not pair.is_met:
                _, plan = await plans(connection, pair)
                say(f"{pair.panel}: {pair.asked[1].sql}\n{json.dumps(_brief(plan['Plan']), indent=1)}")
    finally:
        await connection.close()
    return pairs


async def measure(connection: Any, pairs: Sequence[Pair], rounds: int) -> None:
    """Runs each statement some times by turns, and all of them again and again, so that no moment of the machine is one
    panel's alone; under the plan for any values, that the gateway's statements have."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    prepared = [await connection.prepare(pair.asked[0].sql) for pair in pairs]
    for _ in range(max(1, rounds // AT_ONCE)):
        for statement, pair in zip(prepared, pairs, strict=True):
            for number in range(WARMUP + AT_ONCE):
                for asked, cost in zip(pair.asked, pair.costs, strict=True):
                    started = time.perf_counter()
                    rows = await statement.fetch(*asked.arguments)
                    if number >= WARMUP:
                        cost.milliseconds.append((time.perf_counter() - started) * 1_000)
                    cost.rows = len(rows)
    for pair in pairs:
        for _ in range(EXPLAINED):
            for plan, cost in zip(await plans(connection, pair), pair.costs, strict=True):
                cost.said.append(plan["Execution Time"])
                cost.pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


async def plans(connection: Any, pair: Pair) -> list[Any]:
    """How the server ran a pair."""
    await connection.execute(f"PREPARE asked AS {pair.asked[0].sql}")
    found = []
    for asked in pair.asked:
        arguments = f" ({', '.join(map(literal, asked.arguments))})" if asked.arguments else ""
        options = "ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON"
        found.append(json.loads(await connection.fetchval(f"EXPLAIN ({options}) EXECUTE asked{arguments}"))[0])
    await connection.execute("DEALLOCATE asked")
    return found


def _brief(plan: Any) -> Any:
    names = ("Node Type", "Index Name", "Relation Name", "Index Cond", "Filter", "Actual Rows", "Shared Hit Blocks")
    inner = [_brief(part) for part in plan.get("Plans", ())]
    return {name: plan[name] for name in names if name in plan} | ({"Plans": inner} if inner else {})


def literal(argument: Any) -> str:
    """An argument as it stands in SQL."""
    if argument is None:
        return "NULL"
    if isinstance(argument, list | tuple):
        inside = ", ".join(str(each) if isinstance(each, int) else json.dumps(each) for each in argument)
        return literal(f"{{{inside}}}")
    if isinstance(argument, bool | int | float):
        return str(argument)
    text = argument.isoformat() if hasattr(argument, "isoformat") else str(argument)
    return "'" + text.replace("'", "''") + "'"


def report(pairs: Sequence[Pair]) -> list[str]:
    """The table: of each panel the statement whose ratio is the largest, and whether the goal is met."""
    lines = [
        "| panel | statements | the one that grows most reads | rows | pages | ms inside | p50 ms | ratio | goal 1.2 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for panel in dict.fromkeys(pair.panel for pair in pairs):
        own = [pair for pair in pairs if pair.panel == panel]
        worst = max(own, key=lambda pair: (not pair.is_met, pair.ratio))
        small, large = worst.costs
        lines.append(
            f"| {panel} | {len(own)} | {worst.asked[0].tables} | {small.rows} and {large.rows} |"
            f" {small.pages} and {large.pages} | {small.inside:.3f} and {large.inside:.3f} |"
            f" {small.p50:.3f} and {large.p50:.3f} | {worst.ratio:.2f} |"
            f" {'met' if worst.is_met else 'MISSED'} |"
        )
    slower = [
        f"{pair.panel} ({small.inside:.3f} and {large.inside:.3f}, {pair.asked[0].tables})"
        for pair in pairs
        for small, large in [pair.costs]
        if pair.is_met and large.inside > GOAL * small.inside
    ]
    said = "; ".join(slower) or "none"
    return [*lines, "", f"Met, but above 1.2 by the server's own milliseconds, without the way there and back: {said}."]


def _about(version: str, others: int, rounds: int) -> list[str]:
    return [
        "# What panels cost, whatever the history",
        "",
        f"Written by `make bench-panels` on {time.strftime('%Y-%m-%d')}: PostgreSQL {version}, Python"
        f" {platform.python_version()}, {platform.machine()}; one customer with {SHORT.count} events, one with"
        f" {LONG.count:,}, {others:,} others around them. Each figure is said of the one and of the other: rows and"
        " pages of a statement, the time inside the server as it says it itself, and the median of"
        f" {rounds} runs by turns from sending the prepared statement to its last row, whose ratio counts. A statement"
        f" that touches 1.2 times the pages and {APART} more, or one more for each row that it answers, misses the goal"
        " too: the rows of a short history lie on one page, those of a long one apart. A panel's row is of the"
        " statement that grows most. The pages of lists are filled for both, and what is shown of a window of time"
        " (bonuses, carts left behind) is equally much, but for the views, of which a long history has more.",
        "",
    ]


if __name__ == "__main__":
    sys.exit(main())
