"""Mailings: what was sent to whom, in which campaign, and who was held back as control group."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import choice, instant, key, reference, text
from profiles.contacts import Channel


class MailingKind(StrEnum):
    """A mass mailing stands alone; a campaign mailing belongs to a campaign."""

    MASS = "MASS"
    CAMPAIGN = "CAMPAIGN"


class Campaign(SQLModel, table=True):
    """A marketing campaign."""

    __tablename__ = "campaigns"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    url: str | None = text(nullable=True)
    starts_at: datetime | None = instant(nullable=True)
    ends_at: datetime | None = instant(nullable=True)


class Mailing(SQLModel, table=True):
    """One mailing, sent over one channel."""

    __tablename__ = "mailings"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    channel: Channel = choice(Channel)
    kind: MailingKind = choice(MailingKind)
    campaign_id: int | None = reference(nullable=True, foreign_key="campaigns.id")
    url: str | None = text(nullable=True)


class MailingParticipation(SQLModel, table=True):
    """A customer took part in a mailing, as recipient or as control group."""

    __tablename__ = "mailing_participations"
    __table_args__ = (
        Index("ix_mailing_participations_at", "customer_id", "participated_at", "id"),
        Index("ix_mailing_participations_mailing", "mailing_id", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    mailing_id: int = reference(foreign_key="mailings.id")
    participated_at: datetime = instant()
    is_control_group: bool = False
