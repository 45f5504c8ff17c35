"""Visits of the clickstream as a household's own, and the carts that were left in them."""

from dataclasses import replace
from datetime import timedelta

from profiles.orders import Order
from profiles.timeline import EventCategory, Session, SessionState
from sources.shape import shape_household
from sources.shape.clickstream import clickstream
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.sources.households import CLOCK
from tests.sources.shaped import ALL, FACTS, WORLD, all_events, all_named, named


def test_visits_are_those_of_the_clickstream_one_site_visit_event_each() -> None:
    stream = clickstream()
    assert sum(len(visit.steps) for user in stream.users for visit in user) == 31_106
    for facts, shape in ALL:
        sessions = named(shape, Session)
        visits = [event for event in shape.events if event.category is EventCategory.SITE_VISIT]
        assert sorted(event.session_id for event in visits) == sorted(row["id"] for row in sessions)
        if facts.household_id != SHOWCASE_HOUSEHOLD and facts.position < len(stream.users):
            assert len(sessions) <= len(stream.users[facts.position])
        orders = {order["id"]: order for order in named(shape, Order)}
        for row in sessions:
            assert row["started_at"] <= row["last_seen_at"] == row["ended_at"]
            assert (row["state"] is SessionState.PURCHASED) == (row["order_id"] is not None)
            if row["order_id"] is not None:
                assert row["started_at"] <= orders[row["order_id"]]["placed_at"] <= row["ended_at"]
    today = max(row["started_at"] for row in all_named(Session)).astimezone(CLOCK.zone).date()
    assert CLOCK.today - today <= timedelta(days=1)


def test_a_household_past_the_last_user_has_no_visits() -> None:
    far = replace(FACTS[100], position=len(clickstream().users))
    assert named(shape_household(far, WORLD, CLOCK), Session) == []


def test_abandoned_carts_say_what_was_in_them() -> None:
    carts = [event for event in all_events() if event.category is EventCategory.CART_ABANDONED]
    assert len(carts) > 100
    for cart in carts:
        assert cart.details is not None
        assert cart.details["items"]
        for item in cart.details["items"]:
            assert set(item) == {"product_id", "quantity_milli", "price_minor", "currency", "added_at"}
            assert item["product_id"] in WORLD.product_by_id
