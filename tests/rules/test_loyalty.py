"""Bonuses are usable from a moment to a moment; a balance says what of them is usable now, and what will end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from profiles.loyalty import BonusLot, LoyaltyBalance, LoyaltySums, balance, spent

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
NOTHING = LoyaltySums(0, 0, 0)


def at(lots: Sequence[BonusLot], sums: LoyaltySums = NOTHING, now: datetime = NOW) -> LoyaltyBalance:
    return balance(sums, lots, now, ZONE)[0]


def changes_at(*lots: BonusLot) -> datetime | None:
    return balance(NOTHING, lots, NOW, ZONE)[1]


def test_what_lasts_is_active_and_points_stand_apart() -> None:
    assert at([], LoyaltySums(12_500, 10_250, 7_000)) == LoyaltyBalance(
        accrued=Decimal("12.5"),
        active=Decimal("10.25"),
        pending_activation=Decimal(0),
        pending_deactivation=Decimal(0),
        next_deactivation_at=None,
        next_deactivation_amount=None,
        points=Decimal(7),
    )
    assert changes_at() is None


@pytest.mark.parametrize(
    ("active_from", "expires_at", "active", "waiting", "ending"),
    [
        pytest.param(NOW - DAY, None, 5, 0, 0, id="active for good"),
        pytest.param(NOW, None, 5, 0, 0, id="active from this instant"),
        pytest.param(NOW + INSTANT, None, 0, 5, 0, id="active an instant later"),
        pytest.param(NOW - DAY, NOW + INSTANT, 5, 0, 5, id="expires an instant later"),
        pytest.param(NOW - DAY, NOW, 0, 0, 0, id="expires at this instant"),
        pytest.param(NOW - DAY, NOW - INSTANT, 0, 0, 0, id="has expired"),
        pytest.param(NOW, NOW + DAY, 5, 0, 5, id="begins at this instant and will expire"),
        pytest.param(NOW + DAY, NOW + 2 * DAY, 0, 5, 0, id="waits, and will expire: no part of what is active"),
        pytest.param(NOW + DAY, NOW, 0, 0, 0, id="ended before it began"),
    ],
)
def test_what_bonuses_are_worth_now(
    active_from: datetime, expires_at: datetime | None, active: int, waiting: int, ending: int
) -> None:
    now = at([BonusLot(5_000, active_from, expires_at)], LoyaltySums(5_000, 0, 0))
    assert (now.active, now.pending_activation, now.pending_deactivation) == (active, waiting, ending)
    assert (now.next_deactivation_at is not None, now.next_deactivation_amount) == (bool(ending), ending or None)
    assert now.accrued == 5


def test_the_next_amount_is_all_that_expires_on_the_day_of_the_first_in_the_accounts_zone() -> None:
    # Midnight in New York is 4:00 UTC in summer.
    first = datetime(2026, 6, 12, 5, tzinfo=UTC)
    late_the_same_day = datetime(2026, 6, 13, 4, tzinfo=UTC) - INSTANT
    the_day_after = datetime(2026, 6, 13, 4, tzinfo=UTC)
    lots = [BonusLot(milli, NOW, end) for milli, end in ((4_000, the_day_after), (2_000, late_the_same_day))]
    lots += [BonusLot(1_000, NOW, first), BonusLot(50_000, NOW + INSTANT, first), BonusLot(9_000, NOW)]
    now = at(lots)
    assert (now.next_deactivation_at, now.next_deactivation_amount) == (first, 3)
    assert (now.pending_deactivation, now.active, now.pending_activation) == (7, 16, 50)


@pytest.mark.parametrize(
    ("lots", "expected"),
    [
        pytest.param([BonusLot(1, NOW - DAY)], None, id="nothing changes by itself"),
        pytest.param([BonusLot(1, NOW + DAY)], NOW + DAY, id="when it becomes active"),
        pytest.param([BonusLot(1, NOW - DAY, NOW + 2 * DAY)], NOW + 2 * DAY, id="when it expires"),
        pytest.param([BonusLot(1, NOW - DAY, NOW)], None, id="not when it has expired"),
        pytest.param([BonusLot(1, NOW + DAY, NOW + 3 * DAY), BonusLot(1, NOW, NOW + 2 * DAY)], NOW + DAY, id="first"),
    ],
)
def test_a_balance_says_until_when_it_holds(lots: list[BonusLot], expected: datetime | None) -> None:
    assert changes_at(*lots) == expected


SOON, LATER = BonusLot(5, NOW - DAY, NOW + DAY), BonusLot(7, NOW - DAY, NOW + 2 * DAY)
FOR_GOOD, WAITING, GONE = BonusLot(4, NOW - DAY), BonusLot(9, NOW + INSTANT, NOW + DAY), BonusLot(9, NOW - DAY, NOW)


@pytest.mark.parametrize(
    ("lots", "lasting", "amount", "left", "left_lasting"),
    [
        pytest.param([LATER, SOON], 10, 3, [7, 2], 10, id="what expires first goes first"),
        pytest.param([LATER, SOON], 10, 5, [7, 0], 10, id="all of it"),
        pytest.param([LATER, SOON], 10, 6, [6, 0], 10, id="then the next"),
        pytest.param([FOR_GOOD, SOON], 10, 6, [3, 0], 10, id="then what began later and never ends"),
        pytest.param([SOON], 10, 12, [0], 3, id="then what lasts"),
        pytest.param([SOON], 10, 99, [0], 0, id="never more than there is"),
        pytest.param([WAITING, GONE], 0, 5, [9, 9], 0, id="nothing that could not be used then"),
        pytest.param([], 0, 5, [], 0, id="nothing of nothing"),
    ],
)
def test_what_is_spent_first(
    lots: list[BonusLot], lasting: int, amount: int, left: list[int], left_lasting: int
) -> None:
    assert spent(lots, lasting, amount, NOW) == (left, left_lasting)
