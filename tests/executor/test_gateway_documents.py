"""The gateway says the same whichever way it executes: real documents, real data, two executors over one database."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import GraphQLNamedType, OperationType, Undefined
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from executor import Compiler
from gateway.app import the_schema
from gateway.limits import Limits
from gateway.operations import Answer, Operations, Prepared, Question
from gateway.settings import Settings
from profiles.account import load_account
from profiles.viewer import ALL_SCOPES, Viewer, ViewerKind
from resolvers.ids import decode
from sources.demo import import_complete_journey
from sources.progress import silent
from sources.recommending import recompute_recommendations
from tests.databases import Sqlite
from tests.executor.amounts import SEED, amount, as_many, told
from tests.executor.comparing import RUNS, Tally, explained
from tests.executor.documents import Asked, Taste, documents, is_valid
from tests.gateway_client import Gateway, started
from tests.live.following import RECORD

CORE = the_schema()._schema
ACCOUNT = load_account()
NOW = datetime(2026, 5, 6, 23, 59, 59, tzinfo=ACCOUNT.zone).astimezone(UTC)
HOUSEHOLDS = 12
# A document by chance asks more than a person would.
LIMITS = Limits(depth=30, aliases=500, directives=500, tokens=20_000, repeats=50, rows=20_000)
EVENTS = 3
FEW = ALL_SCOPES - {"notes:read", "orders:read", "timeline:read", "customers:list"}
DISCOVERY = """{
  customers(first: 12) { nodes { id externalId ofEmail: email { email: value } ofPhone: phone { phone: value } crmId
    notes { nodes { id } } consents { id } tags { id } segments { segment { id } }
    receipts(first: 3) { pageInfo { endCursor } nodes { id store { id } items { product { id category { id } } } } }
    orders(first: 2) { pageInfo { endCursor } nodes { id } }
    timeline(first: 8) { liveCursor pageInfo { endCursor } nodes { id } }
  } }
  account { id }
}"""
CURSOR = "query ($id: ID!) { customer(by: { id: $id }) { timeline { liveCursor } } }"
TEXTS = {
    "Date": ["2026-01-31", "2026-05-06"],
    "DateTime": ["2026-05-01T00:00:00Z", "2025-12-24T18:30:00+02:00"],
    "Decimal": ["0", "12.50"],
    "CurrencyCode": ["USD", "CAD"],
    "URL": ["https://example.com/"],
}


@dataclass
class Known:
    """What can be asked for by name: the ids, cursors and identifiers of the data."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def learn(self, data: Any, under: str = "") -> None:
        """Keeps every text that stands under an interesting name."""
        if isinstance(data, dict):
            for name, value in data.items():
                self.learn(value, name)
        elif isinstance(data, list):
            for value in data:
                self.learn(value, under)
        elif isinstance(data, str):
            self.values.setdefault({"endCursor": "after", "liveCursor": "after"}.get(under, under), []).append(data)
            if under == "id" and decode(data).type == "Customer":
                self.values.setdefault("customer", []).append(data)

    def pick(self, random: Random, name: str, type_: GraphQLNamedType) -> Any:
        """A value that brings data back, mostly."""
        if name == "first":
            return random.choice((1, 2, 3, 5))
        if name == "after" and random.random() < 0.7:
            # A cursor belongs to one kind of list, and there are many: most documents would only tell of that.
            return Undefined
        known = self.values.get("id" if type_.name == "ID" else name) or TEXTS.get(type_.name)
        return random.choice(known) if known and random.random() < 0.95 else Undefined


@dataclass
class Ways:
    """The gateway's operations, executed by graphql-core and compiled, over the same services."""

    core: Operations
    compiled: Operations
    compiler: Compiler
    viewers: tuple[Viewer, ...]
    known: Known
    gateway: Gateway
    tally: Tally = field(default_factory=Tally)
    behind: str = ""
    read_otherwise: int = 0
    seen: set[str] = field(default_factory=set)

    async def compare(self, asked: Asked) -> None:
        """Raises AssertionError where the answers differ, or more was read for them."""
        compiler, tally = self.compiler, self.tally
        viewer = self.viewers[tally.documents % len(self.viewers)]
        before = (compiler.compiled, compiler.repeated, compiler.left)
        expected = await self._answer(self.core, asked, viewer)
        said = expected
        for run in RUNS[1:]:
            said = await self._answer(self.compiled, asked, viewer)
            assert said[0] == expected[0], explained(asked, run, expected[0], said[0])
            if said[1] != expected[1]:
                # A repeated run asks for the rest of its fields later than for those before the failure, so that a read
                # can be split in two; and where a null bubbles graphql-core cancels what stands beside it, read or not.
                assert expected[2].errors, explained(asked, run, expected[1], said[1])
                self.read_otherwise += 1
        compiled, repeated, left = (
            now - then for now, then in zip((compiler.compiled, compiler.repeated, compiler.left), before, strict=True)
        )
        has_errors = bool(expected[2].errors)
        tally.documents += 1
        tally.with_errors += has_errors
        tally.with_data += bool(expected[2].data)
        tally.leaves += expected[0].count(":")
        if expected[2].is_refusal or left:
            tally.refused += expected[2].is_refusal
            tally.left += bool(left)
            return
        assert compiled == 1 or asked.text in self.seen, f"not compiled:\n{asked.text}\n{asked.variables}"
        assert repeated == (2 if has_errors else 0), f"repeated:\n{asked.text}\n{asked.variables}"
        self.seen.add(asked.text)
        tally.repeated += has_errors
        tally.compiled += not has_errors

    async def _answer(self, operations: Operations, asked: Asked, viewer: Viewer) -> tuple[str, Any, Answer]:
        prepared = operations.prepare(Question(asked.text, asked.variables), viewer, "request")
        answer = await operations.run(prepared) if isinstance(prepared, Prepared) else prepared
        return _shown(answer), _read(answer), answer

    async def record(self) -> None:
        """Lets one customer do something, to be delivered behind the cursor from before."""
        customer = self.known.values["customer"][0]
        answer = await self.gateway.ask(CURSOR, {"id": customer})
        self.behind = f'(customerId: "{customer}", after: "{answer.data["customer"]["timeline"]["liveCursor"]}")'
        event = {"customer": {"id": customer}, "category": "CALL_CENTER", "type": "said", "occurredAt": NOW.isoformat()}
        events = [{**event, "externalId": f"event {place}", "name": f"Event {place}"} for place in range(EVENTS)]
        recorded = await self.gateway.ask(RECORD, {"input": {"events": events}})
        assert recorded.data["recordEvents"] == {"recorded": EVENTS, "userErrors": []}

    async def compare_events(self, asked: Asked) -> None:
        """As `compare`, for the events of a subscription that are there already."""
        viewer = self.viewers[0]
        expected = await self._events(self.core, asked, viewer)
        for run in RUNS[1:]:
            said = await self._events(self.compiled, asked, viewer)
            assert said == expected, explained(asked, run, expected, said)
        self.tally.documents += len(expected)

    async def _events(self, operations: Operations, asked: Asked, viewer: Viewer) -> list[Any]:
        prepared = operations.prepare(Question(asked.text, asked.variables), viewer, "request")
        if not isinstance(prepared, Prepared):
            return [_shown(prepared)]
        events = []
        async with asyncio.timeout(20), aclosing(operations.stream(prepared)) as answers:
            async for answer in answers:
                events.append((_shown(answer), _read(answer)))
                if len(events) == EVENTS:
                    break
        return events


def _shown(answer: Answer) -> str:
    extensions = {key: value for key, value in (answer.extensions or {}).items() if key != "profile"}
    # Loaders answer a repeated run at once, so that errors of different panels may come in another order.
    errors = sorted(answer.errors, key=repr)
    return repr((answer.data, errors, extensions, answer.is_refusal))


def _read(answer: Answer) -> Any:
    profile = (answer.extensions or {}).get("profile")
    return profile and (profile["sqlStatements"], sorted(map(repr, profile["loaderBatches"])))


@pytest.fixture(scope="module")
def ways(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Ways]]:
    """A gateway over a small database, in a loop of its own."""
    with asyncio.Runner() as runner:
        running = _started(sqlite, tmp_path_factory.mktemp("rejects"))
        opened = runner.run(anext(running))
        yield runner, opened
        runner.run(running.aclose())


async def _started(sqlite: Sqlite, folder: Path) -> Any:
    url = await sqlite.fresh()
    await import_complete_journey(
        url, ACCOUNT, HOUSEHOLDS, False, silent, NOW, rejects_file=folder / "demo.rejects.jsonl"
    )
    await recompute_recommendations(url, ACCOUNT, silent, NOW)
    async with started(Settings(database_url=url), ACCOUNT, "sqlite", lambda: NOW) as gateway:
        known = Known()
        answer = await gateway.ask(DISCOVERY)
        assert answer.errors == []
        known.learn(answer.data)
        # What an affinity can be about is listed under another name.
        known.values["attribute"] = list(gateway.account.affinity_attributes)
        yield _ways(gateway, known)


def _ways(gateway: Gateway, known: Known) -> Ways:
    services, compiler = gateway.runtime.services, Compiler(after=0, is_cautious=False)
    core, compiled = (
        Operations(CORE._strawberry_schema, services, 30, limits=LIMITS, compiler=each)  # type: ignore[attr-defined]
        for each in (None, compiler)
    )
    viewers = tuple(
        Viewer(id=1, name="staff 1", kind=ViewerKind.STAFF, scopes=frozenset(scopes)) for scopes in (ALL_SCOPES, FEW)
    )
    return Ways(core, compiled, compiler, viewers, known, gateway)


def tasting(known: Known, **changes: Any) -> Any:
    """Documents of all sizes that ask for what is there."""

    def taste(random: Random) -> Taste:
        made = Taste(depth=random.randint(2, 6), width=random.randint(2, 5), pick=known.pick)
        return replace(made, **changes)

    return taste


def test_documents_answer_the_same_and_without_errors_for_the_same_reads(ways: tuple[asyncio.Runner, Ways]) -> None:
    runner, both = ways
    both.tally = Tally()
    for asked in islice(documents(CORE, SEED, tasting(both.known)), amount("gateway")):
        runner.run(both.compare(asked))
    told("gateway", f"{both.tally}; {both.read_otherwise} failed runs read otherwise")
    assert both.tally.compiled > 0.4 * both.tally.documents
    assert both.read_otherwise < 0.05 * both.tally.documents
    # Conditions that are null, and nothing else.
    assert both.tally.left < 0.05 * both.tally.documents
    assert both.tally.with_data > 0.6 * both.tally.documents


def test_documents_drawn_by_hypothesis_graphql_answer_the_same(ways: tuple[asyncio.Runner, Ways]) -> None:
    runner, both = ways
    both.tally = Tally()
    scalars = {name: st.sampled_from(texts).map(nodes.String) for name, texts in TEXTS.items()}

    @as_many(amount("drawn") // 3)
    @given(queries(CORE, custom_scalars=scalars))
    def compare(text: str) -> None:
        if is_valid(CORE, text):
            runner.run(both.compare(Asked(text, {})))

    compare()
    told("gateway, drawn", both.tally)


def test_deliveries_answer_the_same_under_both_executors(ways: tuple[asyncio.Runner, Ways]) -> None:
    runner, both = ways
    both.tally = Tally()
    runner.run(both.record())
    compiled = both.compiler.compiled
    taste = tasting(both.known, operation=OperationType.SUBSCRIPTION, subscribes_to=both.behind)
    for asked in islice(documents(CORE, SEED, taste), amount("gateway") // 10):
        runner.run(both.compare_events(asked))
    told("gateway, deliveries", both.tally)
    assert both.tally.documents == EVENTS * (amount("gateway") // 10)
    assert both.compiler.compiled - compiled > 0.9 * (amount("gateway") // 10)
