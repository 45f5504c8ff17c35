"""An order is marketing's when its source says so, else by a code or a click, and never by a control group."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.attribution import Click, IssuedCode, is_attributed

PLACED = datetime(2026, 6, 10, 12, tzinfo=UTC)
WINDOW = timedelta(days=5)
INSTANT = timedelta(microseconds=1)
NEVER = timedelta(0)


def code(before: timedelta = WINDOW, of_marketing: bool = True, is_control_group: bool = False) -> IssuedCode:
    return IssuedCode(PLACED - before, of_marketing, is_control_group)


def click(before: timedelta, is_control_group: bool = False) -> Click:
    return Click(PLACED - before, is_control_group)


@pytest.mark.parametrize(
    ("clicks", "won"),
    [
        pytest.param([], False, id="no click"),
        pytest.param([click(timedelta(days=1))], True, id="a click the day before"),
        pytest.param([click(NEVER)], True, id="a click at the very instant of the order"),
        pytest.param([click(-INSTANT)], False, id="a click just after the order"),
        pytest.param([click(WINDOW)], True, id="a click exactly five days before"),
        pytest.param([click(WINDOW + INSTANT)], False, id="a click just more than five days before"),
        pytest.param([click(WINDOW + INSTANT), click(-INSTANT)], False, id="one click too early and one too late"),
        pytest.param([click(WINDOW * 2), click(INSTANT)], True, id="one of two clicks is enough"),
        pytest.param([click(INSTANT, is_control_group=True)], False, id="a click of the control group"),
        pytest.param([click(INSTANT, True), click(WINDOW)], True, id="a click beside one of the control group"),
    ],
)
def test_an_order_is_won_by_a_click_within_the_window(clicks: Sequence[Click], won: bool) -> None:
    assert is_attributed(None, PLACED, [], clicks, WINDOW) is won


@pytest.mark.parametrize(
    ("codes", "won"),
    [
        pytest.param([], False, id="no code of the customer's"),
        pytest.param([code()], True, id="a code of a mailing or campaign"),
        pytest.param([code(timedelta(days=400))], True, id="a code has no window: its source says how long it is good"),
        pytest.param([code(NEVER)], True, id="issued at the very instant of the order"),
        pytest.param([code(-INSTANT)], False, id="issued just after the order"),
        pytest.param([code(of_marketing=False)], False, id="a code from neither a mailing nor a campaign"),
        pytest.param([code(is_control_group=True)], False, id="a code of a mailing that was held back"),
        pytest.param([code(-INSTANT), code()], True, id="issued again: the first issue was in hand"),
        pytest.param([code(of_marketing=False), code()], True, id="the same text from a campaign as well"),
    ],
)
def test_an_order_is_won_by_the_code_that_it_used(codes: Sequence[IssuedCode], won: bool) -> None:
    assert is_attributed(None, PLACED, codes, [], WINDOW) is won


@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize("codes", [[], [code()]], ids=["without a code", "with a code"])
@pytest.mark.parametrize("clicks", [[], [click(INSTANT)]], ids=["without a click", "with a click"])
def test_what_the_source_says_decides(said: bool, codes: Sequence[IssuedCode], clicks: Sequence[Click]) -> None:
    assert is_attributed(said, PLACED, codes, clicks, WINDOW) is said


def test_a_window_of_no_days_holds_the_instant_of_the_click_alone() -> None:
    assert is_attributed(None, PLACED, [], [click(NEVER)], NEVER)
    assert not is_attributed(None, PLACED, [], [click(INSTANT)], NEVER)


AGES = st.timedeltas(-timedelta(days=10), timedelta(days=10))


@given(ages=st.lists(AGES, max_size=6), code_ages=st.lists(AGES, max_size=3))
def test_a_control_group_wins_nothing_whatever_it_did(ages: list[timedelta], code_ages: list[timedelta]) -> None:
    clicks = [click(age, is_control_group=True) for age in ages]
    codes = [code(age, is_control_group=True) for age in code_ages]
    assert not is_attributed(None, PLACED, codes, clicks, WINDOW)


@given(ages=st.lists(AGES, max_size=6), more=AGES)
def test_another_click_never_takes_an_order_away(ages: list[timedelta], more: timedelta) -> None:
    clicks = [click(age) for age in ages]
    if is_attributed(None, PLACED, [], clicks, WINDOW):
        assert is_attributed(None, PLACED, [], [*clicks, click(more)], WINDOW)
