"""Scores by quintile with ties, and the grid that names a segment for each pair of recency and frequency."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from profiles.calendar import days_between
from profiles.records import record

QUINTILES = 5

CHAMPIONS = "Champions"
LOYAL = "Loyal Customers"
POTENTIAL = "Potential Loyalists"
NEW = "New Customers"
PROMISING = "Promising"
ATTENTION = "Need Attention"
SLEEP = "About to Sleep"
AT_RISK = "At Risk"
CANNOT_LOSE = "Can't Lose Them"
HIBERNATING = "Hibernating"
LOST = "Lost"

# One row for each score of recency, the best first; in it the scores of frequency from 1 to 5.
GRID: tuple[tuple[str, str, str, str, str], ...] = (
    (NEW, POTENTIAL, POTENTIAL, CHAMPIONS, CHAMPIONS),
    (PROMISING, POTENTIAL, POTENTIAL, LOYAL, LOYAL),
    (SLEEP, SLEEP, ATTENTION, LOYAL, LOYAL),
    (HIBERNATING, HIBERNATING, AT_RISK, AT_RISK, CANNOT_LOSE),
    (LOST, LOST, AT_RISK, AT_RISK, CANNOT_LOSE),
)
SEGMENTS = (
    CHAMPIONS,
    LOYAL,
    POTENTIAL,
    NEW,
    PROMISING,
    ATTENTION,
    SLEEP,
    AT_RISK,
    CANNOT_LOSE,
    HIBERNATING,
    LOST,
)
"""All names, the best first."""

Limits = tuple[int, int, int, int]
"""The least value for a score of 2, 3, 4 and 5, ascending."""


@record
class Boundaries:
    """The limits of the three scores as of a moment. Recency is in days before the day of `computed_at`, negative, so
    that more is better in all three; monetary is in minor units of the account's currency."""

    computed_at: datetime
    recency: Limits
    frequency: Limits
    monetary: Limits


@record
class Rfm:
    """Three scores, 1 to 5, 5 being best, and the name of their segment."""

    segment: str
    recency: int
    frequency: int
    monetary: int


def segment(recency: int, frequency: int) -> str:
    """The name for two scores, each 1 to 5."""
    return GRID[QUINTILES - recency][frequency - 1]


def boundaries(values: Iterable[int]) -> Limits:
    """The limits that share out these values to five scores, as evenly as equal values allow, which stay together.

    A value stands where the middle of all that are equal to it stands: below are the smaller ones and half of its like.
    So five different values get 1 to 5, one alone or many equal ones get 3. Nobody seen reaches a limit above the
    largest value; who exceeds everybody reaches it. Without values all limits are 0.
    """
    counts = sorted(Counter(values).items())
    total = sum(count for _, count in counts)
    limits: list[int] = []
    below = 0
    for value, count in counts:
        # Twice the middle, so that all is whole numbers: below + count / 2 >= total * (score - 1) / 5.
        while len(limits) < QUINTILES - 1 and (2 * below + count) * QUINTILES >= 2 * total * (len(limits) + 1):
            limits.append(value)
        below += count
    beyond = counts[-1][0] + 1 if counts else 0
    limits += [beyond] * (QUINTILES - 1 - len(limits))
    second, third, fourth, fifth = limits
    return second, third, fourth, fifth


def score(value: int, limits: Limits) -> int:
    """1 to 5: one more than the limits that the value reaches."""
    return 1 + bisect_right(limits, value)


def recency_value(last_purchase_at: datetime, computed_at: datetime, zone: ZoneInfo) -> int:
    """Days from the last purchase to the day of the boundaries, negative; above 0 after it."""
    return -days_between(last_purchase_at, computed_at, zone)


def rfm(known: Boundaries, last_purchase_at: datetime, purchases: int, net_minor: int, zone: ZoneInfo) -> Rfm:
    """The scores of a customer with at least one purchase."""
    recency = score(recency_value(last_purchase_at, known.computed_at, zone), known.recency)
    frequency = score(purchases, known.frequency)
    return Rfm(segment(recency, frequency), recency, frequency, score(net_minor, known.monetary))
