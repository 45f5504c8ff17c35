"""An interest lives from the latest view for the account's X days, unless a purchase satisfies it first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.columns import to_seconds
from profiles.interests import MOST_INTERESTS, CategoryViews, Interest, InterestStatus, interests
from profiles.interests.rules import next_turn

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
WINDOW_DAYS = 30
INSTANT = timedelta(microseconds=1)
OPEN, SATISFIED, EXPIRED = InterestStatus.OPEN, InterestStatus.SATISFIED, InterestStatus.EXPIRED


def view(days_ago: float | timedelta, category_id: int = 1, name: str = "Tea") -> CategoryViews:
    age = days_ago if isinstance(days_ago, timedelta) else timedelta(days=days_ago)
    return CategoryViews(category_id, name, [to_seconds(NOW - age)])


def derive(
    views: Sequence[CategoryViews],
    purchases: Mapping[int, datetime] | None = None,
    include_satisfied: bool = False,
    first: int = 10,
) -> list[Interest]:
    return interests(views, purchases or {}, NOW, WINDOW_DAYS, include_satisfied, first)


def test_no_views_give_no_interests() -> None:
    assert derive([], {1: NOW}, include_satisfied=True) == []


def test_an_interest_says_what_made_it_and_how_long_it_lasts() -> None:
    (interest,) = derive([view(20), view(5), view(10)])
    assert interest.score == pytest.approx(0.5 ** (20 / 15) + 0.5 ** (5 / 15) + 0.5 ** (10 / 15))
    assert replace(interest, score=0.0) == Interest(
        category_id=1,
        category_name="Tea",
        score=0.0,
        view_count=3,
        last_viewed_at=NOW - timedelta(days=5),
        expires_at=NOW + timedelta(days=25),
        status=OPEN,
    )


@pytest.mark.parametrize(
    ("days_ago", "score"), [(0, 1.0), (15, 0.5), (7.5, 0.5**0.5), (-1, 1.0)], ids=["now", "half", "quarter", "ahead"]
)
def test_a_views_weight_halves_every_half_window(days_ago: float, score: float) -> None:
    assert derive([view(days_ago)])[0].score == pytest.approx(score)


def test_a_view_exactly_at_the_edge_of_the_window_no_longer_counts() -> None:
    assert derive([view(timedelta(days=30))]) == []
    assert derive([view(timedelta(days=30) - INSTANT)])[0].view_count == 1


def test_only_the_views_inside_the_window_are_counted_and_scored() -> None:
    (interest,) = derive([view(15), view(30), view(400)])
    assert (interest.view_count, interest.score) == (1, 0.5)


@pytest.mark.parametrize(
    ("purchased_at", "status"),
    [
        pytest.param(None, OPEN, id="never"),
        pytest.param(NOW - timedelta(days=5) - INSTANT, OPEN, id="just before the latest view"),
        pytest.param(NOW - timedelta(days=5), SATISFIED, id="at the latest view"),
        pytest.param(NOW - timedelta(days=5) + INSTANT, SATISFIED, id="just after the latest view"),
        pytest.param(NOW, SATISFIED, id="now"),
    ],
)
def test_a_purchase_at_or_after_the_latest_view_satisfies_the_interest(
    purchased_at: datetime | None, status: InterestStatus
) -> None:
    purchases = {} if purchased_at is None else {1: purchased_at}
    views = [view(20), view(5)]
    assert [interest.status for interest in derive(views, purchases, include_satisfied=True)] == [status]
    assert len(derive(views, purchases)) == (status is OPEN)


def test_a_view_after_the_purchase_opens_the_interest_again() -> None:
    purchases = {1: NOW - timedelta(days=10)}
    assert derive([view(20)], purchases) == []
    assert derive([view(20), view(3)], purchases)[0].status is OPEN


def test_a_purchase_in_another_category_satisfies_nothing() -> None:
    assert derive([view(5)], {2: NOW})[0].status is OPEN


def test_an_expired_interest_appears_only_with_the_satisfied_and_has_no_strength() -> None:
    assert derive([view(31)]) == []
    assert derive([view(31), view(45)], include_satisfied=True) == [
        Interest(1, "Tea", 0.0, 0, NOW - timedelta(days=31), NOW - timedelta(days=1), EXPIRED)
    ]


def test_an_expired_interest_that_a_purchase_had_satisfied_stays_satisfied() -> None:
    purchases = {1: NOW - timedelta(days=40)}
    assert derive([view(45)], purchases, include_satisfied=True)[0].status is SATISFIED


def test_the_satisfied_stand_among_the_open_by_strength_and_the_expired_last() -> None:
    views = [view(1, 1), view(10, 2), view(20, 3), view(31, 4)]
    shown = derive(views, {2: NOW}, include_satisfied=True)
    assert [(interest.category_id, interest.status) for interest in shown] == [
        (1, OPEN),
        (2, SATISFIED),
        (3, OPEN),
        (4, EXPIRED),
    ]


def test_more_views_outweigh_a_later_one() -> None:
    shown = derive([view(1, 1), view(5, 2), view(5, 2)])
    assert [interest.category_id for interest in shown] == [2, 1]


def test_equal_scores_are_ordered_by_the_latest_view() -> None:
    # Two at the half window weigh exactly one of this moment.
    shown = derive([view(15, 1, "Aprons"), view(15, 1, "Aprons"), view(0, 2, "Zips")])
    assert [interest.score for interest in shown] == [1.0, 1.0]
    assert [interest.category_name for interest in shown] == ["Zips", "Aprons"]


def test_equal_scores_and_views_are_ordered_by_name() -> None:
    shown = derive([view(3, 1, "Tea"), view(3, 3, "Coffee"), view(3, 2, "Milk")])
    assert [interest.category_name for interest in shown] == ["Coffee", "Milk", "Tea"]


def test_the_order_in_which_views_arrive_does_not_part_a_tie() -> None:
    ages = [0.1, 0.2, 0.3, 7.7]
    shown = derive([view(age, 1, "Tea") for age in ages] + [view(age, 2, "Coffee") for age in reversed(ages)])
    assert [interest.category_name for interest in shown] == ["Coffee", "Tea"]


def test_the_eleventh_is_left_out() -> None:
    views = [view(day, category_id=day) for day in range(1, 12)]
    assert [interest.category_id for interest in derive(views, first=100)] == list(range(1, 11))


def test_a_satisfied_interest_leaves_its_place_to_the_eleventh() -> None:
    views = [view(day, category_id=day) for day in range(1, 12)]
    assert [interest.category_id for interest in derive(views, {1: NOW})] == list(range(2, 12))


@pytest.mark.parametrize(("first", "count"), [(0, 0), (1, 1), (3, 3), (10, 4)])
def test_no_more_are_given_than_asked_for(first: int, count: int) -> None:
    assert len(derive([view(day, category_id=day) for day in range(1, 5)], first=first)) == count


def test_a_renamed_category_has_the_name_of_its_latest_view() -> None:
    assert derive([view(9, 1, "Teas"), view(2, 1, "Tea")])[0].category_name == "Tea"


VIEWS = st.lists(
    st.builds(view, st.floats(-2, 60), st.integers(1, 15), st.sampled_from(["Tea", "Coffee", "Milk"])), max_size=60
)
PURCHASES = st.dictionaries(
    st.integers(1, 15), st.floats(0, 60).map(lambda days_ago: NOW - timedelta(days=days_ago)), max_size=8
)


@given(views=VIEWS, purchases=PURCHASES, include_satisfied=st.booleans(), first=st.integers(0, 100))
def test_interests_are_at_most_ten_and_strongest_first(
    views: list[CategoryViews], purchases: dict[int, datetime], include_satisfied: bool, first: int
) -> None:
    shown = derive(views, purchases, include_satisfied, first)
    assert len(shown) <= min(first, MOST_INTERESTS)
    assert len({interest.category_id for interest in shown}) == len(shown)
    for stronger, weaker in pairwise(shown):
        assert (stronger.score, stronger.last_viewed_at) >= (weaker.score, weaker.last_viewed_at)
    for interest in shown:
        assert include_satisfied or interest.status is OPEN
        assert (interest.status is OPEN) <= (interest.expires_at > NOW)
        assert (interest.status is EXPIRED) <= (interest.expires_at <= NOW)


@given(VIEWS.flatmap(lambda views: st.tuples(st.just(views), st.permutations(views))), PURCHASES)
def test_interests_do_not_depend_on_the_order_of_views(
    views: tuple[list[CategoryViews], list[CategoryViews]], purchases: dict[int, datetime]
) -> None:
    one_way, another = (
        [(interest.category_id, interest.score, interest.status) for interest in derive(each, purchases, True)]
        for each in views
    )
    assert sorted(one_way) == sorted(another) or len(one_way) == len(another) == MOST_INTERESTS
    assert [score for _, score, _ in one_way] == [score for _, score, _ in another]


@given(views=VIEWS, purchases=PURCHASES, first=st.integers(0, 100))
def test_without_asking_for_them_no_satisfied_interest_is_shown(
    views: list[CategoryViews], purchases: dict[int, datetime], first: int
) -> None:
    everything = {each.category_id: each.status for each in derive(views, purchases, True, 100)}
    for interest in derive(views, purchases, False, first):
        bought_at = purchases.get(interest.category_id)
        assert interest.status is OPEN
        assert bought_at is None or bought_at < interest.last_viewed_at
        assert everything.get(interest.category_id, OPEN) is OPEN


@given(views=VIEWS, hours=st.floats(0.5, 2000))
def test_a_score_never_rises_with_age(views: list[CategoryViews], hours: float) -> None:
    """All views are from the past here: one from a clock that runs ahead weighs 1 until its time has come."""
    past = [seen for seen in views if max(seen.viewed_at) <= to_seconds(NOW)]
    later = NOW + timedelta(hours=hours)
    before = {each.category_id: each for each in interests(past, {}, NOW, WINDOW_DAYS, True, 100)}
    for interest in interests(past, {}, later, WINDOW_DAYS, True, 100):
        if interest.category_id in before:
            known = before[interest.category_id]
            assert interest.score < known.score or interest.score == known.score == 0
            assert interest.view_count <= known.view_count


@pytest.mark.parametrize(
    ("days_ago", "windows", "turns_in"),
    [
        pytest.param([], 1, None, id="without a view nothing turns"),
        pytest.param([5], 1, 25, id="a view leaves after the window"),
        pytest.param([5, 29, 10], 1, 1, id="the oldest leaves first"),
        pytest.param([30, 31], 1, None, id="what has left turns no more"),
        pytest.param([30, 5], 1, 25, id="a view exactly at the edge has left"),
        pytest.param([5, 40], 2, 20, id="an expired one is forgotten before an open one ends"),
        pytest.param([31, 59], 2, 1, id="the one forgotten first"),
    ],
)
def test_the_next_turn_is_when_a_view_leaves_a_window(
    days_ago: list[float], windows: int, turns_in: float | None
) -> None:
    turn = next_turn([view(days) for days in days_ago], NOW, WINDOW_DAYS, windows)
    assert turn == (None if turns_in is None else NOW + timedelta(days=turns_in))


@given(views=VIEWS, purchases=PURCHASES, include_satisfied=st.booleans(), share=st.floats(0, 1, exclude_max=True))
def test_until_the_next_turn_interests_stay_as_they_are(
    views: list[CategoryViews], purchases: dict[int, datetime], include_satisfied: bool, share: float
) -> None:
    windows = 2 if include_satisfied else 1
    shown = to_seconds(NOW - timedelta(days=WINDOW_DAYS * windows))
    kept = [seen for seen in views if min(seen.viewed_at) > shown]
    turn = next_turn(kept, NOW, WINDOW_DAYS, windows)
    if turn is None:
        return
    asked = (WINDOW_DAYS, include_satisfied, 100, NOW)
    assert interests(kept, purchases, NOW, *asked) == interests(kept, purchases, NOW + (turn - NOW) * share, *asked)


def test_views_are_weighed_at_another_instant_than_they_are_counted_at() -> None:
    edge = [view(timedelta(days=30) - INSTANT), view(0)]
    minute = NOW - timedelta(seconds=17)
    (interest,) = interests(edge, {}, NOW, WINDOW_DAYS, False, 10, minute)
    assert interest.view_count == 2
    assert interest.score == pytest.approx(0.25 * 0.5 ** (-17 / (15 * 86_400)) + 1)
    assert interests(edge, {}, NOW + INSTANT, WINDOW_DAYS, False, 10, minute)[0].view_count == 1
