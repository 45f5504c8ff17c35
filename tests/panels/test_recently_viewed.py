"""Recently viewed: each product once, by its latest look within 90 days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import BREAD, DESSERT, MILK, arrange, open_shop, reads
from tests.people import customer_id

NOW = datetime.now(UTC).replace(microsecond=0)
PANEL = """
query ($ids: [ID!]!, $first: Int! = 10) {
  nodes(ids: $ids) { ... on Customer { recentlyViewed(first: $first) { viewedAt product { id name } } } }
}
"""
NAMES = {MILK: "Whole milk", BREAD: "Rye bread", DESSERT: "Crème Brûlée"}


def view(
    id: int, product: int | None, days_ago: float, customer: int = 1, category: str = "PRODUCT_VIEW"
) -> TimelineEvent:
    at = NOW - timedelta(days=days_ago)
    return TimelineEvent(
        customer_id=customer,
        id=id,
        activity_seq=id,
        category=EventCategory(category),
        type="product_view",
        name="Viewed a product",
        occurred_at=at,
        received_at=at,
        product_id=product,
    )


async def viewed(gateway: Gateway, first: int = 10) -> list[str]:
    answer = await gateway.ask(PANEL, {"ids": [customer_id(1)], "first": first})
    assert answer.errors == []
    return [row["product"]["name"] for row in answer.data["nodes"][0]["recentlyViewed"]]


async def test_each_product_comes_once_by_its_latest_look(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    await arrange(
        gateway,
        [
            view(1, MILK, 3),
            view(2, BREAD, 2),
            view(3, MILK, 1),
            view(4, BREAD, 40),
            # Neither a look at a product without one, nor another kind of event about a product, nor somebody else's.
            view(5, None, 0.5),
            view(6, DESSERT, 0.5, category="PAGE_VIEW"),
            view(7, MILK, 0.1, customer=2),
        ],
    )
    answer = await gateway.ask(PANEL, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["recentlyViewed"] == [
        {
            "viewedAt": (NOW - timedelta(days=days)).isoformat().replace("+00:00", "Z"),
            "product": {"id": encode("Product", product), "name": NAMES[product]},
        }
        for product, days in ((MILK, 1), (BREAD, 2))
    ]


async def test_looks_at_the_same_moment_count_once_and_the_later_id_comes_first(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [view(1, MILK, 1), view(2, MILK, 1), view(3, BREAD, 1), view(4, DESSERT, 1)])
    assert await viewed(gateway) == ["Crème Brûlée", "Rye bread", "Whole milk"]
    assert await viewed(gateway, 2) == ["Crème Brûlée", "Rye bread"]
    assert await viewed(gateway, 0) == []


async def test_a_look_counts_for_ninety_days(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [view(1, MILK, 90.1), view(2, BREAD, 89.9), view(3, DESSERT, 200), view(4, DESSERT, 300)])
    assert await viewed(gateway) == ["Rye bread"]


async def test_many_looks_at_one_product_hide_no_other(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [*(view(id, MILK, id / 1000) for id in range(1, 1201)), view(2000, BREAD, 10)])
    assert await viewed(gateway, 2) == ["Whole milk", "Rye bread"]


async def test_a_recorded_look_shows_at_once(gateway: Gateway) -> None:
    await open_shop(gateway)
    assert await viewed(gateway) == []
    record = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { message } } }"
    seen: dict[str, Any] = {
        "customer": {"id": customer_id(1)},
        "category": "PRODUCT_VIEW",
        "type": "product_view",
    }
    for place, (product, name) in enumerate((("p-11", "Whole milk"), ("p-12", "Rye bread"))):
        at = (NOW - timedelta(hours=2 - place)).isoformat()
        event = {**seen, "externalId": str(place), "productExternalId": product, "occurredAt": at}
        answer = await gateway.ask(record, {"input": {"events": [event]}})
        assert answer.data["recordEvents"] == {"recorded": 1, "userErrors": []}
        assert (await viewed(gateway))[0] == name
    assert await viewed(gateway) == ["Rye bread", "Whole milk"]


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    answer = await gateway.ask(PANEL, {"ids": [customer_id(1)]}, scopes=ALL_SCOPES - {"activity:read"})
    assert (answer.data, answer.codes) == ({"nodes": [{"recentlyViewed": None}]}, ["FORBIDDEN"])
    assert reads(answer) == {"CustomerById": 1}
    refused = await gateway.ask(PANEL, {"ids": [customer_id(1)], "first": 101})
    assert refused.codes == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    await open_shop(gateway, range(1, customers + 1))
    await arrange(gateway, [view(1, MILK, 1, customer) for customer in range(1, customers + 1)])
    answer = await gateway.ask(PANEL, {"ids": [customer_id(id) for id in range(1, customers + 1)]})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "RecentlyViewed": customers, "ProductById": 1}
    assert all(node["recentlyViewed"] for node in answer.data["nodes"])
