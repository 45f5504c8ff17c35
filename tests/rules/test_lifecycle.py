"""Life cycles: the model of one customer, the stage of a day, and which changes are told, with their edges."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from profiles.lifecycle import (
    History,
    Known,
    Lifecycle,
    Model,
    Move,
    Purchases,
    Terms,
    continued,
    expected_purchases,
    first_day_below,
    lifecycle,
    probability_alive,
    story,
)
from profiles.timeline.details import LifecycleStage

LEAD, NEW, ACTIVE = LifecycleStage.LEAD, LifecycleStage.NEW, LifecycleStage.ACTIVE
AT_RISK, LAPSED = LifecycleStage.AT_RISK, LifecycleStage.LAPSED
NEW_YORK = ZoneInfo("America/New_York")
CDNOW = Model(0.525, 43.281, 0.891, 1.614)
"""In days."""
NOBODY_LEAVES = Model(1.0, 10.0, 1e-4, 1e4)
NOON = datetime(2026, 1, 10, 17, tzinfo=UTC)
"""In New York."""
numbers = some.floats(0.01, 50)
models = some.builds(Model, numbers, some.floats(0.5, 200), numbers, numbers)


def terms(model: Model | None = CDNOW) -> Terms:
    return Terms(model, 0.5, 0.2, NEW_YORK)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_one_purchase_of_this_moment_is_alive_with_the_share_that_does_not_leave_at_once() -> None:
    assert probability_alive(CDNOW, History(0, 0, 0)) == pytest.approx(1.614 / (0.891 + 1.614))


@given(models, some.integers(0, 400), some.integers(0, 700), some.integers(0, 700))
def test_silence_makes_less_likely_and_never_more(model: Model, repeats: int, recency: int, silence: int) -> None:
    now = probability_alive(model, History(repeats, recency, recency + silence))
    later = probability_alive(model, History(repeats, recency, recency + silence + 1))
    assert 0 <= later <= now <= 1


@given(models, some.integers(0, 400), some.integers(0, 700), some.sampled_from((0.2, 0.5, 0.9)))
def test_the_first_day_below_is_below_and_the_day_before_is_not(
    model: Model, repeats: int, recency: int, threshold: float
) -> None:
    day = first_day_below(model, repeats, recency, threshold)
    if day is None:
        assert probability_alive(model, History(repeats, recency, 36_500)) >= threshold
        return
    assert probability_alive(model, History(repeats, recency, day)) < threshold
    assert day >= recency
    assert day == recency or probability_alive(model, History(repeats, recency, day - 1)) >= threshold


@given(models, some.integers(0, 300), some.integers(0, 400), some.integers(0, 400), some.integers(1, 400))
def test_what_is_expected_grows_with_the_days_and_stays_below_one_who_never_leaves(
    model: Model, repeats: int, recency: int, silence: int, ahead: int
) -> None:
    history = History(repeats, recency, recency + silence)
    expected = expected_purchases(model, history, ahead)
    without_leaving = (model.r + repeats) / (model.alpha + recency + silence) * ahead
    assert 0 <= expected <= without_leaving * probability_alive(model, history) * (1 + 1e-6)
    assert expected <= expected_purchases(model, history, ahead + 1) * (1 + 1e-9)
    assert expected_purchases(model, history, 0) == 0


def test_near_the_pole_of_the_papers_formula_nothing_jumps() -> None:
    around = [expected_purchases(Model(0.5, 40.0, a, 1.6), History(2, 60, 80), 90) for a in (0.999999, 1.0, 1.000001)]
    assert around[0] == pytest.approx(around[1], rel=1e-5) == pytest.approx(around[2], rel=1e-5)


def purchased(count: int, first: datetime = NOON, last: datetime | None = None) -> Purchases:
    return Purchases(count, first, last or first)


@pytest.mark.parametrize(
    ("why", "model", "purchases", "now", "stage"),
    [
        ("never purchased", CDNOW, Purchases(0), NOON, LEAD),
        ("once, alive", CDNOW, purchased(1), NOON, NEW),
        ("twice, alive", CDNOW, purchased(2), NOON, ACTIVE),
        ("once, long ago, where nobody leaves", NOBODY_LEAVES, purchased(1), NOON + days(3000), NEW),
        ("without a model once", None, purchased(1), NOON + days(3000), NEW),
        ("without a model twice", None, purchased(2), NOON + days(3000), ACTIVE),
    ],
)
def test_stages(why: str, model: Model | None, purchases: Purchases, now: datetime, stage: LifecycleStage) -> None:
    assert lifecycle(terms(model), purchases, now).stage is stage, why


def test_a_stage_begins_at_the_midnight_that_is_predicted_and_the_probability_agrees() -> None:
    purchases = purchased(3, NOON, NOON + days(30))
    life = lifecycle(terms(), purchases, NOON + days(30))
    assert life.at_risk_at is not None
    assert life.lapsed_at is not None
    for begins, before, after, limit in (
        (life.at_risk_at, ACTIVE, AT_RISK, 0.5),
        (life.lapsed_at, AT_RISK, LAPSED, 0.2),
    ):
        assert begins.astimezone(NEW_YORK).strftime("%H:%M:%S") == "00:00:00"
        last_moment = lifecycle(terms(), purchases, begins - timedelta(microseconds=1))
        first_moment = lifecycle(terms(), purchases, begins)
        assert (last_moment.stage, first_moment.stage) == (before, after)
        assert last_moment.probability_alive is not None
        assert first_moment.probability_alive is not None
        assert first_moment.probability_alive < limit <= last_moment.probability_alive
        # The dates do not move while nothing is purchased.
        assert (first_moment.at_risk_at, first_moment.lapsed_at) == (life.at_risk_at, life.lapsed_at)


def test_a_day_in_which_the_clocks_change_is_a_day() -> None:
    """The clocks of New York go forward on the 8th of March 2026."""
    first = datetime(2026, 3, 7, 17, tzinfo=UTC)
    found = [lifecycle(terms(), purchased(1, first), first + days(n)).probability_alive for n in range(4)]
    assert found == [probability_alive(CDNOW, History(0, 0, age)) for age in range(4)]
    # Eleven at night and one in the morning are two days, though two hours apart.
    late = datetime(2026, 3, 8, 4, tzinfo=UTC)
    assert lifecycle(terms(), purchased(1, late), late + timedelta(hours=2)).probability_alive == found[1]


def test_a_purchase_from_a_clock_that_runs_ahead_was_made_today() -> None:
    ahead, today = (lifecycle(terms(), purchased(1, at), NOON) for at in (NOON + days(2), NOON))
    assert (ahead.stage, ahead.probability_alive) == (today.stage, today.probability_alive)


def test_what_is_predicted_is_null_without_a_purchase_without_a_model_and_beyond_a_hundred_years() -> None:
    for life in (lifecycle(terms(), Purchases(0), NOON), lifecycle(terms(None), purchased(2), NOON)):
        assert (life.at_risk_at, life.lapsed_at, life.probability_alive) == (None, None, None)
        assert life.expected_orders_next90_days is None
    forever = lifecycle(terms(NOBODY_LEAVES), purchased(1), NOON)
    assert (forever.at_risk_at, forever.lapsed_at) == (None, None)
    assert forever.probability_alive == pytest.approx(1)
    # 90 days at a rate of (1 + 0) / 10.
    assert forever.expected_orders_next90_days == pytest.approx(9, rel=1e-3)


def told(moves: list[Move]) -> list[tuple[LifecycleStage, LifecycleStage]]:
    return [(move.earlier, move.later) for move in moves]


def test_the_story_of_a_customer_is_every_change_on_its_day() -> None:
    again, back = NOON + days(100), NOON + days(3000)
    life, moves = story(terms(), [back, NOON, again], back + days(9000))
    assert told(moves) == [
        (LEAD, NEW),
        (NEW, AT_RISK),
        (AT_RISK, ACTIVE),
        (ACTIVE, AT_RISK),
        (AT_RISK, LAPSED),
        (LAPSED, ACTIVE),
        (ACTIVE, AT_RISK),
        (AT_RISK, LAPSED),
    ]
    assert moves[0].at == NOON
    assert moves[2].at == again
    assert moves[5].at == back
    assert [move.at for move in moves] == sorted(move.at for move in moves)
    assert life.stage is LAPSED
    assert moves[-1].at == life.lapsed_at


def test_without_a_model_a_story_tells_of_purchases_only() -> None:
    _, moves = story(terms(None), [NOON, NOON + days(20), NOON + days(40)], NOON + days(2000))
    assert [(move.later, move.at) for move in moves] == [(NEW, NOON), (ACTIVE, NOON + days(20))]
    assert story(terms(), [], NOON)[1] == []


def known(life: Lifecycle, last: datetime | None, since: datetime | None = NOON) -> Known:
    return Known(life.stage, since, last, life.at_risk_at, life.lapsed_at)


def test_the_same_again_tells_nothing_and_time_tells_each_change_once() -> None:
    purchases = purchased(2, NOON, NOON + days(5))
    now = NOON + days(5)
    before = known(lifecycle(terms(), purchases, now), purchases.last_at)
    assert continued(terms(), before, purchases, now)[1] == []
    life, moves = continued(terms(), before, purchases, NOON + days(2000))
    assert [(move.later, move.at) for move in moves] == [(AT_RISK, life.at_risk_at), (LAPSED, life.lapsed_at)]
    assert continued(terms(), known(life, purchases.last_at), purchases, NOON + days(2001))[1] == []


def test_a_purchase_after_a_silence_tells_of_the_silence_first() -> None:
    first = purchased(1)
    before = lifecycle(terms(), first, NOON)
    again = NOON + days(100)
    _, moves = continued(terms(), known(before, NOON), purchased(2, NOON, again), again)
    assert [(*pair, move.at) for pair, move in zip(told(moves), moves, strict=True)] == [
        (NEW, AT_RISK, before.at_risk_at),
        (AT_RISK, ACTIVE, again),
    ]


def test_a_purchase_of_long_ago_that_came_late_counts_now() -> None:
    before = lifecycle(terms(), purchased(1), NOON)
    _, moves = continued(terms(), known(before, NOON), purchased(2, NOON - days(3), NOON), NOON)
    assert [(*pair, move.at) for pair, move in zip(told(moves), moves, strict=True)] == [(NEW, ACTIVE, NOON)]


def test_without_any_purchase_left_a_customer_is_a_lead_again_and_a_new_one_makes_them_new() -> None:
    life, moves = continued(terms(), known(lifecycle(terms(), purchased(1), NOON), NOON), Purchases(0), NOON + days(1))
    assert (life.stage, told(moves)) == (LEAD, [(NEW, LEAD)])
    again = NOON + days(2)
    _, moves = continued(terms(), known(life, None, NOON + days(1)), purchased(1, again), again)
    assert [(move.later, move.at) for move in moves] == [(NEW, again)]


def test_other_numbers_of_the_model_change_a_stage_at_the_moment_of_the_recompute() -> None:
    purchases, now = purchased(2, NOON, NOON + days(5)), NOON + days(2000)
    lapsed = lifecycle(terms(), purchases, now)
    _, moves = continued(terms(NOBODY_LEAVES), known(lapsed, purchases.last_at), purchases, now)
    assert [(*pair, move.at) for pair, move in zip(told(moves), moves, strict=True)] == [(LAPSED, ACTIVE, now)]


def test_no_change_is_dated_before_the_one_that_precedes_it() -> None:
    purchases, since = purchased(2, NOON, NOON + days(5)), NOON + days(1500)
    alive = Known(ACTIVE, since, purchases.last_at, None, None)
    _, moves = continued(terms(), alive, purchases, NOON + days(2000))
    assert [(move.later, move.at) for move in moves] == [(AT_RISK, since), (LAPSED, since)]
