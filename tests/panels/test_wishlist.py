"""The panel of the wish list: the products and what they cost today."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.catalog import Product
from profiles.viewer import ALL_SCOPES
from profiles.wishlist import WishlistItem
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import done, record, shop
from tests.panels.carts import NOW, step, text
from tests.panels.shop import reads
from tests.people import add, customer_id, people

WISHLIST = """
query ($ids: [ID!]!, $first: Int! = 20) {
  nodes(ids: $ids) { ... on Customer { wishlist {
    total { amount currencyCode }
    items(first: $first) { addedAt price { amount currencyCode } product { id name imageUrl } }
  } } }
}
"""


def wish(product_id: int, minutes_ago: float = 0, customer: int = 1) -> WishlistItem:
    at = NOW - timedelta(minutes=minutes_ago)
    return WishlistItem(customer_id=customer, product_id=product_id, added_at=at)


async def wishing(gateway: Gateway) -> None:
    await shop(gateway)
    await add(
        gateway,
        Product(
            id=73,
            external_id="mint",
            name="Mint tea",
            price_minor=250,
            price_currency="USD",
            image_url="https://shop.example/mint.jpg",
        ),
        Product(id=74, external_id="oolong", name="Oolong", price_minor=1000, price_currency="USD"),
        Product(id=75, external_id="sencha", name="Sencha", price_minor=900, price_currency="JPY"),
    )


async def seen(gateway: Gateway, **asked: Any) -> Any:
    answer = await gateway.ask(WISHLIST, {"ids": [customer_id(1)], **asked})
    assert answer.errors == []
    return answer.data["nodes"][0]["wishlist"]


async def names(gateway: Gateway, **asked: Any) -> list[str]:
    return [wish["product"]["name"] for wish in (await seen(gateway, **asked))["items"]]


async def test_a_wish_list_costs_what_its_products_cost_today(gateway: Gateway) -> None:
    await wishing(gateway)
    await add(gateway, wish(74, 20), wish(73, 30), wish(71, 10), wish(73, 1, customer=2))
    assert await seen(gateway) == {
        "total": {"amount": "12.50", "currencyCode": "USD"},
        "items": [
            {
                "addedAt": text(NOW - timedelta(minutes=10)),
                # No price is known.
                "price": {"amount": "0.00", "currencyCode": "USD"},
                "product": {"id": encode("Product", 71), "name": "Green tea", "imageUrl": None},
            },
            {
                "addedAt": text(NOW - timedelta(minutes=20)),
                "price": {"amount": "10.00", "currencyCode": "USD"},
                "product": {"id": encode("Product", 74), "name": "Oolong", "imageUrl": None},
            },
            {
                "addedAt": text(NOW - timedelta(minutes=30)),
                "price": {"amount": "2.50", "currencyCode": "USD"},
                "product": {
                    "id": encode("Product", 73),
                    "name": "Mint tea",
                    "imageUrl": "https://shop.example/mint.jpg",
                },
            },
        ],
    }
    async with gateway.store.write() as unit:
        mint = await unit.session.get(Product, 73)
        assert mint is not None
        mint.price_minor = 300
        unit.session.add(mint)
    assert (await seen(gateway))["total"]["amount"] == "13.00"


async def test_first_cuts_the_items_and_not_the_total(gateway: Gateway) -> None:
    await wishing(gateway)
    await add(gateway, wish(74, 20), wish(73, 30))
    found = await seen(gateway, first=1)
    assert ([each["product"]["name"] for each in found["items"]], found["total"]["amount"]) == (["Oolong"], "12.50")
    assert (await seen(gateway, first=0))["items"] == []
    answer = await gateway.ask(WISHLIST, {"ids": [customer_id(1)], "first": 101})
    assert answer.codes == ["LIMIT_EXCEEDED"]


async def test_a_price_in_another_currency_is_left_out_of_the_total_and_warned_about(gateway: Gateway) -> None:
    await wishing(gateway)
    await add(gateway, wish(75, 1), wish(73, 2))
    answer = await gateway.ask(WISHLIST, {"ids": [customer_id(1)]})
    assert answer.data["nodes"][0]["wishlist"]["total"]["amount"] == "2.50"
    (warning,) = answer.extensions["warnings"]
    assert (warning["code"], warning["path"]) == ("RATE_MISSING", ["nodes", 0, "wishlist", "items", 0, "price"])


async def test_a_customer_without_wishes_has_no_list(gateway: Gateway) -> None:
    await wishing(gateway)
    assert await seen(gateway) is None


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await wishing(gateway)
    answer = await gateway.ask(WISHLIST, {"ids": [customer_id(1)]}, scopes=ALL_SCOPES - {"products:read"})
    assert answer.data == {"nodes": [{"wishlist": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "wishlist"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    await wishing(gateway)
    everybody = range(1, customers + 1)
    await people(gateway, *(id for id in everybody if id > 2))
    await add(gateway, *(wish(73, customer=id) for id in everybody))
    answer = await gateway.ask(WISHLIST, {"ids": [customer_id(id) for id in everybody]})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "Wishlists": customers, "ProductById": 1}
    assert [node["wishlist"]["total"]["amount"] for node in answer.data["nodes"]] == ["2.50"] * customers


async def test_recorded_steps_put_products_on_the_list_and_take_them_off(gateway: Gateway) -> None:
    await wishing(gateway)
    sent = [
        step("a", "added_to_wishlist", "mint", 30),
        step("b", "added_to_wishlist", "oolong", 29),
        step("c", "added_to_wishlist", "mint", 28),
    ]
    assert await record(gateway, *sent) == done(3)
    assert await names(gateway) == ["Oolong", "Mint tea"]
    assert await record(gateway, step("d", "removed_from_wishlist", "oolong", 40)) == done(1)
    assert await names(gateway) == ["Oolong", "Mint tea"]
    gone_and_back = [step("e", "removed_from_wishlist", "mint", 20), step("f", "added_to_wishlist", "mint", 10)]
    assert await record(gateway, step("g", "removed_from_wishlist", "oolong", 15), *gone_and_back) == done(3)
    assert [(each["product"]["name"], each["addedAt"]) for each in (await seen(gateway))["items"]] == [
        ("Mint tea", text(NOW - timedelta(minutes=10)))
    ]
    assert await record(gateway, step("h", "removed_from_wishlist", "mint", 5)) == done(1)
    assert await seen(gateway) is None
