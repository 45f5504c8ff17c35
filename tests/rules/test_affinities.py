"""Affinities: purchases weigh three times as much as views, all fade by half in 90 days, and are gone after 365."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.affinities import Affinity, Sums, add, affinities, begins, weight
from profiles.affinities.reading import NEVER, SUMMED, leaves_next, summed
from profiles.affinities.rules import HALF_LIFE, PURCHASE, VIEW, WINDOW
from profiles.affinities.tables import loaded, stored

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
Happened = tuple[int, timedelta, str]
"""What it weighs when new, how long ago it was, and its value."""


def shares(*happened: Happened, now: datetime = NOW) -> dict[str, float]:
    sums: Sums = {"brand": {}}
    for parts, age, value in happened:
        if now - age > begins(now):
            add(sums, ("brand",), (value,), weight(parts, now - age))
    return {found.value: found.score for found in affinities(sums, 100)}


def slow(*happened: Happened) -> dict[str, float]:
    """The rule as it is written, in floats."""
    weights: dict[str, float] = {}
    for parts, age, value in happened:
        if age < WINDOW:
            weights[value] = weights.get(value, 0.0) + parts * 0.5 ** (age / HALF_LIFE)
    total = sum(weights.values())
    return {value: amount / total for value, amount in weights.items()}


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ([], {}),
        ([(VIEW, timedelta(days=364), "A")], {"A": 1.0}),
        ([(PURCHASE, timedelta(), "A"), (VIEW, timedelta(), "B")], {"A": 0.75, "B": 0.25}),
        ([(VIEW, timedelta(), "A"), (VIEW, timedelta(days=90), "B")], {"A": 2 / 3, "B": 1 / 3}),
        ([(VIEW, timedelta(), "A"), (VIEW, timedelta(days=180), "B")], {"A": 0.8, "B": 0.2}),
        ([(PURCHASE, timedelta(days=90), "A"), (VIEW, timedelta(), "B")], {"A": 0.6, "B": 0.4}),
        ([(VIEW, timedelta(), "A"), (VIEW, timedelta(), "A"), (VIEW, timedelta(), "B")], {"A": 2 / 3, "B": 1 / 3}),
        ([(PURCHASE, timedelta(days=365), "A"), (VIEW, timedelta(), "B")], {"B": 1.0}),
        ([(VIEW, timedelta(days=365) - INSTANT, "A")], {"A": 1.0}),
        ([(VIEW, timedelta(days=365), "A")], {}),
        ([(VIEW, timedelta(days=365) + INSTANT, "A")], {}),
        # A clock that runs ahead.
        ([(VIEW, -timedelta(minutes=5), "A")], {"A": 1.0}),
    ],
)
def test_what_counts_and_how_much(happened: list[Happened], expected: dict[str, float]) -> None:
    assert shares(*happened) == pytest.approx(expected, rel=1e-9)


def test_the_strongest_come_first_and_equal_ones_by_value_then_attribute() -> None:
    sums: Sums = {"store": {"B": 5, "A": 5}, "brand": {"B": 2, "C": 1, "A": 2}, "category": {"D": 7}, "department": {}}
    assert affinities(sums, 10) == [
        Affinity("category", "D", 1.0),
        Affinity("store", "A", 0.5),
        Affinity("store", "B", 0.5),
        Affinity("brand", "A", 0.4),
        Affinity("brand", "B", 0.4),
        Affinity("brand", "C", 0.2),
    ]
    assert affinities(sums, 4) == affinities(sums, 10)[:4]
    assert affinities(sums, 0) == []


def test_equal_shares_of_several_attributes_are_told_by_attribute() -> None:
    assert [found.attribute for found in affinities({"store": {"A": 1}, "brand": {"A": 9}}, 10)] == ["brand", "store"]


def test_what_has_no_value_for_an_attribute_does_not_count() -> None:
    sums: Sums = {"category": {}, "brand": {}}
    add(sums, ("category", "brand"), (None, "A"), 6)
    assert sums == {"category": {}, "brand": {"A": 6}}


def test_what_is_less_than_nothing_is_not_shown_and_takes_nothing_from_the_others() -> None:
    assert affinities({"brand": {"A": 3, "B": -2, "C": 0}}, 10) == [Affinity("brand", "A", 1.0)]


def test_shares_do_not_depend_on_when_they_are_told() -> None:
    happened = [(PURCHASE, timedelta(days=3), "A"), (VIEW, timedelta(days=200), "B"), (VIEW, timedelta(days=77), "C")]
    later = timedelta(days=100)
    assert shares(*happened) == shares(
        *((parts, age + later, value) for parts, age, value in happened), now=NOW + later
    )


HISTORIES = st.lists(
    st.tuples(
        st.sampled_from([PURCHASE, VIEW]),
        st.integers(0, 500 * 86_400_000_000).map(lambda micros: timedelta(microseconds=micros)),
        st.sampled_from("ABCDE"),
    ),
    max_size=60,
)


@given(HISTORIES)
def test_the_numbers_are_those_of_the_rule_as_it_is_written(happened: list[Happened]) -> None:
    assert shares(*happened) == pytest.approx(slow(*happened), rel=1e-9, abs=0)


@given(HISTORIES, st.integers(-400, 400), st.integers(0, 60))
def test_sums_of_another_time_and_what_happened_between_are_the_sums_of_now(
    happened: list[Happened], days: int, known: int
) -> None:
    """Whatever was summed up when: what left is taken off, what was left out is added, to the last digit."""
    since = begins(NOW + timedelta(days=days))
    kept: Sums = {"brand": {}}
    rows = [(1, parts, NOW - age, value) for parts, age, value in happened]
    for _, parts, at, value in rows:
        if at > since:
            add(kept, ("brand",), (value,), weight(parts, at))
    window = begins(NOW)
    between = [row for row in rows if min(since, window) < row[2] <= max(since, window)]
    document = stored(1, since, kept)[3]
    found = summed(("brand",), [*between, (1, SUMMED, since, document)], window)
    never = summed(("brand",), [(1, SUMMED, NEVER, None), *(row for row in rows if row[2] > window)], window)
    left = {value: amount for value, amount in found[1][1]["brand"].items() if amount}
    assert left == never[1][1]["brand"]


@pytest.mark.parametrize(
    ("ages", "seconds"),
    [
        ([], 60),
        ([WINDOW], 60),
        ([WINDOW - INSTANT], 1e-6),
        ([WINDOW + INSTANT, WINDOW - timedelta(seconds=50), WINDOW - timedelta(seconds=20)], 20),
        ([timedelta()], WINDOW.total_seconds()),
    ],
)
def test_it_is_known_when_something_leaves_the_window(ages: list[timedelta], seconds: float) -> None:
    rows = [(1, SUMMED, begins(NOW), "{}"), *((1, VIEW, NOW - age, "A") for age in ages)]
    assert leaves_next(rows, NOW) == NOW + timedelta(seconds=seconds)


def test_a_document_keeps_every_digit() -> None:
    sums: Sums = {"brand": {"Å": weight(PURCHASE, NOW), "none": 0}, "store": {}}
    _, _, category, brand, _, _, store = stored(1, NOW, sums)
    assert (category, store) == (None, "{}")
    assert loaded(("brand", "store"), (brand, store)) == {"brand": {"Å": weight(PURCHASE, NOW)}, "store": {}}
