"""Polls: the panel, the node, the list of all, and whom the filter finds."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.polls import Poll, PollParticipation
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, count, customer_id, people, walked

PANEL = """
query ($id: ID!, $first: Int! = 10, $after: String) {
  customer(by: { id: $id }) {
    polls(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { answeredAt } }
      nodes { answeredAt }
    }
  }
}
"""
WHOLE = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { polls {
    nodes { answeredAt poll { id name resultsUrl } } totalCount
  } } }
}
"""
LIST = """
query ($search: String, $first: Int! = 20, $after: String) {
  polls(search: $search, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { name } }
    nodes { name }
  }
}
"""
FOUND = "query ($filter: CustomerFilter) { customers(filter: $filter) { nodes { externalId } } }"
TASTE, ECO, EMPTY = 1, 2, 3


def polls() -> list[Any]:
    return [
        Poll(id=TASTE, external_id="p-1", name="taste of bread", results_url="https://polls.example/1"),
        Poll(id=ECO, external_id="p-2", name="Écologie", name_key="ecologie"),
        Poll(id=EMPTY, external_id="p-3", name="Delivery"),
    ]


def answered(customer: int, id: int, hours: int = 0, poll: int = TASTE) -> PollParticipation:
    return PollParticipation(customer_id=customer, id=id, poll_id=poll, answered_at=MADE_AT + timedelta(hours=hours))


async def test_the_panel_shows_the_polls_newest_first_with_their_results(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, *polls(), answered(1, 1, 0), answered(1, 2, 5, ECO))
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["polls"] == {
        "nodes": [
            {
                "answeredAt": "2026-01-02T08:04:05.678901Z",
                "poll": {"id": encode("Poll", ECO), "name": "Écologie", "resultsUrl": None},
            },
            {
                "answeredAt": "2026-01-02T03:04:05.678901Z",
                "poll": {
                    "id": encode("Poll", TASTE),
                    "name": "taste of bread",
                    "resultsUrl": "https://polls.example/1",
                },
            },
        ],
        "totalCount": 2,
    }


async def test_walking_the_pages_gives_every_poll_once_newest_first(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, *polls(), *(answered(1, id, max(0, id - 3)) for id in range(1, 8)), answered(2, 99, 50))
    nodes = await walked(gateway, PANEL, "polls", 3)
    times = [node["answeredAt"] for node in nodes]
    assert (len(times), times) == (7, sorted(times, reverse=True))


async def test_a_customer_who_answered_none_has_an_empty_list(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert (answer.data["nodes"][0]["polls"], answer.errors) == ({"nodes": [], "totalCount": 0}, [])


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, *polls(), answered(1, 1))
    answer = await gateway.ask(WHOLE, {"ids": ids}, scopes=ALL_SCOPES - {"polls:read"})
    assert answer.data == {"nodes": [{"polls": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "polls"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}
    listed = await gateway.ask(LIST, scopes=ALL_SCOPES - {"polls:read"})
    assert (listed.data, listed.codes) == ({"polls": None}, ["FORBIDDEN"])
    assert listed.extensions["profile"]["sqlStatements"] == 0


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(gateway, *polls(), *(answered(customer, 1, 0, 1 + customer % 2) for customer in range(1, customers + 1)))
    answer = await gateway.ask(WHOLE, {"ids": ids})
    assert answer.errors == []
    assert answer.extensions["profile"]["loaderBatches"] == [
        {"loader": "CustomerById", "keys": customers},
        {"loader": "LatestPolls", "keys": customers},
        {"loader": "PollCount", "keys": customers},
        {"loader": "PollById", "keys": min(2, customers)},
    ]


async def test_all_polls_are_listed_by_name_searched_and_paged(gateway: Gateway) -> None:
    await add(gateway, *polls())
    names: list[str] = []
    after = None
    for place in range(3):
        page = (await gateway.ask(LIST, {"first": 1, "after": after})).data["polls"]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["pageInfo"]["hasPreviousPage"] == bool(place)
        names += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert names == ["Delivery", "Écologie", "taste of bread"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, False)
    found = (await gateway.ask(LIST, {"search": "ECOL"})).data["polls"]
    assert (found["totalCount"], found["nodes"]) == (1, [{"name": "Écologie"}])
    only = await gateway.ask("{ polls { nodes { name } } }")
    assert only.extensions["profile"]["loaderBatches"] == [{"loader": "PollList", "keys": 1}]


async def test_bad_arguments_are_refused_by_their_code(gateway: Gateway) -> None:
    await people(gateway, 1)
    for query, path in ((LIST, ["polls"]), (PANEL, ["customer", "polls"])):
        for variables, code in (({"first": 101}, "LIMIT_EXCEEDED"), ({"after": "x"}, "BAD_CURSOR")):
            answer = await gateway.ask(query, {"id": customer_id(1), **variables})
            assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [(path, code)]


async def test_the_filter_finds_who_took_part_and_who_did_not(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    await add(gateway, *polls(), answered(1, 1), answered(1, 2, 1, ECO), answered(2, 1, 0, ECO))

    async def found(**said: Any) -> set[str]:
        answer = await gateway.ask(FOUND, {"filter": {"poll": said}})
        assert answer.errors == []
        return {node["externalId"] for node in answer.data["customers"]["nodes"]}

    assert await found(ids=[encode("Poll", TASTE)]) == {"ext-1"}
    assert await found(ids=[encode("Poll", TASTE), encode("Poll", ECO)]) == {"ext-1", "ext-2"}
    assert await found(ids=[encode("Poll", ECO)], participated=False) == {"ext-3"}
    assert await found(ids=[]) == set()
    # Polls have no control group.
    assert await found(ids=[encode("Poll", ECO)], isControlGroup=True) == set()
    assert await found(ids=[encode("Poll", ECO)], isControlGroup=False) == {"ext-1", "ext-2"}
    wrong = await gateway.ask(FOUND, {"filter": {"poll": {"ids": [encode("Mailing", 1)]}}})
    assert wrong.codes == ["BAD_REQUEST"]
    assert wrong.errors[0]["extensions"]["field"] == ["filter", "poll", "ids", "0"]
    assert await count(gateway, PollParticipation) == 3
