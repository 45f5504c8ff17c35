"""The panel of the cart: what waits in it and whether it was abandoned, and how recorded events fill and empty it."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.account import Account, load_account
from profiles.cart import Cart, CartItem
from profiles.catalog import ExchangeRate, Product
from profiles.timeline import TimelineEvent
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import done, event, item, record, refused, shop
from tests.panels.carts import DAY, HOUR, NOW, added, cart, in_cart, step, text
from tests.panels.shop import reads
from tests.people import add, count, customer_id, people, stored

CART = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { cart {
    status updatedAt total { amount currencyCode }
    items { quantity addedAt price { amount currencyCode original { amount currencyCode } } product { id name } }
  } } }
}
"""


async def seen(gateway: Gateway, id: int = 1) -> Any:
    answer = await gateway.ask(CART, {"ids": [customer_id(id)]})
    assert answer.errors == []
    return answer.data["nodes"][0]["cart"]


async def names(gateway: Gateway) -> list[tuple[str, str, str]]:
    """What is in the cart of customer 1: name, quantity and price; nothing where there is no cart."""
    found = await seen(gateway)
    items = found["items"] if found else []
    return [(line["product"]["name"], line["quantity"], line["price"]["amount"]) for line in items]


async def priced(gateway: Gateway) -> None:
    """The shop, and a product that has a price."""
    await shop(gateway)
    await add(
        gateway,
        Product(id=73, external_id="mint", name="Mint tea", price_minor=250, price_currency="USD"),
        Product(id=74, external_id="maple", name="Maple tea", price_minor=400, price_currency="CAD"),
    )


async def test_a_cart_shows_what_waits_in_it_the_newest_first(gateway: Gateway) -> None:
    await shop(gateway)
    await add(
        gateway,
        cart(1, 10),
        in_cart(1, 71, 30),
        in_cart(2, 72, 10, quantity_milli=1500, price_minor=333),
        in_cart(3, 72, 40, left_at=NOW - HOUR / 2),
        cart(2, 5),
        in_cart(1, 71, 5, customer=2),
    )
    assert await seen(gateway) == {
        "status": "OPEN",
        "updatedAt": text(NOW - timedelta(minutes=10)),
        # 1.5 x 3.33 is rounded half-even to 5.00 (4.995) before it is added.
        "total": {"amount": "8.00", "currencyCode": "USD"},
        "items": [
            {
                "quantity": "1.5",
                "addedAt": text(NOW - timedelta(minutes=10)),
                "price": {"amount": "3.33", "currencyCode": "USD", "original": None},
                "product": {"id": encode("Product", 72), "name": "Black tea"},
            },
            {
                "quantity": "2",
                "addedAt": text(NOW - timedelta(minutes=30)),
                "price": {"amount": "1.50", "currencyCode": "USD", "original": None},
                "product": {"id": encode("Product", 71), "name": "Green tea"},
            },
        ],
    }


async def test_a_price_in_another_currency_is_left_out_of_the_total_and_warned_about(gateway: Gateway) -> None:
    await shop(gateway)
    await add(gateway, cart(), in_cart(1, 71), in_cart(2, 72, price_minor=1000, currency="JPY"))
    answer = await gateway.ask(CART, {"ids": [customer_id(1)]})
    assert answer.data["nodes"][0]["cart"]["total"] == {"amount": "3.00", "currencyCode": "USD"}
    (warning,) = answer.extensions["warnings"]
    assert (warning["code"], warning["path"]) == ("RATE_MISSING", ["nodes", 0, "cart", "items", 0, "price"])


async def test_a_customer_without_a_cart_or_with_an_empty_one_has_none(gateway: Gateway) -> None:
    await shop(gateway)
    await add(gateway, cart(2, is_empty=True, ordered_at=NOW), in_cart(1, 71, customer=2, left_at=NOW))
    assert await seen(gateway, 1) is None
    assert await seen(gateway, 2) is None


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await shop(gateway)
    await add(gateway, cart(), in_cart(1, 71))
    answer = await gateway.ask(CART, {"ids": [customer_id(1)]}, scopes=ALL_SCOPES - {"products:read"})
    assert answer.data == {"nodes": [{"cart": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "cart"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    await shop(gateway)
    everybody = range(1, customers + 1)
    await people(gateway, *(id for id in everybody if id > 2))
    await add(gateway, *(cart(id) for id in everybody), *(in_cart(id, 71, customer=id) for id in everybody))
    answer = await gateway.ask(CART, {"ids": [customer_id(id) for id in everybody]})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "OpenCarts": customers, "ProductById": 1}
    assert [node["cart"]["total"]["amount"] for node in answer.data["nodes"]] == ["3.00"] * customers


async def test_what_is_added_is_in_the_cart_at_the_price_it_had_then(gateway: Gateway) -> None:
    await priced(gateway)
    two = [item("green", "2", "1.25"), item("black", "1", "3")]
    assert await record(gateway, added("a", "mint", 20), added("b", None, 10, items=two)) == done(2)
    assert await names(gateway) == [("Black tea", "1", "3.00"), ("Green tea", "2", "1.25"), ("Mint tea", "1", "2.50")]
    found = await seen(gateway)
    assert (found["status"], found["total"]["amount"]) == ("OPEN", "8.00")
    assert found["updatedAt"] == text(NOW - timedelta(minutes=10))
    async with gateway.store.write() as unit:
        mint = await unit.session.get(Product, 73)
        assert mint is not None
        mint.price_minor = 999
        unit.session.add(mint)
    # Added again at another price it is another line; at the same one it is one more of it.
    assert await record(gateway, added("c", "mint", 5), added("d", None, 4, items=[item("green", "1", "1.25")])) == (
        done(2)
    )
    assert await names(gateway) == [
        ("Green tea", "3", "1.25"),
        ("Mint tea", "1", "9.99"),
        ("Black tea", "1", "3.00"),
        ("Mint tea", "1", "2.50"),
    ]
    assert await record(gateway, added("d", "mint", 4)) == done(0, 1)
    assert len(await names(gateway)) == 4


async def test_a_product_without_a_price_waits_at_nothing_and_one_unknown_too(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, added("a", "green"), added("b", "40011"), added("c", None)) == done(3)
    assert sorted(await names(gateway)) == [("40011", "1", "0.00"), ("Green tea", "1", "0.00")]


async def test_a_price_in_another_currency_is_converted_at_the_rate_of_its_day(gateway: Gateway) -> None:
    await priced(gateway)
    await add(gateway, ExchangeRate(currency="CAD", day="2020-01-01", rate="0.75"))
    assert await record(gateway, added("a", "maple")) == done(1)
    found = await seen(gateway)
    assert found["total"]["amount"] == "3.00"
    assert found["items"][0]["price"] == {
        "amount": "3.00",
        "currencyCode": "USD",
        "original": {"amount": "4.00", "currencyCode": "CAD"},
    }


async def test_what_is_removed_is_in_the_cart_no_more(gateway: Gateway) -> None:
    await priced(gateway)
    await record(gateway, added("a", "mint", 30), added("b", "green", 20))
    assert await record(gateway, step("c", "removed_from_cart", "mint", 10)) == done(1)
    assert [name for name, *_ in await names(gateway)] == ["Green tea"]
    assert await record(gateway, step("d", "removed_from_cart", "green", 9)) == done(1)
    assert await seen(gateway) is None
    assert await record(gateway, step("e", "removed_from_cart", "black", 9)) == done(1)


async def test_an_order_empties_the_cart_of_what_was_in_it_by_then(gateway: Gateway) -> None:
    await priced(gateway)
    await record(gateway, added("a", "mint", 30), added("b", "green", 10))
    placed = event("o", "ORDER", 20, type="order_placed", items=[item("mint", "1", "2.50")])
    assert await record(gateway, placed) == done(1)
    assert [name for name, *_ in await names(gateway)] == ["Green tea"]
    assert await record(gateway, placed | {"externalId": "p", "occurredAt": text(NOW)}) == done(1)
    assert await seen(gateway) is None
    (row,) = await stored(gateway, Cart, customer_id=1)
    assert (row.is_empty, row.ordered_at) == (True, NOW)
    assert await record(gateway, added("c", "black", -1)) == done(1)
    assert [name for name, *_ in await names(gateway)] == ["Black tea"]


async def test_only_placing_an_order_empties_the_cart(gateway: Gateway) -> None:
    await priced(gateway)
    bought = [item("mint", "1", "2.50")]
    await record(gateway, event("o", "ORDER", 90, type="order_placed", items=bought))
    await record(
        gateway,
        added("a", "mint", 30),
        event("r", "ORDER", 20, type="order_returned", orderExternalId="o"),
        event("s", "ORDER", 20, type="order_shipped", orderExternalId="o", items=bought),
        event("t", "RECEIPT", 20, items=bought),
    )
    assert len(await names(gateway)) == 1
    assert await record(gateway, event("u", "ORDER", 10, type="order_placed")) == done(1)
    assert await seen(gateway) is None


async def test_what_is_told_after_its_order_is_in_no_cart(gateway: Gateway) -> None:
    """Orders and visits arrive apart: those of one evening in either order."""
    await priced(gateway)
    await record(gateway, event("o", "ORDER", 20, type="order_placed", items=[item("mint", "1", "2.50")]))
    assert await record(gateway, added("a", "mint", 30), added("b", "green", 20)) == done(2)
    assert await seen(gateway) is None
    assert await record(gateway, event("c", "CART_ABANDONED", 25, items=[item("mint", "1", "2.50")])) == done(1)
    assert await seen(gateway) is None
    (row,) = await stored(gateway, Cart, customer_id=1)
    assert row.is_empty
    assert await record(gateway, added("d", "green", 10)) == done(1)
    assert len(await names(gateway)) == 1


async def test_an_abandoned_cart_is_what_its_source_says_was_in_it(gateway: Gateway) -> None:
    await priced(gateway)
    await record(gateway, added("a", "mint", 40), added("b", "green", 35))
    left = [item("mint", "3", "2.40"), item("black", "1", "1")]
    assert await record(gateway, event("c", "CART_ABANDONED", 20, items=left)) == done(1)
    assert await names(gateway) == [("Black tea", "1", "1.00"), ("Mint tea", "3", "2.40")]
    found = await seen(gateway)
    assert (found["status"], found["total"]["amount"]) == ("ABANDONED", "8.20")
    assert [line["addedAt"] for line in found["items"]] == [text(NOW - HOUR / 3), text(NOW - 2 * HOUR / 3)]
    assert await record(gateway, added("d", "green", 5)) == done(1)
    assert (await seen(gateway))["status"] == "OPEN"
    assert await record(gateway, event("e", "CART_ABANDONED", 1)) == done(1)
    found = await seen(gateway)
    assert (found["status"], len(found["items"])) == ("ABANDONED", 3)
    # What it was earlier, told late, changes nothing.
    assert await record(gateway, event("f", "CART_ABANDONED", 30, items=left[:1])) == done(1)
    assert (await seen(gateway)) == found


async def test_a_cart_of_which_only_the_abandonment_is_told(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, event("a", "CART_ABANDONED", 3)) == done(1)
    assert (await seen(gateway), await count(gateway, Cart)) == (None, 0)
    assert await record(gateway, event("b", "CART_ABANDONED", 2, items=[item("green", "1", "2")])) == done(1)
    assert (await seen(gateway))["status"] == "ABANDONED"


async def test_items_of_what_adds_nothing_are_refused(gateway: Gateway) -> None:
    await shop(gateway)
    sent = step("a", "removed_from_cart", None, items=[item("green", "1", "2")])
    assert refused(await record(gateway, sent)) == [("INVALID", "input.events.0.items")]
    assert (await count(gateway, CartItem), await count(gateway, TimelineEvent)) == (0, 0)


class TestAsTimeGoesBy:
    """A gateway whose clock the test turns."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(NOW)

    async def test_a_cart_is_abandoned_after_exactly_an_hour(self, gateway: Gateway, clock: Clock) -> None:
        await shop(gateway)
        await add(gateway, cart(minutes_ago=0), in_cart(1, 71, 0))
        assert (await seen(gateway))["status"] == "OPEN"
        clock.now = NOW + HOUR - timedelta(microseconds=1)
        assert (await seen(gateway))["status"] == "OPEN"
        clock.now = NOW + HOUR
        assert (await seen(gateway))["status"] == "ABANDONED"
        clock.now = NOW + 400 * DAY
        assert (await seen(gateway))["status"] == "ABANDONED"

    async def test_one_that_a_source_ahead_in_time_says_was_left_is_found_when_it_is_shown_so(
        self, gateway: Gateway, clock: Clock
    ) -> None:
        await shop(gateway)
        ahead = event("a", "CART_ABANDONED", -4, items=[item("green", "1", "3.50")])
        assert await record(gateway, ahead) == done(1)
        query = "query ($is: [CartStatus!]) { customers(filter: {cartStatus: $is}) { totalCount } }"
        for status, seconds in (("OPEN", 239), ("ABANDONED", 1)):
            clock.forward(seconds)
            cart = await seen(gateway)
            assert cart is not None
            assert cart["status"] == status
            for asked in ("OPEN", "ABANDONED"):
                answer = await gateway.ask(query, {"is": [asked]})
                assert answer.data == {"customers": {"totalCount": int(asked == status)}}


class TestWithAnotherPatience:
    """`cart_abandoned_minutes = 5`."""

    @pytest.fixture
    def account(self) -> Account:
        account = load_account()
        hasty = account.settings.model_copy(update={"cart_abandoned_minutes": 5})
        return account.model_copy(update={"settings": hasty})

    async def test_a_cart_is_abandoned_after_the_accounts_time(self, gateway: Gateway) -> None:
        await shop(gateway)
        await add(gateway, cart(minutes_ago=6), in_cart(1, 71, 6))
        assert (await seen(gateway))["status"] == "ABANDONED"
