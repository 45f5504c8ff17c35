"""Compiled operations say what graphql-core says, over a Strawberry schema that does everything that can be done."""

import asyncio
from dataclasses import replace
from itertools import islice

import pytest
from graphql import OperationType
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from tests.executor.amounts import SEED, amount, as_many, taste_of, told
from tests.executor.comparing import Comparison
from tests.executor.documents import Asked, documents, is_valid
from tests.executor.torture.things import SCHEMA, root

# graphql-core leaves coroutines behind where errors bubble past them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CORE = SCHEMA._schema
TASTE = taste_of("bad", "streamed")


def comparison() -> Comparison:
    """A new one."""
    return Comparison(CORE, StrawberryGraphQLCoreExecutionContext, root, {"is_awaitable": optimized_is_awaitable})


async def test_queries_answer_as_under_graphql_core_with_every_key_and_error_in_its_place() -> None:
    compared = comparison()
    for asked in islice(documents(CORE, SEED, TASTE), amount("torture")):
        await compared.compare(asked)
    told("torture", compared.tally)
    # Most documents are answered by compiled functions, or the comparison would say nothing about them.
    assert compared.tally.compiled > 0.6 * compared.tally.documents
    assert compared.tally.left < 0.1 * compared.tally.documents
    assert compared.tally.with_errors > 0.1 * compared.tally.documents


async def test_events_of_subscriptions_answer_as_under_graphql_core() -> None:
    compared = comparison()
    tastes = lambda random: replace(TASTE(random), operation=OperationType.SUBSCRIPTION)  # noqa: E731
    for asked in islice(documents(CORE, SEED, tastes), amount("torture") // 6):
        await compared.compare_events(asked)
    told("torture, subscriptions", compared.tally)
    assert compared.tally.compiled > 0.3 * compared.tally.documents


def test_queries_drawn_by_hypothesis_graphql_answer_as_under_graphql_core() -> None:
    compared = comparison()
    odd = st.sampled_from(["raise", "none", "fine"]).map(nodes.String)
    # Most of it at the top, where each draw costs least; the types below are all alike.
    fields = sorted(name for name in CORE.query_type.fields if not name.startswith(("bad", "streamed")))  # type: ignore[union-attr]

    with asyncio.Runner() as runner:

        @as_many(amount("drawn") // 3)
        @given(queries(CORE, fields=fields, custom_scalars={"Odd": odd}))
        def compare(text: str) -> None:
            if is_valid(CORE, text):
                runner.run(compared.compare(Asked(text, {})))

        compare()
    told("torture, drawn", compared.tally)
    assert compared.tally.compiled > 0.1 * compared.tally.documents
