"""RFM: quintiles with ties, what limits mean for values nobody had, and the grid of names."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from profiles.rfm import SEGMENTS, Boundaries, boundaries, rfm, score, segment

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("why", "values", "scores"),
    [
        ("ten different ones, two a score", range(10), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        ("five different ones", [10, 20, 30, 40, 50], [1, 2, 3, 4, 5]),
        ("one alone is neither good nor bad", [7], [3]),
        ("two", [1, 2], [2, 4]),
        ("three", [1, 2, 3], [1, 3, 5]),
        ("four", [1, 2, 3, 4], [1, 2, 4, 5]),
        ("all alike", [4] * 9, [3] * 9),
        ("most alike at the bottom: the score of their middle", [1, 1, 1, 1, 1, 1, 2, 3, 4, 5], [2] * 6 + [4, 4, 5, 5]),
        ("most alike at the top", [1, 2, 3, 4, 9, 9, 9, 9, 9, 9], [1, 1, 2, 2] + [4] * 6),
        ("a tie over a limit is not torn", [1, 2, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 2, 2, 3, 3, 4, 4, 5, 5]),
        ("below 0, as net amounts and days ago are", [-30, -20, -10, 0, 10], [1, 2, 3, 4, 5]),
    ],
)
def test_values_are_shared_out_to_five_scores(why: str, values: list[int], scores: list[int]) -> None:
    limits = boundaries(values)
    assert [score(value, limits) for value in values] == scores, why


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        ([10, 20, 30, 40, 50], 9, 1),
        ([10, 20, 30, 40, 50], 19, 1),
        ([10, 20, 30, 40, 50], 20, 2),
        ([10, 20, 30, 40, 50], 1000, 5),
        # Nobody seen is above these; who exceeds everybody is the best.
        ([1] * 9, 1, 3),
        ([1] * 9, 2, 5),
        ([1] * 9, 0, 1),
        ([], 5, 5),
    ],
)
def test_a_value_that_nobody_had_is_scored_by_the_limits(values: list[int], value: int, expected: int) -> None:
    assert score(value, boundaries(values)) == expected


@given(some.lists(some.integers(-(10**12), 10**12), min_size=1, max_size=60), some.randoms())
def test_more_is_never_worse_equal_is_equal_and_the_order_says_nothing(values: list[int], dice: object) -> None:
    limits = boundaries(values)
    assert list(limits) == sorted(limits)
    scores = [score(value, limits) for value in sorted(values)]
    assert scores == sorted(scores)
    assert boundaries(sorted(values)) == limits == boundaries(reversed(values))
    # The score is the fifth in which the middle of the equal values lies.
    for value in set(values):
        twice_middle = 2 * sum(other < value for other in values) + values.count(value)
        assert score(value, limits) == 1 + min(4, 5 * twice_middle // (2 * len(values)))


GRID = """
    1            2                    3                    4                5
5 | New Customers | Potential Loyalists | Potential Loyalists | Champions       | Champions
4 | Promising     | Potential Loyalists | Potential Loyalists | Loyal Customers | Loyal Customers
3 | About to Sleep | About to Sleep     | Need Attention      | Loyal Customers | Loyal Customers
2 | Hibernating   | Hibernating         | At Risk             | At Risk         | Can't Lose Them
1 | Lost          | Lost                | At Risk             | At Risk         | Can't Lose Them
"""


def test_each_pair_of_recency_and_frequency_has_one_of_eleven_names() -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in GRID.strip().splitlines()[1:]]
    for recency, *names in rows:
        assert [segment(int(recency), frequency) for frequency in range(1, 6)] == names
    assert {name for _, *names in rows for name in names} == set(SEGMENTS)
    assert (len(SEGMENTS), SEGMENTS[0], SEGMENTS[-1]) == (11, "Champions", "Lost")


def test_recency_is_counted_in_days_of_the_account_back_from_the_day_of_the_limits() -> None:
    # The 10th of March 2026 in New York until 4 in the morning UTC of the 11th.
    computed_at = datetime(2026, 3, 11, 3, 59, tzinfo=UTC)
    known = Boundaries(computed_at, (-9, -5, -1, 0), (2, 3, 4, 5), (100, 200, 300, 400))

    def recency(*moment: int) -> int:
        return rfm(known, datetime(*moment, tzinfo=UTC), 1, 0, NEW_YORK).recency  # type: ignore[misc, arg-type]

    assert recency(2026, 3, 10, 4) == 5  # today, from its first minute
    assert recency(2026, 3, 10, 3, 59) == 4  # yesterday's last minute
    assert recency(2026, 3, 5, 12) == 3
    assert recency(2026, 3, 4, 12) == 2
    assert recency(2026, 2, 1) == 1
    assert recency(2026, 6, 1) == 5  # after the limits were computed


def test_frequency_and_money_have_limits_of_their_own() -> None:
    known = Boundaries(datetime(2026, 3, 11, tzinfo=UTC), (-9, -5, -1, 0), (2, 3, 4, 5), (100, 200, 300, 400))
    found = rfm(known, datetime(2026, 3, 11, tzinfo=UTC), 4, 250, NEW_YORK)
    assert (found.segment, found.recency, found.frequency, found.monetary) == ("Champions", 5, 4, 3)
