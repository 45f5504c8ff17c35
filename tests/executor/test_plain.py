"""Compiled operations say what graphql-core says, over a schema of graphql-core's own types, without Strawberry."""

import asyncio
from dataclasses import replace
from itertools import islice

import pytest
from graphql import OperationType
from graphql.execution import Executor
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from tests.executor.amounts import SEED, amount, as_many, taste_of, told
from tests.executor.comparing import Comparison
from tests.executor.documents import Asked, documents, is_valid
from tests.executor.torture.plain import SCHEMA, root

# graphql-core leaves coroutines behind where errors bubble past them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TASTE = taste_of("bad", "async")


async def test_queries_answer_as_under_graphql_core_with_every_key_and_error_in_its_place() -> None:
    compared = Comparison(SCHEMA, Executor, root)
    for asked in islice(documents(SCHEMA, SEED, TASTE), amount("plain")):
        await compared.compare(asked)
    told("plain", compared.tally)
    assert compared.tally.compiled > 0.6 * compared.tally.documents
    assert compared.tally.left < 0.1 * compared.tally.documents
    assert compared.tally.with_errors > 0.1 * compared.tally.documents


async def test_events_of_subscriptions_answer_as_under_graphql_core() -> None:
    compared = Comparison(SCHEMA, Executor, root)
    tastes = lambda random: replace(TASTE(random), operation=OperationType.SUBSCRIPTION)  # noqa: E731
    for asked in islice(documents(SCHEMA, SEED, tastes), amount("plain") // 6):
        await compared.compare_events(asked)
    told("plain, subscriptions", compared.tally)


def test_queries_drawn_by_hypothesis_graphql_answer_as_under_graphql_core() -> None:
    compared = Comparison(SCHEMA, Executor, root)
    odd = st.sampled_from(["raise", "none", "fine"]).map(nodes.String)
    fields = sorted(name for name in SCHEMA.query_type.fields if not name.startswith(("bad", "async")))  # type: ignore[union-attr]

    with asyncio.Runner() as runner:

        @as_many(amount("drawn") // 3)
        @given(queries(SCHEMA, fields=fields, custom_scalars={"Odd": odd}))
        def compare(text: str) -> None:
            if is_valid(SCHEMA, text):
                runner.run(compared.compare(Asked(text, {})))

        compare()
    told("plain, drawn", compared.tally)
    assert compared.tally.compiled > 0.1 * compared.tally.documents
