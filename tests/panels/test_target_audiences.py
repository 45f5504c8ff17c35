"""Target audiences: the panel, the node with its customers, the list of all, and whom the filter finds."""

from typing import Any

import pytest

from profiles.target_audiences import TargetAudience, TargetAudienceMembership
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.people import add, customer_id, people

PANEL = "query ($id: ID!) { customer(by: { id: $id }) { externalId targetAudiences { id name } } }"
NODE = """
query ($id: ID!, $first: Int! = 20, $after: String) {
  node(id: $id) {
    ... on TargetAudience {
      name
      customers(first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { externalId }
      }
    }
  }
}
"""
LIST = """
query ($search: String, $first: Int! = 20, $after: String) {
  targetAudiences(search: $search, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { name } }
    nodes { name }
  }
}
"""
FOUND = "query ($filter: CustomerFilter) { customers(filter: $filter) { nodes { externalId } } }"


async def settled(gateway: Gateway) -> None:
    """Three customers: two in the first audience, one of them in the second too; nobody in the third."""
    await people(gateway, 1, 2, 3)
    await add(
        gateway,
        TargetAudience(id=1, external_id="a-1", name="young families"),
        TargetAudience(id=2, external_id="a-2", name="Écolo", name_key="ecolo"),
        TargetAudience(id=3, external_id="a-3", name="Pensioners"),
        *(
            TargetAudienceMembership(customer_id=customer, audience_id=audience)
            for customer, audience in ((1, 1), (1, 2), (3, 1))
        ),
    )


async def test_the_panel_shows_the_audiences_by_name(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(PANEL, {"id": customer_id(1)})
    assert answer.data["customer"]["targetAudiences"] == [
        {"id": encode("TargetAudience", 2), "name": "Écolo"},
        {"id": encode("TargetAudience", 1), "name": "young families"},
    ]
    assert (await gateway.ask(PANEL, {"id": customer_id(2)})).data["customer"]["targetAudiences"] == []


async def test_without_its_scope_the_panel_is_null_and_reads_nothing(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(PANEL, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"segments:read"})
    assert answer.data == {"customer": {"externalId": "ext-1", "targetAudiences": None}}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "targetAudiences"])
    assert [batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"]] == ["CustomerById"]


async def test_an_audience_opens_the_list_of_its_customers(gateway: Gateway) -> None:
    await settled(gateway)
    asked: dict[str, Any] = {"id": encode("TargetAudience", 1), "first": 1}
    first = (await gateway.ask(NODE, asked)).data["node"]
    assert (first["name"], first["customers"]["totalCount"]) == ("young families", 2)
    assert first["customers"]["nodes"] == [{"externalId": "ext-3"}]
    after = first["customers"]["pageInfo"]["endCursor"]
    rest = (await gateway.ask(NODE, {**asked, "after": after})).data["node"]["customers"]
    assert (rest["nodes"], rest["pageInfo"]["hasNextPage"]) == ([{"externalId": "ext-1"}], False)
    unused = (await gateway.ask(NODE, {"id": encode("TargetAudience", 3)})).data["node"]["customers"]
    assert (unused["totalCount"], unused["nodes"]) == (0, [])
    forbidden = await gateway.ask(NODE, asked, scopes=ALL_SCOPES - {"customers:list"})
    assert (forbidden.data["node"]["customers"], forbidden.codes) == (None, ["FORBIDDEN"])


async def test_all_audiences_are_listed_by_name_searched_and_paged(gateway: Gateway) -> None:
    await settled(gateway)
    names, after = [], None
    for _ in range(3):
        page = (await gateway.ask(LIST, {"first": 1, "after": after})).data["targetAudiences"]
        names += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (names, page["totalCount"]) == (["Écolo", "Pensioners", "young families"], 3)
    assert page["pageInfo"]["hasNextPage"] is False
    found = (await gateway.ask(LIST, {"search": "fam"})).data["targetAudiences"]
    assert (found["totalCount"], found["nodes"]) == (1, [{"name": "young families"}])


async def test_the_filter_finds_the_members_of_any(gateway: Gateway) -> None:
    await settled(gateway)

    async def found(*ids: int) -> set[str]:
        wanted = {"targetAudienceIds": [encode("TargetAudience", id) for id in ids]}
        answer = await gateway.ask(FOUND, {"filter": wanted})
        assert answer.errors == []
        return {node["externalId"] for node in answer.data["customers"]["nodes"]}

    assert await found(1, 2) == {"ext-1", "ext-3"}
    assert await found(2) == {"ext-1"}
    assert await found(3) == set()
    assert await found() == set()
    wrong = await gateway.ask(FOUND, {"filter": {"targetAudienceIds": [encode("Segment", 1)]}})
    assert wrong.codes == ["BAD_REQUEST"]
    assert wrong.errors[0]["extensions"]["field"] == ["filter", "targetAudienceIds", "0"]


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_the_audiences_of_many_customers_cost_one_read(gateway: Gateway, customers: int) -> None:
    await people(gateway, *range(1, customers + 1))
    await add(gateway, TargetAudience(id=1, external_id="a-1", name="young families"))
    await add(gateway, *(TargetAudienceMembership(customer_id=id, audience_id=1) for id in range(1, customers + 1)))
    query = "{ customers(first: %d) { nodes { targetAudiences { name customers(first: 1) { nodes { id } } } } } }"
    profile = (await gateway.ask(query % customers)).extensions["profile"]
    read = [batch["loader"] for batch in profile["loaderBatches"]]
    assert read == ["FoundCustomers", "TargetAudiencesOf", "FoundCustomers"]
