"""A visit is live until it ends, is paid for, or falls silent; what is seen of it follows rights and switches."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from profiles.account import Switches, load_account
from profiles.timeline import EventCategory, SessionState
from profiles.timeline.sessions import SESSION_COLUMNS, SILENCE, SessionRow
from profiles.timeline.visibility import NEEDS, visible_categories
from profiles.viewer import ALL_SCOPES, Viewer, ViewerKind

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
LIVE, ENDED, PURCHASED = SessionState.LIVE, SessionState.ENDED, SessionState.PURCHASED


def visit(state: SessionState, silent_for: timedelta, ended_at: datetime | None = None) -> SessionRow:
    values = dict.fromkeys(SESSION_COLUMNS)
    values |= {"customer_id": 1, "id": 2, "state": state, "started_at": NOW - timedelta(hours=2)}
    return SessionRow(**(values | {"last_seen_at": NOW - silent_for, "ended_at": ended_at}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "silent_for", "shown"),
    [
        pytest.param(LIVE, timedelta(0), LIVE, id="seen at this instant"),
        pytest.param(LIVE, SILENCE - INSTANT, LIVE, id="silent for just less than the limit"),
        pytest.param(LIVE, SILENCE, ENDED, id="silent for exactly the limit"),
        pytest.param(LIVE, -timedelta(minutes=5), LIVE, id="seen by a clock that runs ahead"),
        pytest.param(PURCHASED, timedelta(0), PURCHASED, id="paid for"),
        pytest.param(PURCHASED, SILENCE * 9, PURCHASED, id="paid for long ago"),
        pytest.param(ENDED, timedelta(0), ENDED, id="ended"),
    ],
)
def test_a_visit_is_live_until_it_falls_silent(state: SessionState, silent_for: timedelta, shown: SessionState) -> None:
    row = visit(state, silent_for)
    assert row.state_at(NOW) is shown
    assert row.ended_by(NOW) == (None if shown is LIVE else row.last_seen_at)


def test_a_visit_that_said_when_it_ended_ended_then() -> None:
    assert visit(ENDED, timedelta(hours=1), NOW).ended_by(NOW) == NOW


ORDERS, LOYALTY = {EventCategory.ORDER}, {EventCategory.BONUS_ACCRUED, EventCategory.POINTS_ACCRUED}


@pytest.mark.parametrize(
    ("orders", "order_events", "loyalty"),
    list(product([True, False], repeat=3)),
    ids=lambda is_on: "on" if is_on else "off",
)
def test_events_of_orders_need_both_switches_and_those_of_loyalty_one(
    orders: bool, order_events: bool, loyalty: bool
) -> None:
    switches = Switches(orders_enabled=orders, order_events_enabled=order_events, loyalty_enabled=loyalty)
    account = load_account().model_copy(update={"settings": switches})
    hidden = set(EventCategory) - visible_categories(viewer(ALL_SCOPES), account)
    assert hidden == (set() if orders and order_events else ORDERS) | (set() if loyalty else LOYALTY)


@pytest.mark.parametrize("category", EventCategory)
def test_an_event_needs_the_scope_of_what_it_is_about(category: EventCategory) -> None:
    account = load_account()
    needed = NEEDS.get(category)
    assert (category in visible_categories(viewer(frozenset()), account)) is (needed is None)
    if needed is not None:
        assert category in visible_categories(viewer(frozenset({needed})), account)
        assert category not in visible_categories(viewer(ALL_SCOPES - {needed}), account)


def viewer(scopes: frozenset[str]) -> Viewer:
    return Viewer(1, "Ann", ViewerKind.STAFF, scopes)
