"""Bonuses, carts and wish lists of the demo data tell the same story as its events."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from profiles.cart import Cart, CartItem, CartState, CartStatus, status
from profiles.loyalty import BonusLot, LoyaltyAccount, LoyaltyBalance, LoyaltyLot, LoyaltySums, balance
from profiles.orders import Order, OrderItem
from profiles.timeline import EventCategory
from profiles.wishlist import WishlistItem
from sources.rows import ShapeRows
from tests.sources.households import ACCOUNT, CLOCK
from tests.sources.shaped import SHAPES, all_named, named, showcase

HOUR = timedelta(hours=1)


def amounts(shape: ShapeRows, category: EventCategory) -> list[int]:
    return [event.amount_milli or 0 for event in shape.events if event.category is category]


def additions(shape: ShapeRows, type: str) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for event in shape.events:
        if event.type == type and event.product_id is not None:
            found[event.product_id].append(event.occurred_at)
    return found


def held(shape: ShapeRows) -> LoyaltyBalance:
    (sums,) = named(shape, LoyaltyAccount)
    lots = [
        BonusLot(row["left_milli"], row["active_from"], row["expires_at"])
        for row in named(shape, LoyaltyLot)
        if row["left_milli"]
    ]
    of = LoyaltySums(sums["accrued_milli"], sums["lasting_milli"], sums["points_milli"])
    return balance(of, lots, CLOCK.end, CLOCK.zone)[0]


def test_what_was_accrued_is_the_sum_of_the_accruals_events() -> None:
    members = 0
    for shape in SHAPES:
        bonuses, points = (
            amounts(shape, EventCategory.BONUS_ACCRUED),
            amounts(shape, EventCategory.POINTS_ACCRUED),
        )
        accounts = named(shape, LoyaltyAccount)
        assert len(accounts) == bool(bonuses or points)
        for account in accounts:
            members += 1
            assert (account["accrued_milli"], account["points_milli"]) == (sum(bonuses), sum(points))
        lots = named(shape, LoyaltyLot)
        assert sorted(lot["amount_milli"] for lot in lots) == sorted(bonuses)
        assert all(0 <= lot["left_milli"] <= lot["amount_milli"] for lot in lots)
        assert all(lot["accrued_at"] < lot["active_from"] < lot["expires_at"] for lot in lots)
    assert members > 200
    assert any(lot["left_milli"] < lot["amount_milli"] for lot in all_named(LoyaltyLot))


def test_every_product_in_a_cart_was_added_by_an_event_and_left_before_the_end() -> None:
    for shape in SHAPES:
        added = additions(shape, "added_to_cart")
        for item in named(shape, CartItem):
            assert item["added_at"] in added[item["product_id"]]
            assert item["left_at"] is None or item["added_at"] <= item["left_at"] <= CLOCK.end
            assert item["abandoned_at"] is None or item["added_at"] < item["abandoned_at"] <= item["left_at"]


def test_a_cart_is_what_its_last_visit_left_and_no_order_has_emptied() -> None:
    found = set()
    for shape in SHAPES:
        waiting = [item for item in named(shape, CartItem) if item["left_at"] is None]
        ordered_at = max((order["placed_at"] for order in named(shape, Order)), default=None)
        for row in named(shape, Cart):
            assert row["is_empty"] == (not waiting)
            assert all(ordered_at is None or ordered_at < item["added_at"] for item in waiting)
            assert row["said_abandoned_at"] is None or row["said_abandoned_at"] <= CLOCK.end
            found.add(status(_state(row), CLOCK.end, HOUR)[0])
        if not named(shape, Cart):
            assert waiting == []
    assert {CartStatus.ABANDONED, CartStatus.ORDERED} <= found <= set(CartStatus)


def _state(row: dict[str, Any]) -> CartState:
    return CartState(row["changed_at"], row["said_abandoned_at"], row["ordered_at"], row["is_empty"])


def test_a_wish_stands_since_it_was_first_wished() -> None:
    for shape in SHAPES:
        wished = additions(shape, "added_to_wishlist")
        rows = {row["product_id"]: row["added_at"] for row in named(shape, WishlistItem)}
        assert rows == {product: min(times) for product, times in wished.items()}
    assert len(all_named(WishlistItem)) > 100


def test_the_showcase_has_all_of_it() -> None:
    facts, shape = showcase()
    loyalty = held(shape)
    assert min(loyalty.accrued, loyalty.active, loyalty.pending_activation, loyalty.pending_deactivation) > 0
    assert loyalty.points > 0
    items = named(shape, CartItem)
    (cart,) = named(shape, Cart)
    assert any(item["left_at"] is None for item in items)
    assert status(_state(cart), CLOCK.end, HOUR)[0] is CartStatus.OPEN
    since = CLOCK.end - timedelta(days=ACCOUNT.settings.abandoned_cart_days)
    left = [item for item in items if item["abandoned_at"] is not None and item["abandoned_at"] > since]
    bought = {line.product_id for basket in facts.baskets for line in basket.lines}
    bought |= {line["product_id"] for line in named(shape, OrderItem)}
    assert len([item for item in left if item["product_id"] not in bought]) >= 2
    assert len(named(shape, WishlistItem)) >= 1
