"""How balances are read: the sums of many customers, each with the bonuses that still wait, or will expire."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, literal_column, or_, select

from profiles.account import Account
from profiles.columns import Instant
from profiles.loyalty.rules import BonusLot, LoyaltyBalance, LoyaltySums, balance
from profiles.loyalty.tables import LoyaltyAccount, LoyaltyLot
from profiles.moment import Moment
from profiles.storage.keeping import Kept, Whose
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.viewer import Viewer

_KEPT = Kept(Whose.CUSTOMER, clock=("since",))


@shaped()
def _balances() -> Build:
    def build(dialect: DialectName) -> Any:
        sums, lots = table(LoyaltyAccount), table(LoyaltyLot)
        # Written out: behind a parameter neither planner would know that the index of unspent lots holds all of them.
        unspent = and_(
            lots.c.customer_id == sums.c.customer_id,
            lots.c.left_milli > literal_column("0"),
            or_(lots.c.expires_at.is_(None), lots.c.expires_at > bindparam("since", type_=Instant())),
        )
        return (
            select(
                sums.c.customer_id,
                sums.c.accrued_milli,
                sums.c.lasting_milli,
                sums.c.points_milli,
                lots.c.left_milli,
                lots.c.active_from,
                lots.c.expires_at,
            )
            .select_from(sums.outerjoin(lots, unspent))
            .where(among_ids(dialect, sums.c.customer_id))
        )

    return build


def balances_of(
    viewer: Viewer, account: Account, moment: Moment, customer_ids: Sequence[int]
) -> Read[int, LoyaltyBalance]:
    """Each customer's balance (ruling 22); a customer who was never credited with anything is absent."""

    def collect(rows: list[Row]) -> Mapping[int, LoyaltyBalance]:
        sums: dict[int, LoyaltySums] = {}
        lots: dict[int, list[BonusLot]] = {}
        for customer_id, accrued, lasting, points, left, active_from, expires_at in rows:
            sums[customer_id] = LoyaltySums(accrued, lasting, points)
            own = lots.setdefault(customer_id, [])
            if left is not None:
                own.append(BonusLot(left, active_from, expires_at))
        return {
            id: moment.derive(lambda now, id=id, own=own: balance(own, lots[id], now, account.zone))  # type: ignore[misc]
            for id, own in sums.items()
        }

    # What has expired stays so, and what is read too much the rule leaves out.
    since = moment.derive(lambda now: (now, None))
    return Read(_balances(), {"ids": customer_ids, "since": since}, collect, _KEPT)
