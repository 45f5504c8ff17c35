"""The profile page: what it costs does not depend on the number of customers, and every panel has something to show."""

from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.gateway_client import Gateway

DOCUMENTS = Path(__file__).parents[2] / "web" / "graphiql" / "documents"
PAGE = (DOCUMENTS / "profile-page.graphql").read_text(encoding="utf-8")
LIST = "query List($first: Int!) { customers(first: $first) { nodes { id externalId } } }"

READS = {
    "CustomerById": 1,
    "MetricsOf": 1,
    "Consents": 1,
    "ChannelChoices": 1,
    "CustomAttributes": 1,
    "Memberships": 1,
    "TagsOf": 1,
    "NoteCount": 1,
    "LatestNotes": 1,
    "ReceiptCount": 1,
    "LatestReceipts": 1,
    "ItemsOfReceipt": 1,
    "OrderCount": 1,
    "LatestOrders": 1,
    "ItemsOfOrder": 1,
    "LatestEvents": 1,
    "StrongestInterests": 1,
    "BestRecommendations": 1,
    "StoreById": 1,
    "ProductById": 1,
    "CategoryById": 1,
    "ChosenViews": 1,
}
"""Each read of the page, once: one a panel, and one for each kind of thing that its rows mention."""


def page_of_many() -> str:
    """The very selection of the profile page, asked of many customers by id."""
    document = parse(PAGE)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    (customer,) = operation.selection_set.selections
    assert isinstance(customer, FieldNode)
    fragments = [print_ast(node) for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    selection = print_ast(customer.selection_set) if customer.selection_set else ""
    query = "query Pages($ids: [ID!]!) { nodes(ids: $ids) { ...Page } }"
    return "\n".join([query, f"fragment Page on Customer {selection}", *fragments])


async def ids_of(gateway: Gateway, count: int) -> list[str]:
    answer = await gateway.ask(LIST, {"first": count})
    ids = [node["id"] for node in answer.data["customers"]["nodes"]]
    assert len(ids) == count
    return ids


def batches(extensions: dict[str, Any]) -> dict[str, int]:
    """How many reads each loader made."""
    made: dict[str, int] = {}
    for batch in extensions["profile"]["loaderBatches"]:
        made[batch["loader"]] = made.get(batch["loader"], 0) + 1
    return made


@pytest.mark.parametrize("count", [1, 10, 100])
async def test_the_page_costs_the_same_reads_for_1_10_and_100_customers(gateway: Gateway, count: int) -> None:
    showcase = await gateway.ask(PAGE, {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}})
    ids = [showcase.data["customer"]["id"]]
    ids += [id for id in await ids_of(gateway, 100) if id not in ids]
    answer = await gateway.ask(page_of_many(), {"ids": ids[:count]})
    assert answer.errors == []
    assert len(answer.data["nodes"]) == count
    assert batches(answer.extensions) == READS


async def test_a_level_of_the_page_is_one_tick(gateway: Gateway) -> None:
    answer = await gateway.ask(PAGE, {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}})
    # The identifier, the customer, the panels, what their rows mention, and what that mentions.
    assert answer.extensions["profile"]["ticks"] == 5


async def test_the_household_to_open_has_something_in_every_panel(gateway: Gateway) -> None:
    page = (await gateway.ask(PAGE, {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}})).data["customer"]
    empty = [
        name
        for name, value in page.items()
        if value in (None, []) or (isinstance(value, dict) and value.get("nodes") == [])
    ]
    assert empty == []
