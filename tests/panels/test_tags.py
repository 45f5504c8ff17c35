"""Tags: the panel, the node with its customers, the list of all."""

from typing import Any

from profiles.tags import CustomerTag, Tag
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.people import MADE_AT, add, customer_id, people

PANEL = "query ($id: ID!) { customer(by: { id: $id }) { externalId tags { id name } } }"
NODE = """
query ($id: ID!, $first: Int! = 20, $after: String) {
  node(id: $id) {
    ... on Tag {
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
  tags(search: $search, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { name }
  }
}
"""


async def settled(gateway: Gateway) -> None:
    """Three customers: two with the first tag, one of them with the second too."""
    await people(gateway, 1, 2, 3)
    await add(
        gateway,
        Tag(id=1, name="wine lover", name_key="wine lover"),
        Tag(id=2, name="Écolo", name_key="écolo", search_key="ecolo"),
        Tag(id=3, name="VIP", name_key="vip"),
        *(
            CustomerTag(customer_id=customer, tag_id=tag, assigned_at=MADE_AT, actor="staff")
            for customer, tag in ((1, 1), (1, 2), (3, 1))
        ),
    )


async def test_the_panel_shows_the_tags_by_name(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(PANEL, {"id": customer_id(1)})
    assert answer.data["customer"]["tags"] == [
        {"id": encode("Tag", 2), "name": "Écolo"},
        {"id": encode("Tag", 1), "name": "wine lover"},
    ]
    assert (await gateway.ask(PANEL, {"id": customer_id(2)})).data["customer"]["tags"] == []


async def test_without_its_scope_the_panel_is_null_and_reads_nothing(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(PANEL, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"tags:read"})
    assert answer.data == {"customer": {"externalId": "ext-1", "tags": None}}
    assert answer.codes == ["FORBIDDEN"]
    assert answer.errors[0]["path"] == ["customer", "tags"]
    assert [batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"]] == ["CustomerById"]


async def test_a_tag_opens_the_list_of_its_customers(gateway: Gateway) -> None:
    await settled(gateway)
    asked: dict[str, Any] = {"id": encode("Tag", 1), "first": 1}
    first = (await gateway.ask(NODE, asked)).data["node"]
    assert first["name"] == "wine lover"
    assert first["customers"]["totalCount"] == 2
    assert first["customers"]["nodes"] == [{"externalId": "ext-3"}]
    after = first["customers"]["pageInfo"]["endCursor"]
    rest = (await gateway.ask(NODE, {**asked, "after": after})).data["node"]["customers"]
    assert (rest["nodes"], rest["pageInfo"]["hasNextPage"]) == ([{"externalId": "ext-1"}], False)
    unused = (await gateway.ask(NODE, {"id": encode("Tag", 3)})).data["node"]["customers"]
    assert (unused["totalCount"], unused["nodes"]) == (0, [])
    assert (await gateway.ask(NODE, {"id": encode("Tag", 9)})).data == {"node": None}


async def test_the_customers_of_a_tag_need_the_scope_of_lists(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(NODE, {"id": encode("Tag", 1)}, scopes=ALL_SCOPES - {"customers:list"})
    assert answer.data == {"node": {"name": "wine lover", "customers": None}}
    assert answer.codes == ["FORBIDDEN"]
    answer = await gateway.ask(NODE, {"id": encode("Tag", 1)}, scopes=ALL_SCOPES - {"tags:read"})
    assert (answer.data, answer.codes) == ({"node": None}, ["FORBIDDEN"])


async def test_all_tags_are_listed_by_name_searched_and_paged(gateway: Gateway) -> None:
    await settled(gateway)
    names, after = [], None
    for _ in range(3):
        page = (await gateway.ask(LIST, {"first": 1, "after": after})).data["tags"]
        names += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (names, page["totalCount"], page["pageInfo"]["hasNextPage"]) == (["Écolo", "VIP", "wine lover"], 3, False)
    found = (await gateway.ask(LIST, {"search": "ECO"})).data["tags"]
    assert (found["totalCount"], found["nodes"]) == (1, [{"name": "Écolo"}])


async def test_the_tags_of_many_customers_cost_one_read(gateway: Gateway) -> None:
    await settled(gateway)
    query = "{ customers(first: %d) { nodes { tags { name customers(first: 5) { nodes { id } } } } } }"
    for first in (1, 3):
        profile = (await gateway.ask(query % first)).extensions["profile"]
        read = [batch["loader"] for batch in profile["loaderBatches"]]
        assert read == ["FoundCustomers", "TagsOf", "FoundCustomers"]
        assert profile["sqlStatements"] == 3
