"""The gateway under both executors: the same reads, ticks and round trips, and not one more for a failure."""

from typing import Any

import pytest
from sqlalchemy import text

from executor import Compiler
from gateway.app import the_schema
from gateway.operations import Answer, Operations, Prepared, Question
from profiles.consents import ConsentChange, ConsentStatus
from profiles.notes import Note
from profiles.viewer import SYSTEM
from tests.gateway_client import Gateway
from tests.people import MADE_AT, add, customer_id, people

PANELS = """fragment Panels on Customer {
  externalId email { value warning } subscriptionStatus kind
  segments { segment { name } } tags { name }
  receipts(first: 10) { totalCount nodes { id total { amount } items { product { name category { name } } } } }
  orders(first: 10) { nodes { id number items { product { name } } } }
  timeline(first: 20) { nodes { __typename id name ... on ProfileEvent { actor } } }
  notes { totalCount nodes { body author } }
  consents { name status } interests { __typename } mailings { totalCount } metrics { receiptCount }
}"""
PAGE = f"query ($id: ID!) {{ customer(by: {{ id: $id }}) {{ id ...Panels }} }} {PANELS}"
LIST = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename id ...Panels }} }} {PANELS}"
BREAKS = {
    "a table that is gone": "DROP TABLE kept_consents",
    "two fields of one table": "DROP TABLE customer_metrics",
    "a column of a page": "ALTER TABLE notes RENAME COLUMN author TO writer",
}

pytestmark = pytest.mark.usefixtures("uncached")


class Executors:
    """The same operations, executed in both ways over the same services."""

    def __init__(self, gateway: Gateway) -> None:
        self.compiler = Compiler(after=0)
        services = gateway.runtime.services
        self.core = Operations(the_schema(), services, 10)
        self.compiled = Operations(the_schema(), services, 10, compiler=self.compiler)

    async def both(self, query: str, variables: dict[str, Any]) -> tuple[Answer, Answer]:
        """What graphql-core answers, and what the compiled operation does."""
        core, compiled = [await self._ask(each, query, variables) for each in (self.core, self.compiled)]
        return core, compiled

    @staticmethod
    async def _ask(operations: Operations, query: str, variables: dict[str, Any]) -> Answer:
        prepared = operations.prepare(Question(query, variables), SYSTEM, "request")
        assert isinstance(prepared, Prepared), prepared
        return await operations.run(prepared)


@pytest.fixture
async def executors(gateway: Gateway) -> Executors:
    """Both, over fifty customers of whom every tenth has something to show."""
    await people(gateway, *range(1, 51))
    for id in range(1, 51, 10):
        row = {"author": "Ann", "created_at": MADE_AT, "updated_at": MADE_AT}
        await add(gateway, Note(customer_id=id, id=id, body="x", body_key="x", **row))
        granted = {"status": ConsentStatus.GRANTED, "at": MADE_AT, "source": "form", "actor": "Ann"}
        await add(gateway, ConsentChange(customer_id=id, id=id, name="news", **granted))
    return Executors(gateway)


def spent(answer: Answer) -> tuple[Any, ...]:
    """Statements, round trips, ticks, and the reads by loader with their keys."""
    profile = (answer.extensions or {})["profile"]
    reads = sorted((batch["loader"], batch["keys"]) for batch in profile["loaderBatches"])
    return profile["sqlStatements"], profile["sqlRoundTrips"], profile["ticks"], reads


@pytest.mark.parametrize("count", [1, 50])
async def test_the_page_and_the_list_are_the_same_reads_under_both_executors(
    gateway: Gateway, executors: Executors, count: int
) -> None:
    asked = (PAGE, {"id": customer_id(1)}) if count == 1 else (LIST, {"ids": [customer_id(id) for id in range(1, 51)]})
    for _ in range(2):
        core, compiled = await executors.both(*asked)
        assert (core.errors, compiled.errors) == ([], [])
        assert repr(compiled.data) == repr(core.data)
        # Compiled, the panels of one customer are read beside the look whether there is such a customer.
        spared = 1 if count == 1 else 0
        statements, trips, ticks, reads = spent(core)
        if gateway.dialect == "postgresql":
            statements -= spared
        assert spent(compiled) == (statements, trips - spared, ticks - spared, reads)
    assert (executors.compiler.compiled, executors.compiler.repeated) == (1, 0)


@pytest.mark.parametrize("statement", BREAKS.values(), ids=BREAKS.keys())
async def test_a_run_that_is_repeated_for_a_failed_panel_sends_no_further_statement(
    gateway: Gateway, executors: Executors, statement: str
) -> None:
    async with gateway.store.engine.begin() as connection:
        await connection.execute(text(statement))
    core, compiled = await executors.both(PAGE, {"id": customer_id(1)})
    assert {error["extensions"]["code"] for error in core.errors} == {"SOURCE_UNAVAILABLE"}
    assert compiled.data == core.data
    assert sorted(map(repr, compiled.errors)) == sorted(map(repr, core.errors))
    assert spent(compiled)[0] == spent(core)[0]
    assert spent(compiled)[3] == spent(core)[3]
    assert executors.compiler.repeated == 1


async def test_a_gateway_compiles_what_comes_again_and_not_what_comes_once(gateway: Gateway) -> None:
    compiler = Compiler()
    operations = Operations(the_schema(), gateway.runtime.services, 10, compiler=compiler)
    await people(gateway, 1)
    for number in range(5):
        await Executors._ask(operations, PAGE.replace("{ id ...", f"{{ as{number}: id ...", 1), {"id": customer_id(1)})
    assert compiler.compiled == 0
    for _ in range(2):
        await Executors._ask(operations, PAGE, {"id": customer_id(1)})
    assert compiler.compiled == 1
