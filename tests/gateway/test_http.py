"""GraphQL over HTTP."""

from tests.gateway_client import Gateway


async def test_a_query_answers(gateway: Gateway) -> None:
    answer = await gateway.ask("{ __typename }")
    assert (answer.data, answer.errors, answer.status) == ({"__typename": "Query"}, [], 200)
