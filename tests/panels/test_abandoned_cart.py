"""The panel of what was left behind in abandoned carts and not bought since."""

from datetime import timedelta

import pytest

from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import done, event, item, record, shop
from tests.panels.carts import DAY, HOUR, NOW, added, cart, in_cart, step, text
from tests.panels.shop import purchased, reads
from tests.people import add, customer_id, people

LEFT = """
query ($ids: [ID!]!, $first: Int! = 10) {
  nodes(ids: $ids) { ... on Customer { abandonedCart(first: $first) {
    name addedAt price { amount currencyCode } product { id externalId }
  } } }
}
"""


async def left(gateway: Gateway, first: int = 10) -> list[str]:
    answer = await gateway.ask(LEFT, {"ids": [customer_id(1)], "first": first})
    assert answer.errors == []
    return [line["name"] for line in answer.data["nodes"][0]["abandonedCart"]]


async def test_what_was_left_behind_says_what_it_cost_and_when_it_was_added(gateway: Gateway) -> None:
    await shop(gateway)
    await add(gateway, cart(minutes_ago=90), in_cart(1, 71, 95))
    answer = await gateway.ask(LEFT, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["abandonedCart"] == [
        {
            "name": "Green tea",
            "addedAt": text(NOW - timedelta(minutes=95)),
            "price": {"amount": "1.50", "currencyCode": "USD"},
            "product": {"id": encode("Product", 71), "externalId": "green"},
        }
    ]


async def test_lines_of_the_cart_and_of_earlier_ones_come_newest_first_a_product_once(gateway: Gateway) -> None:
    await shop(gateway)
    day = 24 * 60
    gone = {"left_at": NOW - DAY, "abandoned_at": NOW - 2 * DAY}
    await add(
        gateway,
        cart(minutes_ago=90),
        in_cart(1, 71, 95),
        in_cart(2, 71, 9 * day, **gone),
        in_cart(3, 72, 8 * day, **gone),
        in_cart(4, 72, 9 * day, **gone),
        # Never lay abandoned; and lay abandoned too long ago.
        in_cart(5, 72, 10, left_at=NOW),
        in_cart(6, 72, 50 * day, left_at=NOW - DAY, abandoned_at=NOW - 30 * DAY),
    )
    assert await left(gateway) == ["Green tea", "Black tea"]
    assert await left(gateway, 1) == ["Green tea"]
    assert await left(gateway, 0) == []


async def test_what_was_bought_since_is_not_shown(gateway: Gateway) -> None:
    await shop(gateway)
    added_at = NOW - timedelta(minutes=95)
    await add(
        gateway,
        cart(minutes_ago=90),
        in_cart(1, 71, 95),
        in_cart(2, 72, 95),
        purchased(1, 71, 1, added_at + timedelta(seconds=1)),
        purchased(1, 72, 1, added_at),
    )
    assert await left(gateway) == ["Black tea"]


async def test_without_an_abandoned_cart_the_list_is_empty(gateway: Gateway) -> None:
    await shop(gateway)
    await add(gateway, cart(minutes_ago=10), in_cart(1, 71, 10))
    assert await left(gateway) == []


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_number_out_of_bounds_is_refused(gateway: Gateway, first: int) -> None:
    await shop(gateway)
    answer = await gateway.ask(LEFT, {"ids": [customer_id(1)], "first": first})
    assert answer.codes == ["LIMIT_EXCEEDED"]


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await shop(gateway)
    answer = await gateway.ask(LEFT, {"ids": [customer_id(1)]}, scopes=ALL_SCOPES - {"products:read"})
    assert answer.data == {"nodes": [{"abandonedCart": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "abandonedCart"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    await shop(gateway)
    everybody = range(1, customers + 1)
    await people(gateway, *(id for id in everybody if id > 2))
    await add(gateway, *(cart(id, 90) for id in everybody), *(in_cart(id, 71, 95, customer=id) for id in everybody))
    answer = await gateway.ask(LEFT, {"ids": [customer_id(id) for id in everybody]})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "LeftBehind": customers, "ProductById": 1}
    assert [len(node["abandonedCart"]) for node in answer.data["nodes"]] == [1] * customers


async def test_recorded_steps_leave_a_cart_behind_until_its_products_are_bought(gateway: Gateway) -> None:
    await shop(gateway)
    hours = 60.0
    sent = [added("a", "green", 9 * hours), added("b", "black", 8.5 * hours)]
    assert await record(gateway, *sent) == done(2)
    assert await left(gateway) == ["Black tea", "Green tea"]
    bought = event("r", "RECEIPT", 5 * hours, items=[item("black", "1", "2")])
    assert await record(gateway, bought) == done(1)
    assert await left(gateway) == ["Green tea"]
    # The cart is open again, and holds what it held.
    assert await record(gateway, added("c", "40011", 10)) == done(1)
    assert await left(gateway) == []
    # An order of something else empties it; what was left behind before is still not bought.
    ordered = event("o", "ORDER", 5, type="order_placed", items=[item("40011", "1", "2")])
    assert await record(gateway, ordered) == done(1)
    assert await left(gateway) == ["Green tea"]


async def test_what_was_ordered_at_once_was_never_left_behind(gateway: Gateway) -> None:
    await shop(gateway)
    ordered = event("o", "ORDER", 280, type="order_placed", items=[item("40011", "1", "2")])
    assert await record(gateway, ordered, added("a", "green", 300), step("v", "page_view", "black", 299)) == done(3)
    assert await left(gateway) == []


async def test_what_is_told_after_an_order_that_came_much_later_was_left_behind(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, event("o", "ORDER", 60, type="order_placed", items=[item("40011", "1", "2")]))
    assert await record(gateway, added("a", "green", 300), added("b", "black", 61)) == done(2)
    assert await left(gateway) == ["Green tea"]


async def test_each_visits_abandoned_cart_counts(gateway: Gateway) -> None:
    await shop(gateway)
    first = event("a", "CART_ABANDONED", 5 * 24 * 60, items=[item("green", "1", "2")])
    second = event("b", "CART_ABANDONED", 24 * 60, items=[item("black", "1", "2")])
    assert await record(gateway, second, first) == done(2)
    assert await left(gateway) == ["Black tea", "Green tea"]
    late = event("c", "CART_ABANDONED", 3 * 24 * 60, items=[item("40011", "1", "2")])
    assert await record(gateway, late) == done(1)
    assert await left(gateway) == ["Black tea", "40011", "Green tea"]


class TestAsTimeGoesBy:
    """A gateway whose clock the test turns."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(NOW)

    async def test_a_line_is_shown_from_an_hour_after_for_thirty_days(self, gateway: Gateway, clock: Clock) -> None:
        await shop(gateway)
        await add(
            gateway,
            cart(minutes_ago=0),
            in_cart(1, 71, 0),
            in_cart(2, 72, 60, left_at=NOW, abandoned_at=NOW - DAY),
        )
        instant = timedelta(microseconds=1)
        for moment, shown in (
            (timedelta(0), ["Black tea"]),
            (HOUR - instant, ["Black tea"]),
            (HOUR, ["Green tea", "Black tea"]),
            (29 * DAY - instant, ["Green tea", "Black tea"]),
            (29 * DAY, ["Green tea"]),
            (30 * DAY + HOUR - instant, ["Green tea"]),
            (30 * DAY + HOUR, []),
        ):
            clock.now = NOW + moment
            assert await left(gateway) == shown
