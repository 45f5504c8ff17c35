"""Filters by bonuses, carts and wish lists, with what each means by the rules."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from profiles.account import load_account
from profiles.cart import status
from profiles.loyalty import LoyaltyBalance, balance
from tests.panels.crowd import Person, moment

ACCOUNT = load_account()
SILENCE = timedelta(minutes=ACCOUNT.settings.cart_abandoned_minutes)
NUMBERS = {
    "accruedBonuses": "accrued",
    "activeBonuses": "active",
    "bonusesPendingActivation": "pending_activation",
    "bonusesPendingDeactivation": "pending_deactivation",
    "points": "points",
}
PATHS = {
    "loyalty.accrued": "accrued",
    "loyalty.active": "active",
    "loyalty.pendingActivation": "pending_activation",
    "loyalty.pendingDeactivation": "pending_deactivation",
    "loyalty.points": "points",
}
Holds = Callable[[Person], bool]
Case = tuple[dict[str, Any], Holds]


def balance_cases(now: datetime) -> Iterator[Case]:
    """At least one case for each field and edge."""
    yield from _numbers(now)
    yield from _next_deactivation(now)
    yield from _attributes(now)
    for wanted in ([], ["OPEN"], ["ABANDONED"], ["ORDERED"], ["OPEN", "ABANDONED"], ["OPEN", "ABANDONED", "ORDERED"]):
        yield (
            {"cartStatus": wanted},
            lambda person, wanted=wanted: person.cart is not None and status(person.cart, now, SILENCE)[0] in wanted,
        )
    yield {"hasWishlist": True}, lambda person: bool(person.wishes)
    yield {"hasWishlist": False}, lambda person: not person.wishes


def _held(person: Person, now: datetime) -> LoyaltyBalance | None:
    unspent = [lot for lot in person.lots if lot.left_milli]
    return None if person.loyalty is None else balance(person.loyalty, unspent, now, ACCOUNT.zone)[0]


def _number(name: str, now: datetime, test: Callable[[Decimal], bool]) -> Holds:
    read = attrgetter(name)

    def holds(person: Person) -> bool:
        held = _held(person, now)
        return held is not None and test(read(held))

    return holds


def _numbers(now: datetime) -> Iterator[Case]:
    # A bound finer than a thousandth is between two of them.
    edges = (("0", "0"), ("1", None), (None, "1.5"), ("1.5", "2.345"), ("2.3445", "2.3455"), ("2.3451", None))
    for field, name in NUMBERS.items():
        for low, high in edges:

            def inside(value: Decimal, low: str | None = low, high: str | None = high) -> bool:
                return (low is None or value >= Decimal(low)) and (high is None or value <= Decimal(high))

            yield {field: {"from": low, "to": high}}, _number(name, now, inside)


def _next_deactivation(now: datetime) -> Iterator[Case]:
    for days in (2, 4, 7):
        # Exactly on a moment at which somebody's bonuses expire.
        start, end = now + timedelta(days=days, minutes=30), now + timedelta(days=days + 2, minutes=30)
        for low, high in ((start, None), (None, end), (start, end), (start, start)):

            def within(person: Person, low: datetime | None = low, high: datetime | None = high) -> bool:
                held = _held(person, now)
                at = held and held.next_deactivation_at
                return bool(at and (low is None or at >= low) and (high is None or at < high))

            yield {"nextBonusDeactivationAt": {"from": low and moment(low), "to": high and moment(high)}}, within


def _attributes(now: datetime) -> Iterator[Case]:
    def said(key: str, **values: Any) -> dict[str, Any]:
        return {"attributes": [{"key": key, **{name.rstrip("_"): value for name, value in values.items()}}]}

    for key, name in PATHS.items():
        yield said(key, from_="1.5", to="2.345"), _number(name, now, lambda value: 1.5 <= value <= Decimal("2.345"))
        yield said(key, equals="2.345"), _number(name, now, lambda value: value == Decimal("2.345"))
        yield said(key, in_=["0", "1.50"]), _number(name, now, lambda value: value in (0, Decimal("1.5")))
        yield said(key, isMissing=True), lambda person: person.loyalty is None
    at = now + timedelta(days=3, minutes=30)

    def ends_later(person: Person) -> bool:
        held = _held(person, now)
        return bool(held and held.next_deactivation_at and held.next_deactivation_at >= at)

    yield said("loyalty.nextDeactivationAt", from_=moment(at)), ends_later
    yield (
        said("loyalty.nextDeactivationAt", isMissing=True),
        lambda person: getattr(_held(person, now), "next_deactivation_at", None) is None,
    )
