"""Consents: an append-only history of what a customer allowed; the newest change of a name is its state."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import choice, instant, key, text


class ConsentStatus(StrEnum):
    """What the newest change says."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"


class ConsentChange(SQLModel, table=True):
    """One grant or revocation of one consent of one customer."""

    __tablename__ = "consent_changes"
    __table_args__ = (
        Index("ix_consent_changes_name", "customer_id", "name", "at", "id"),
        Index("ix_consent_changes_status", "name", "status", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    name: str = text()
    status: ConsentStatus = choice(ConsentStatus)
    at: datetime = instant()
    source: str = text()
    actor: str = text()
