"""The tables of loyalty: a customer's sums, and the bonuses that begin or end on a day."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from profiles.columns import instant, key, minor

UNSPENT = sql("left_milli > 0")


class LoyaltyAccount(SQLModel, table=True):
    """A customer's sums, in thousandths: bonuses ever accrued, points, and the lasting bonuses: those that were usable
    from the beginning and never expire, less what was spent of them. Whoever has none of these was never credited."""

    __tablename__ = "loyalty_accounts"
    __table_args__ = (
        # Found by: so many bonuses ever, so many points.
        Index("ix_loyalty_accounts_accrued", "accrued_milli", "customer_id"),
        Index("ix_loyalty_accounts_points", "points_milli", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    accrued_milli: int = minor(default=0)
    lasting_milli: int = minor(default=0)
    points_milli: int = minor(default=0)


class LoyaltyLot(SQLModel, table=True):
    """Bonuses of one accrual that become usable later, or expire; `left_milli` is what was not spent of them.

    All others are in the account's `lasting_milli`, so that reading a balance costs the same after years of accruals.
    """

    __tablename__ = "loyalty_lots"
    __table_args__ = (
        Index(
            "ix_loyalty_lots_expires_at", "customer_id", "expires_at", sqlite_where=UNSPENT, postgresql_where=UNSPENT
        ),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    amount_milli: int = minor()
    left_milli: int = minor()
    accrued_at: datetime = instant()
    active_from: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
