"""Loyalty: bonuses and points that members of the programme were credited with, in the timeline and in the balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from profiles.loyalty import BonusLot, LoyaltyAccount, LoyaltyLot, spent
from profiles.timeline import EventCategory
from sources.rows import Basket
from sources.shape.draft import Draft, said
from sources.shape.identities import Person

MEMBERS = 0.6
BONUS_RECEIPTS = 0.2
BONUS_PERCENT = 2
POINTS_EVERY_BASKETS = 10
POINTS_MILLI = 50_000
ACTIVE_AFTER, LASTS = timedelta(days=14), timedelta(days=120)
"""When bonuses can be used after they were accrued, and how long from then on."""

SPENT = 0.3
"""Of how many receipts a part was paid with bonuses."""

ALL_REWARDED = timedelta(days=45)
"""Before the end every receipt of the showcase brings bonuses, so that some still wait and some will expire."""

ACCOUNT_COLUMNS = ("customer_id", "accrued_milli", "lasting_milli", "points_milli")
LOT_COLUMNS = ("customer_id", "id", "amount_milli", "left_milli", "accrued_at", "active_from", "expires_at")


@dataclass(frozen=True, slots=True)
class _Accrual:
    """Bonuses of one receipt."""

    key: str
    at: datetime
    amount_milli: int


def reward(draft: Draft, person: Person) -> None:
    """Bonuses on some receipts, points for every tenth visit to a till; `amount_milli` counts thousandths of each."""
    dice = draft.dice("loyalty")
    if not (draft.is_showcase or (person.registered_at is not None and dice.random() < MEMBERS)):
        return
    since = person.registered_at or draft.facts.first_seen
    accruals: list[_Accrual] = []
    paid: list[datetime] = []
    points_milli = 0
    for position, basket in enumerate(draft.facts.baskets, start=1):
        at = basket.issued_at + timedelta(minutes=1)
        is_rewarded = _is_rewarded(draft, dice, basket)
        if at < since or not draft.is_past(at):
            continue
        paid.append(basket.issued_at)
        bonus_milli = basket.product_total_minor * BONUS_PERCENT // 100 * 10
        if is_rewarded and bonus_milli > 0:
            key = f"bonus:{basket.external_id}"
            accruals.append(_Accrual(key, at, bonus_milli))
            _accrue(draft, EventCategory.BONUS_ACCRUED, key, at, bonus_milli, basket.number)
        if position % POINTS_EVERY_BASKETS == 0:
            points_milli += POINTS_MILLI
            _accrue(
                draft, EventCategory.POINTS_ACCRUED, f"points:{basket.external_id}", at, POINTS_MILLI, basket.number
            )
    if accruals or points_milli:
        _balance(draft, accruals, paid, points_milli)


def _is_rewarded(draft: Draft, dice: Random, basket: Basket) -> bool:
    is_by_chance = dice.random() < BONUS_RECEIPTS
    return is_by_chance or (draft.is_showcase and basket.issued_at > draft.clock.end - ALL_REWARDED)


def _accrue(draft: Draft, category: EventCategory, key: str, at: datetime, amount_milli: int, receipt: str) -> None:
    is_bonus = category is EventCategory.BONUS_ACCRUED
    what = "bonuses" if is_bonus else "points"
    amount = f"{amount_milli / 1000:g}"
    draft.happen(
        key,
        category,
        "bonus_accrued" if is_bonus else "points_accrued",
        f"{what.capitalize()} accrued",
        at,
        description=f"{amount} {what}",
        amount_milli=amount_milli,
        details=said(amount=amount, receipt=receipt),
    )


def _balance(draft: Draft, accruals: Sequence[_Accrual], paid: Sequence[datetime], points_milli: int) -> None:
    """The balance that these accruals leave, after some of the receipts were paid with bonuses."""
    customer_id = draft.facts.customer_id
    lots = [
        BonusLot(accrual.amount_milli, accrual.at + ACTIVE_AFTER, accrual.at + ACTIVE_AFTER + LASTS)
        for accrual in accruals
    ]
    dice = draft.dice("bonuses spent")
    for at in paid:
        usable_milli = sum(lot.left_milli for lot in lots if lot.is_active(at))
        if dice.random() < SPENT and usable_milli:
            left, _ = spent(lots, 0, usable_milli * dice.randint(20, 80) // 100, at)
            lots = [
                BonusLot(left_milli, lot.active_from, lot.expires_at)
                for lot, left_milli in zip(lots, left, strict=True)
            ]
    accrued_milli = sum(accrual.amount_milli for accrual in accruals)
    draft.add(LoyaltyAccount, ACCOUNT_COLUMNS, [(customer_id, accrued_milli, 0, points_milli)])
    draft.add(
        LoyaltyLot,
        LOT_COLUMNS,
        [
            (
                customer_id,
                draft.id("loyalty_lot", accrual.key),
                accrual.amount_milli,
                lot.left_milli,
                accrual.at,
                lot.active_from,
                lot.expires_at,
            )
            for accrual, lot in zip(accruals, lots, strict=True)
        ],
    )
