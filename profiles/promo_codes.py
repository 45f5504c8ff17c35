"""Promo codes: what was issued to a customer in a mailing or campaign, and when it was redeemed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import choice, instant, key, reference, text


class PromoCodeOriginKind(StrEnum):
    """What issued the code."""

    MAILING = "MAILING"
    CAMPAIGN = "CAMPAIGN"


class PromoCode(SQLModel, table=True):
    """One code issued to one customer."""

    __tablename__ = "promo_codes"
    __table_args__ = (
        Index("ix_promo_codes_issued_at", "customer_id", "issued_at", "id"),
        Index("ix_promo_codes_origin", "origin_id", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    code: str = text()
    issued_at: datetime = instant()
    is_reissued: bool = False
    redeemed_at: datetime | None = instant(nullable=True)
    origin_kind: PromoCodeOriginKind | None = choice(PromoCodeOriginKind, nullable=True)
    origin_id: int | None = reference(nullable=True)
