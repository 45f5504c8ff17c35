"""The rule of affinities: what a purchase and a view weigh, which of them count, and what share each value has."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp2

from profiles.records import record

CATEGORY = "category"
OF_PRODUCTS = (CATEGORY, "brand", "department", "package_size")
"""Attributes that purchases have by their lines, and views by what was seen."""
STORE = "store"
"""The attribute that purchases have as a whole, and views not at all."""
ATTRIBUTES = (*OF_PRODUCTS, STORE)
"""What an account may list: each is a column of `customer_affinities`."""

PURCHASE, VIEW = 3, 1
"""What each weighs when new."""
WINDOW = timedelta(days=365)
HALF_LIFE = timedelta(days=90)
ORIGIN = datetime(2008, 1, 1, tzinfo=UTC)
"""Weights are told in those of this moment. From 2016 on they are whole numbers of ten digits and more."""

Sums = dict[str, dict[str, int]]
"""By attribute and value the sum of weights; a value with nothing in the window is not among them, or 0."""


@record
class Affinity:
    """One value of an attribute; `score` is its share of the attribute's total, above 0 and at most 1."""

    attribute: str
    value: str
    score: float


def begins(now: datetime) -> datetime:
    """What happened after this instant counts; what happened at it is 365 days old and does not."""
    return now - WINDOW


def weight(parts: int, at: datetime) -> int:
    """What a purchase or a view of that moment weighs, beside others of any moment.

    Fading is the same for all, so that the shares are the same whenever they are told: instead of the old fading, the
    new weigh more, twice as much every 90 days. Whole numbers, so that a sum does not depend on the order in which it
    was made, and what is taken off again leaves nothing behind.
    """
    return parts * round(exp2((at - ORIGIN) / HALF_LIFE))


def add(sums: Sums, attributes: Sequence[str], values: Sequence[str | None], amount: int) -> None:
    """Adds to the sum of each attribute's value; what has no value for an attribute does not count there."""
    for attribute, value in zip(attributes, values, strict=True):
        if value is not None:
            own = sums[attribute]
            own[value] = own.get(value, 0) + amount


def affinities(sums: Mapping[str, Mapping[str, int]], first: int) -> list[Affinity]:
    """The strongest values of all these attributes, each by its share within its own; ties by value, then attribute."""
    if not first:
        return []
    found = []
    for attribute, amounts in sums.items():
        # A purchase that is taken back after its product was renamed would leave less than nothing.
        counting = sorted((amount for amount in amounts.values() if amount > 0), reverse=True)
        if not counting:
            continue
        # Whoever is not among the first of its attribute is not among the first of all.
        total, least = sum(counting), counting[:first][-1]
        found += [Affinity(attribute, value, amount / total) for value, amount in amounts.items() if amount >= least]
    found.sort(key=lambda affinity: (-affinity.score, affinity.value, affinity.attribute))
    return found[:first]
