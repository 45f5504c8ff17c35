"""A cart that nobody changes for an hour is abandoned; what was left in it is shown until it is bought."""

from datetime import UTC, datetime, timedelta

import pytest

from profiles.cart import CartState, CartStatus, LeftLine, abandoned_at, left_behind, status
from profiles.money import Money

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HOUR, MONTH = timedelta(minutes=60), timedelta(days=30)
OPEN, ABANDONED, ORDERED = CartStatus.OPEN, CartStatus.ABANDONED, CartStatus.ORDERED


@pytest.mark.parametrize(
    ("changed_ago", "said_ago", "expected", "changes_in"),
    [
        pytest.param(HOUR - INSTANT, None, OPEN, INSTANT, id="just under 60 minutes"),
        pytest.param(HOUR, None, ABANDONED, None, id="exactly 60 minutes"),
        pytest.param(HOUR + INSTANT, None, ABANDONED, None, id="more than 60 minutes"),
        pytest.param(INSTANT, INSTANT, ABANDONED, None, id="its source says so at its last change"),
        pytest.param(HOUR / 2, HOUR / 4, ABANDONED, None, id="its source says so after its last change"),
        pytest.param(HOUR / 4, HOUR / 2, OPEN, HOUR * 3 / 4, id="it was changed after its source said so"),
        pytest.param(HOUR / 2, -INSTANT, OPEN, INSTANT, id="its source's clock runs ahead"),
    ],
)
def test_a_cart_is_abandoned_by_silence_or_by_word(
    changed_ago: timedelta, said_ago: timedelta | None, expected: CartStatus, changes_in: timedelta | None
) -> None:
    cart = CartState(NOW - changed_ago, None if said_ago is None else NOW - said_ago)
    assert status(cart, NOW, HOUR) == (expected, None if changes_in is None else NOW + changes_in)


@pytest.mark.parametrize(
    ("ordered_ago", "expected"),
    [
        pytest.param(HOUR, ORDERED, id="ordered after its last change"),
        pytest.param(2 * HOUR, ORDERED, id="ordered at its last change"),
        pytest.param(2 * HOUR + INSTANT, None, id="emptied otherwise since"),
        pytest.param(None, None, id="never ordered"),
    ],
)
def test_an_empty_cart_was_ordered_or_is_nothing(ordered_ago: timedelta | None, expected: CartStatus | None) -> None:
    ordered_at = None if ordered_ago is None else NOW - ordered_ago
    assert status(CartState(NOW - 2 * HOUR, None, ordered_at, is_empty=True), NOW, HOUR) == (expected, None)


def test_a_cart_that_is_filled_after_an_order_is_open_again() -> None:
    assert status(CartState(NOW, None, NOW - HOUR), NOW, HOUR) == (OPEN, NOW + HOUR)


def test_a_cart_was_abandoned_as_soon_as_one_of_the_two_says_so() -> None:
    assert abandoned_at(CartState(NOW), HOUR) == NOW + HOUR
    assert abandoned_at(CartState(NOW, NOW + HOUR / 2), HOUR) == NOW + HOUR / 2
    assert abandoned_at(CartState(NOW, NOW + 2 * HOUR), HOUR) == NOW + HOUR


ADDED = NOW - timedelta(days=5)


def line(
    id: int = 1,
    product_id: int = 7,
    added_at: datetime = ADDED,
    abandoned_at: datetime | None = None,
    purchased_at: datetime | None = None,
) -> LeftLine:
    since = added_at + HOUR if abandoned_at is None else abandoned_at
    return LeftLine(id, product_id, "Tea", Money(150, "USD"), added_at, since, purchased_at)


@pytest.mark.parametrize(
    ("purchased_at", "is_shown"),
    [
        pytest.param(None, True, id="never purchased"),
        pytest.param(ADDED - INSTANT, True, id="purchased before it was added"),
        pytest.param(ADDED, True, id="purchased as it was added"),
        pytest.param(ADDED + INSTANT, False, id="purchased after it was added"),
    ],
)
def test_what_was_purchased_after_it_was_added_is_not_left_behind(
    purchased_at: datetime | None, is_shown: bool
) -> None:
    assert len(left_behind([line(purchased_at=purchased_at)], NOW, MONTH)[0]) == is_shown


@pytest.mark.parametrize(
    ("abandoned_ago", "is_shown", "changes_in"),
    [
        pytest.param(MONTH, False, None, id="exactly 30 days ago"),
        pytest.param(MONTH - INSTANT, True, INSTANT, id="just under 30 days ago"),
        pytest.param(timedelta(0), True, MONTH, id="at this instant"),
        pytest.param(-INSTANT, False, INSTANT, id="an instant from now"),
    ],
)
def test_what_was_abandoned_inside_the_window_is_shown(
    abandoned_ago: timedelta, is_shown: bool, changes_in: timedelta | None
) -> None:
    found, changes = left_behind([line(abandoned_at=NOW - abandoned_ago)], NOW, MONTH)
    assert len(found) == is_shown
    assert changes == (None if changes_in is None else NOW + changes_in)


def test_the_newest_comes_first_and_a_product_once() -> None:
    hour = timedelta(hours=1)
    lines = [
        line(1, product_id=7),
        line(2, product_id=8, added_at=ADDED + hour),
        line(3, product_id=7, added_at=ADDED + 2 * hour),
        line(4, product_id=9, added_at=ADDED + hour),
    ]
    assert [found.id for found in left_behind(lines, NOW, MONTH)[0]] == [3, 4, 2]


def test_of_a_product_that_was_bought_in_between_what_was_added_since_is_left_behind() -> None:
    bought = ADDED + timedelta(hours=1)
    lines = [
        line(1, purchased_at=bought),
        line(2, added_at=bought, purchased_at=bought),
    ]
    assert [found.id for found in left_behind(lines, NOW, MONTH)[0]] == [2]


def test_nothing_left_is_nothing() -> None:
    assert left_behind([], NOW, MONTH) == ((), None)
