"""Loyalty: bonuses and points that members of the programme were credited with, as the timeline shows them."""

from datetime import datetime, timedelta

from profiles.timeline import EventCategory
from sources.shape.draft import Draft, said
from sources.shape.identities import Person

MEMBERS = 0.6
BONUS_RECEIPTS = 0.2
BONUS_PERCENT = 2
POINTS_EVERY_BASKETS = 10
POINTS_MILLI = 50_000


def reward(draft: Draft, person: Person) -> None:
    """Bonuses on some receipts, points for every tenth visit to a till; `amount_milli` counts thousandths of each."""
    dice = draft.dice("loyalty")
    if not (draft.is_showcase or (person.registered_at is not None and dice.random() < MEMBERS)):
        return
    since = person.registered_at or draft.facts.first_seen
    for position, basket in enumerate(draft.facts.baskets, start=1):
        at = basket.issued_at + timedelta(minutes=1)
        is_rewarded = dice.random() < BONUS_RECEIPTS
        if at < since or not draft.is_past(at):
            continue
        bonus_milli = basket.product_total_minor * BONUS_PERCENT // 100 * 10
        if is_rewarded and bonus_milli > 0:
            _accrue(draft, EventCategory.BONUS_ACCRUED, f"bonus:{basket.external_id}", at, bonus_milli, basket.number)
        if position % POINTS_EVERY_BASKETS == 0:
            _accrue(
                draft, EventCategory.POINTS_ACCRUED, f"points:{basket.external_id}", at, POINTS_MILLI, basket.number
            )


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
