"""Loyalty: recorded accruals of bonuses and points change the balance, in the transaction that writes the event."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select

from profiles.errors import Invalid
from profiles.ids import new_id
from profiles.loyalty import BonusLot, LoyaltyAccount, LoyaltyLot, spent
from profiles.money import LARGEST_MINOR
from profiles.recording.inputs import ACTIVE_FROM_KEY, EXPIRES_AT_KEY, LOYALTY
from profiles.recording.placed import Placed
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory


async def keep_loyalty(unit: Unit, placed: Sequence[Placed]) -> None:
    """Adds what was accrued and takes what was taken back (a negative amount), in the order of time.

    Raises Invalid where that is more than can be kept.
    """
    told = [each for each in placed if each.said.category in LOYALTY]
    if not told:
        return
    customer_ids = {each.customer_id for each in told}
    accounts = await _accounts(unit, customer_ids)
    lots = await _lots(unit, {each.customer_id for each in told if _is_bonus(each) and each.amount_milli < 0})
    for each in sorted(told, key=lambda each: (each.said.occurred_at, each.said.position)):
        account = accounts[each.customer_id]
        own = lots.setdefault(each.customer_id, [])
        if not _is_bonus(each):
            account.points_milli += each.amount_milli
        elif each.amount_milli < 0:
            _take(account, own, -each.amount_milli, each.said.occurred_at)
        else:
            _accrue(account, own, each)
        if max(abs(account.accrued_milli), abs(account.points_milli)) > LARGEST_MINOR:
            raise Invalid("The balance would be larger than can be kept.", each.said.path("payload"))
        unit.session.add(account)
        unit.session.add_all(own)
    await unit.session.flush()


def _is_bonus(placed: Placed) -> bool:
    return placed.said.category is EventCategory.BONUS_ACCRUED


async def _accounts(unit: Unit, customer_ids: Iterable[int]) -> dict[int, LoyaltyAccount]:
    wanted = sorted(customer_ids)
    found = await unit.session.exec(select(LoyaltyAccount).where(col(LoyaltyAccount.customer_id).in_(wanted)))
    known = {account.customer_id: account for account in found}
    return {id: known.get(id) or LoyaltyAccount(customer_id=id) for id in wanted}


async def _lots(unit: Unit, customer_ids: Iterable[int]) -> dict[int, list[LoyaltyLot]]:
    """What can still be spent of."""
    lots: dict[int, list[LoyaltyLot]] = {}
    wanted = sorted(customer_ids)
    if wanted:
        found = await unit.session.exec(
            select(LoyaltyLot)
            .where(col(LoyaltyLot.customer_id).in_(wanted), col(LoyaltyLot.left_milli) > 0)
            .order_by(col(LoyaltyLot.customer_id), col(LoyaltyLot.id))
        )
        for lot in found:
            lots.setdefault(lot.customer_id, []).append(lot)
    return lots


def _accrue(account: LoyaltyAccount, lots: list[LoyaltyLot], placed: Placed) -> None:
    said, amount_milli = placed.said, placed.amount_milli
    accrued_at = said.occurred_at
    active_from, expires_at = said.moment(ACTIVE_FROM_KEY) or accrued_at, said.moment(EXPIRES_AT_KEY)
    account.accrued_milli += amount_milli
    if active_from <= accrued_at and expires_at is None:
        account.lasting_milli += amount_milli
        return
    lots.append(
        LoyaltyLot(
            customer_id=account.customer_id,
            id=new_id(),
            amount_milli=amount_milli,
            left_milli=amount_milli,
            accrued_at=accrued_at,
            active_from=active_from,
            expires_at=expires_at,
        )
    )


def _take(account: LoyaltyAccount, lots: list[LoyaltyLot], amount_milli: int, at: datetime) -> None:
    known = [BonusLot(lot.left_milli, lot.active_from, lot.expires_at) for lot in lots]
    left, account.lasting_milli = spent(known, account.lasting_milli, amount_milli, at)
    for lot, left_milli in zip(lots, left, strict=True):
        lot.left_milli = left_milli
