"""Finding customers, `make bench-finding`: quick search, filters and sorts among a million, over HTTP.

Every figure is the p50 of first pages of 20, one after another, each with other words; beside it stand the indexes in
the plans of PostgreSQL. Writes FINDING.md.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from benchmarks import servers
from benchmarks.compare import say
from benchmarks.filling import HERE, KEPT, TUNING, Crowd, Server, filled_with, postgres, server_version
from benchmarks.finding_crowd import CHUNK, CITIES, COLUMNS, SEED, VERSION, Names, Someone, chunks
from benchmarks.load import Job, Load, Measured, loading
from benchmarks.stacks import Stack
from profiles.account import Account, load_account
from profiles.finding.parts import WHOLE_BASE
from profiles.finding.reads import FoundPage, Selection, few_as_typed, found_count, found_customers
from profiles.finding.search import search_terms
from profiles.finding.sorting import BEST_FIRST, CustomerSortField, Sort, SortDirection
from profiles.finding.tree import All, Filter, Operator, Where
from profiles.finding.wanted import text_condition
from profiles.storage.reads import Read
from profiles.viewer import ALL_SCOPES, Viewer, ViewerKind
from resolvers.ids import encode

CUSTOMERS = 1_000_000
FIRST = 20
QUESTIONS = 300
EXPLAINED = 12
SECONDS, WARMUP_SECONDS = 3.0, 1.0
SEARCH_GOAL, FILTER_GOAL = 50.0, 100.0
GOALS = {"search": SEARCH_GOAL, "filter": FILTER_GOAL}
NEWEST = Sort()
NEAR_KEYS = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "s": "d", "t": "r", "l": "k", "r": "e"}
DOCUMENT = """
query Find($filter: CustomerFilter, $search: String, $sort: CustomerSort) {
  customers(filter: $filter, search: $search, sort: $sort, first: 20) {
    nodes { id externalId name email { value } phone { value } city createdAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNTED = "query Count($search: String) { customers(search: $search) { totalCount } }"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what is sent, and the same in the words of the reads, for its plan."""

    variables: dict[str, Any]
    selection: Selection
    sort: Sort = NEWEST
    is_counted: bool = False

    @property
    def body(self) -> bytes:
        """What is posted."""
        document = COUNTED if self.is_counted else DOCUMENT
        return json.dumps({"query": document, "variables": self.variables}).encode()


@dataclass(frozen=True, slots=True)
class Kind:
    """Questions of one kind; `goal` names one of GOALS, None where there is none."""

    name: str
    goal: str | None
    questions: Sequence[Question]


def main() -> int:
    """Exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    options = parser.parse_args()
    crowd = Crowd(
        f"finding_{options.customers}", f"finding {VERSION} {options.customers}", COLUMNS,
        lambda now: chunks(options.customers, now),
    )  # fmt: skip
    with postgres(KEPT / "postgres", TUNING) as server, contextlib.ExitStack() as up:
        database = filled_with(server, crowd, say)
        environment = servers.gateway_environment(server, database)
        running = up.enter_context(servers.gateway(environment))
        key = servers.make_key(environment, debug=False)
        headers = {"authorization": f"Bearer {key}", "accept": "application/graphql-response+json"}
        stack = Stack("gateway", running.port, running.pid, "/graphql", headers, {}, lambda _page, _cursors: {}, _same)
        load = up.enter_context(loading())
        lines, is_met = measure(server, database, stack, load, load_account())
        about = asyncio.run(_about(server, database, options.customers))
    report = [*about, *lines]
    (HERE / "FINDING.md").write_text("\n".join(report) + "\n", encoding="utf-8")
    return 0 if is_met else 1


def _same(_kind: str, answer: Any) -> Any:
    return answer


def measure(server: Server, database: str, stack: Stack, load: Load, account: Account) -> tuple[list[str], bool]:
    """The lines of the table, and whether every goal is met."""
    lines = ["| first page of | p50 ms | p99 ms | goal | indexes in the plans |", "|---|---|---|---|---|"]
    is_met = True
    for kind in kinds(account):
        requests = [stack.posted(stack.path, question.body) for question in kind.questions]
        measured: Measured = load.run(Job(stack.port, 1, requests, SECONDS, WARMUP_SECONDS))
        found = asyncio.run(_indexes(server.dsn(database), kind.questions[:EXPLAINED], account))
        goal = GOALS.get(kind.goal or "")
        is_met &= goal is None or measured.p50 < goal
        said = "" if goal is None else f"under {goal:.0f}"
        line = f"| {kind.name} | {measured.p50:.1f} | {measured.p99:.1f} | {said} | {', '.join(found)} |"
        say(line)
        lines.append(line)
    return lines, is_met


def kinds(account: Account) -> Iterator[Kind]:
    """What is asked, kind by kind."""
    dice = random.Random(SEED + 2)
    people = dice.sample(list(Names(SEED).draw(CHUNK)), QUESTIONS)

    def search(name: str, typed: Sequence[str], goal: str | None = "search", is_counted: bool = False) -> Kind:
        return Kind(
            name,
            goal,
            [
                Question({"search": text}, Selection(search=search_terms(text, account)), BEST_FIRST, is_counted)
                for text in typed
            ],
        )

    full = [f"{one.first} {one.last}" for one in people]
    yield search("a name's first four letters", [one.last[:4] for one in people])
    yield search("a name's first six letters", [one.last[:6] for one in people])
    yield search("a full name", full)
    yield search("family name, first name", [f"{one.last}, {one.first}" for one in people])
    yield search("a family name with a mistake", [_mistaken(one.last, dice) for one in people if len(one.last) > 3])
    yield search("a full name with a mistake", [f"{one.first} {_mistaken(one.last, dice)}" for one in people])
    phones = [one.phone for one in people if one.phone]
    yield search("a phone number, spelled as at home", [f"({p[2:5]}) {p[5:8]}-{p[8:]}" for p in phones])
    yield search("the last seven digits of a number", [f"{p[5:8]} {p[8:]}" for p in phones])
    mails = [one.email for one in people if one.email]
    yield search("the beginning of an email", [mail.partition("@")[0][:8] for mail in mails])
    yield search("an email with a mistake", [_mistaken(mail, dice) for mail in mails])
    yield search("a CRM id", [f"CRM-{100_000 + dice.randrange(1_000_000) * 7}" for _ in range(QUESTIONS)])
    yield search("two letters (no goal)", [one.last[:2] for one in people[:40]], None)
    # The first names of some with the family names of others: some are there, most are not.
    others = [f"{one.first} {other.last}" for one, other in zip(people, [*people[1:], people[0]], strict=True)]
    yield search("a full name that hardly anybody has (no goal)", others, None)
    yield search("the number of all with a full name (no goal)", full, None, is_counted=True)
    yield from _filters(people, dice, account)
    for field in CustomerSortField:
        for direction in SortDirection:
            variables = {"sort": {"field": field.value, "direction": direction.value}}
            question = Question(variables, Selection(), Sort(field, direction))
            yield Kind(f"everybody by {field.value}, {direction.value}", "filter", [question])


def _filters(people: Sequence[Someone], dice: random.Random, account: Account) -> Iterator[Kind]:
    now = datetime.now(UTC).replace(microsecond=0)
    cities = [dice.choice(CITIES) for _ in range(QUESTIONS)]
    by_receipts = Sort(CustomerSortField.RECEIPT_TOTAL)

    def kind(name: str, wanted: Sequence[tuple[dict[str, Any], tuple[Filter, ...]]], sort: Sort = NEWEST) -> Kind:
        sorted_by = {"field": sort.field, "direction": sort.direction}
        return Kind(
            name,
            "filter",
            [
                Question({"filter": said, "sort": sorted_by}, Selection(filter=All(meant)), sort)
                for said, meant in wanted
            ],
        )

    def city(name: str) -> tuple[dict[str, Any], Filter]:
        return {"city": {"equals": name}}, text_condition("city", "equals", name, account)

    def both(*conditions: tuple[dict[str, Any], Filter]) -> tuple[dict[str, Any], tuple[Filter, ...]]:
        said: dict[str, Any] = {}
        for one, _ in conditions:
            said |= one
        return said, tuple(meant for _, meant in conditions)

    def receipts(least: int) -> tuple[dict[str, Any], Filter]:
        return {"receiptTotal": {"from": str(least)}}, Where("receipt_total", Operator.AT_LEAST, least * 100)

    def since(days: int) -> tuple[dict[str, Any], Filter]:
        at = now - timedelta(days=days)
        return {"lastReceiptAt": {"from": at.isoformat()}}, Where("last_receipt_at", Operator.AT_LEAST, at)

    def called(last: str) -> tuple[dict[str, Any], Filter]:
        return {"lastName": {"startsWith": last}}, text_condition("last_name", "starts_with", last, account)

    def tagged(tag: int) -> tuple[dict[str, Any], Filter]:
        return {"tagIds": [encode("Tag", tag)]}, Where("tag_ids", Operator.AMONG, (tag,))

    def female() -> tuple[dict[str, Any], Filter]:
        return {"gender": ["FEMALE"]}, Where("gender", Operator.AMONG, ("FEMALE",))

    spent = [dice.randrange(100, 1_500) for _ in range(QUESTIONS)]
    ago = [dice.randrange(3, 90) for _ in range(QUESTIONS)]
    yield kind("city and gender", [both(city(name), female()) for name in cities])
    yield kind("city and receipt total", [both(city(name), receipts(n)) for name, n in zip(cities, spent, strict=True)])
    yield kind(
        "city and receipt total, by receipt total",
        [both(city(name), receipts(n)) for name, n in zip(cities, spent, strict=True)],
        by_receipts,
    )
    yield kind(
        "family name and city", [both(called(p.last), city(name)) for p, name in zip(people, cities, strict=True)]
    )
    yield kind("receipt total and last receipt", [both(receipts(n), since(d)) for n, d in zip(spent, ago, strict=True)])
    yield kind("tag and last receipt", [both(tagged(dice.randrange(1, 39)), since(days)) for days in ago])
    yield kind("tag and city", [both(tagged(dice.randrange(1, 39)), city(name)) for name in cities])


def _mistaken(text: str, dice: random.Random) -> str:
    """As it comes out of hurried fingers: two letters exchanged, one left out, one doubled, or the key beside one."""
    at = dice.randrange(1, max(2, len(text) - 1))
    before, letter, after = text[:at], text[at : at + 1], text[at + 1 :]
    return dice.choice(
        (
            f"{before}{after[:1]}{letter}{after[1:]}",
            f"{before}{after}",
            f"{before}{letter}{letter}{after}",
            f"{before}{NEAR_KEYS.get(letter, 'x')}{after}",
        )
    )


async def _indexes(dsn: str, questions: Sequence[Question], account: Account) -> list[str]:
    """The indexes in the plans of these questions, the most frequent first; a scan of the whole table is named, too."""
    viewer = Viewer(0, "benchmark", ViewerKind.STAFF, frozenset(ALL_SCOPES))
    connection = await asyncpg.connect(dsn)
    counted: dict[str, int] = {}
    try:
        for question in questions:
            for read in await _reads(connection, question, viewer, account):
                for name in {*_named(await _plan(connection, read))}:
                    counted[name] = counted.get(name, 0) + 1
    finally:
        await connection.close()
    return [f"`{name}`" for name in sorted(counted, key=lambda name: (-counted[name], name))]


async def _reads(connection: Any, question: Question, viewer: Viewer, account: Account) -> list[Read[Any, Any]]:
    """The reads that answer a question, as `resolvers.types.customer_list` chooses them."""
    selection, search, now = question.selection, question.selection.search, datetime.now(UTC)
    reads: list[Read[Any, Any]] = []
    if search is not None and search.may_be_mistaken:
        asked = few_as_typed(viewer, search)
        reads.append(asked)
        prepared = asked.statement.on("postgresql")
        rows = await connection.fetch(prepared.sql, *prepared.arguments(asked.parameters))
        if asked.collect(prepared.decode(rows))[WHOLE_BASE]:
            selection = replace(selection, search=replace(search, nearly=True))
    if question.is_counted:
        return [*reads, found_count(viewer, account, now, [WHOLE_BASE], selection)]
    page = FoundPage(selection, question.sort, FIRST)
    return [*reads, found_customers(viewer, account, now, [WHOLE_BASE], page)]


async def _plan(connection: Any, read: Read[Any, Any]) -> Any:
    prepared = read.statement.on("postgresql")
    arguments = prepared.arguments(read.parameters)
    return json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {prepared.sql}", *arguments))


def _named(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from _named(part)
    elif isinstance(plan, dict):
        if "Index Name" in plan:
            yield plan["Index Name"]
        elif plan.get("Node Type", "").endswith("Seq Scan"):
            yield f"all of {plan['Relation Name']}"
        for part in plan.values():
            if isinstance(part, list | dict):
                yield from _named(part)


async def _about(server: Server, database: str, customers: int) -> list[str]:
    connection = await asyncpg.connect(server.dsn(database))
    try:
        sizes = await connection.fetch(
            "SELECT indexrelname AS name, pg_relation_size(indexrelid) / 1048576 AS mib FROM pg_stat_user_indexes"
            " WHERE relname = 'customers' ORDER BY 2 DESC"
        )
        table = await connection.fetchval("SELECT pg_relation_size('customers') / 1048576")
    finally:
        await connection.close()
    version = await server_version(server)
    return [
        f"# Finding one of {customers:,} customers",
        "",
        f"Written by `make bench-finding` on {time.strftime('%Y-%m-%d')}: PostgreSQL {version}, one gateway process,"
        " one connection that asks over HTTP for first pages of 20, each time with other words. Data and server share"
        " the machine's processors. The indexes are those in the plans of a dozen of the questions.",
        "",
        f"The table `customers` takes {table:,} MiB, its indexes "
        + ", ".join(f"`{row['name']}` {row['mib']:,}" for row in sizes) + " MiB.",
        "",
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
