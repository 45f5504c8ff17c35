"""The rule of loyalty: which bonuses can be used now, which not yet, which will expire, and what is spent first."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from profiles.calendar import local_day
from profiles.records import record
from profiles.stored_amounts import exact_quantity


@record
class LoyaltySums:
    """What does not depend on the day, in thousandths (`profiles.loyalty.tables.LoyaltyAccount`)."""

    accrued_milli: int
    lasting_milli: int
    points_milli: int


@record
class BonusLot:
    """Unspent bonuses, usable while `active_from` <= now < `expires_at`; without the latter for good."""

    left_milli: int
    active_from: datetime
    expires_at: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether they can be used."""
        return self.active_from <= now and not self.has_expired(now)

    def has_expired(self, now: datetime) -> bool:
        """Whether they can be used no more."""
        return self.expires_at is not None and self.expires_at <= now


@record
class LoyaltyBalance:
    """A balance at one moment (ruling 22); numbers of bonuses, and of points."""

    accrued: Decimal
    active: Decimal
    pending_activation: Decimal
    pending_deactivation: Decimal
    next_deactivation_at: datetime | None
    next_deactivation_amount: Decimal | None
    points: Decimal


def balance(
    sums: LoyaltySums, lots: Sequence[BonusLot], now: datetime, zone: ZoneInfo
) -> tuple[LoyaltyBalance, datetime | None]:
    """The balance now, and when it becomes another by itself (None: never).

    The next deactivation is the earliest moment among what is active; its amount is all that expires on that calendar
    day in `zone`.
    """
    active = [lot for lot in lots if lot.is_active(now)]
    waiting = [lot for lot in lots if lot.active_from > now and not lot.has_expired(now)]
    ending = [(lot.expires_at, lot.left_milli) for lot in active if lot.expires_at is not None]
    next_at = min((at for at, _ in ending), default=None)
    next_milli = None
    if next_at is not None:
        day = local_day(next_at, zone)
        next_milli = sum(left for at, left in ending if local_day(at, zone) == day)
    changes = [lot.active_from for lot in waiting] + [lot.expires_at for lot in (*active, *waiting) if lot.expires_at]
    return (
        LoyaltyBalance(
            accrued=exact_quantity(sums.accrued_milli),
            active=exact_quantity(sums.lasting_milli + sum(lot.left_milli for lot in active)),
            pending_activation=exact_quantity(sum(lot.left_milli for lot in waiting)),
            pending_deactivation=exact_quantity(sum(left for _, left in ending)),
            next_deactivation_at=next_at,
            next_deactivation_amount=None if next_milli is None else exact_quantity(next_milli),
            points=exact_quantity(sums.points_milli),
        ),
        min(changes, default=None),
    )


def spent(lots: Sequence[BonusLot], lasting_milli: int, amount_milli: int, at: datetime) -> tuple[list[int], int]:
    """What is left of each lot, and of the lasting bonuses, after so many were spent at that moment.

    What expires first goes first, what lasts goes last; nothing is spent that could not be used then, and never more
    than there is.
    """
    left = [lot.left_milli for lot in lots]
    usable = [number for number, lot in enumerate(lots) if lot.is_active(at)]
    # Among equal moments the order of the lots decides, so that spending again gives the same.
    for number in sorted(usable, key=lambda number: _last_moment(lots[number], at)):
        taken = min(left[number], amount_milli)
        left[number] -= taken
        amount_milli -= taken
    return left, lasting_milli - min(max(lasting_milli, 0), amount_milli)


def _last_moment(lot: BonusLot, at: datetime) -> tuple[bool, datetime]:
    return (True, at) if lot.expires_at is None else (False, lot.expires_at)
