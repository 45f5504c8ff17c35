"""Changes: who changed which field of a profile, with the value before and after."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import instant, key, text


class Change(SQLModel, table=True):
    """One field changed."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_at", "customer_id", "at", "id"),)
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    at: datetime = instant()
    actor: str = text()
    field: str = text()
    before: str | None = text(nullable=True)
    after: str | None = text(nullable=True)
