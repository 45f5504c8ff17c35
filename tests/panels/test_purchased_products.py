"""The products a customer purchased."""

from datetime import timedelta

import pytest

from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import (
    BREAD,
    DESSERT,
    MILK,
    NOON,
    UNPRICED,
    arrange,
    customer_id,
    open_shop,
    purchased,
    reads,
)

LIST = """
query ($id: ID!, $search: String, $first: Int! = 10, $after: String) {
  customer(by: { id: $id }) {
    purchasedProducts(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage endCursor }
      edges { cursor node { product { name } } }
      nodes {
        product { id externalId name brand imageUrl url category { id name } price { amount currencyCode } }
        quantity orderCount receiptCount lastPurchasedAt
      }
    }
  }
}
"""


async def _names(gateway: Gateway, search: str | None) -> list[str]:
    answer = await gateway.ask(LIST, {"id": customer_id(), "search": search})
    assert answer.errors == []
    found = answer.data["customer"]["purchasedProducts"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["product"]["name"] for node in found["nodes"]]


async def test_a_purchased_product_shows_how_much_how_often_and_when_last(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [purchased(1, MILK, 5, NOON, quantity_milli=7_250, receipt_count=3, order_count=2)])
    answer = await gateway.ask(LIST, {"id": customer_id()})
    assert answer.errors == []
    assert answer.data["customer"]["purchasedProducts"]["nodes"] == [
        {
            "product": {
                "id": encode("Product", MILK),
                "externalId": "p-11",
                "name": "Whole milk",
                "brand": None,
                "imageUrl": None,
                "url": None,
                "category": {"id": encode("Category", 7), "name": "Dairy"},
                "price": {"amount": "11.00", "currencyCode": "USD"},
            },
            "quantity": "7.25",
            "orderCount": 2,
            "receiptCount": 3,
            "lastPurchasedAt": "2026-03-10T12:00:00Z",
        }
    ]


async def test_walking_the_pages_gives_every_product_once_the_latest_first(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    yesterday = NOON - timedelta(days=1)
    await arrange(
        gateway,
        [
            purchased(1, DESSERT, 1, yesterday),
            purchased(1, MILK, 9, yesterday),
            purchased(1, BREAD, 3, NOON),
            purchased(1, UNPRICED, 3, yesterday),
            purchased(2, MILK, 1, NOON),
        ],
    )
    walked: list[str] = []
    after = None
    for page in range(2):
        answer = await gateway.ask(LIST, {"id": customer_id(), "first": 2, "after": after})
        found = answer.data["customer"]["purchasedProducts"]
        assert found["totalCount"] == 4
        assert (found["pageInfo"]["hasPreviousPage"], found["pageInfo"]["hasNextPage"]) == (page > 0, page < 1)
        walked += [node["product"]["name"] for node in found["nodes"]]
        assert [edge["node"]["product"]["name"] for edge in found["edges"]] == walked[-2:]
        after = found["pageInfo"]["endCursor"]
    assert walked == ["Rye bread", "40011", "Crème Brûlée", "Whole milk"]


async def test_search_finds_a_part_of_the_name_without_regard_to_case_and_accents(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    await arrange(
        gateway, [purchased(1, id, 1, NOON) for id in (MILK, DESSERT, UNPRICED)] + [purchased(2, BREAD, 1, NOON)]
    )
    assert await _names(gateway, "CREME bru") == ["Crème Brûlée"]
    assert await _names(gateway, "crème") == ["Crème Brûlée"]
    assert await _names(gateway, "E MILK") == ["Whole milk"]
    assert await _names(gateway, "4001") == ["40011"]
    assert await _names(gateway, "%") == []
    assert await _names(gateway, "bread") == []
    assert await _names(gateway, "") == ["40011", "Crème Brûlée", "Whole milk"]


async def test_a_customer_without_purchases_has_an_empty_list(gateway: Gateway) -> None:
    await open_shop(gateway)
    assert await _names(gateway, None) == []


async def test_a_page_has_at_most_100_and_a_cursor_must_be_one(gateway: Gateway) -> None:
    await open_shop(gateway)
    for variables, code in (({"first": 101}, "LIMIT_EXCEEDED"), ({"after": "cDF8"}, "BAD_CURSOR")):
        answer = await gateway.ask(LIST, {"id": customer_id(), **variables})
        assert (answer.data["customer"]["purchasedProducts"], answer.codes) == (None, [code])


@pytest.mark.parametrize("customers", [1, 3])
async def test_purchased_products_cost_one_read_a_level(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await open_shop(gateway, ids)
    await arrange(gateway, [purchased(customer, id, 1, NOON) for customer in ids for id in (MILK, BREAD)])
    fields = "purchasedProducts { totalCount nodes { product { name category { name } } } }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {
        "CustomerById": customers,
        "LatestPurchasedProducts": customers,
        "PurchasedProductCount": customers,
        "ProductById": 2,
        "CategoryById": 1,
    }


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    query = f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ externalId purchasedProducts {{ totalCount }} }} }}'
    answer = await gateway.ask(query, scopes={"profile:read", "debug"})
    assert answer.data["customer"] == {"externalId": "c-1", "purchasedProducts": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "purchasedProducts"])
    assert reads(answer) == {"CustomerById": 1}


async def test_products_and_categories_can_be_fetched_again(gateway: Gateway) -> None:
    await open_shop(gateway)
    query = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename "
        "... on Product { name } ... on Category { label: name } } }"
    )
    ids = [encode("Product", BREAD), encode("Category", 7), encode("Product", 999), encode("Category", 999)]
    answer = await gateway.ask(query, {"ids": ids})
    assert answer.errors == []
    assert answer.data["nodes"] == [
        {"__typename": "Product", "name": "Rye bread"},
        {"__typename": "Category", "label": "Dairy"},
        None,
        None,
    ]
    assert reads(answer) == {"ProductById": 2, "CategoryById": 2}
    refused = await gateway.ask(query, {"ids": ids[:2]}, scopes={"profile:read", "debug"})
    assert (refused.data["nodes"], refused.codes, reads(refused)) == ([None, None], ["FORBIDDEN"] * 2, {})
