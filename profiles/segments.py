"""Segments: groups of customers, and who is or was in them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import instant, key, text


class Segment(SQLModel, table=True):
    """A named group of customers."""

    __tablename__ = "segments"
    id: int = key()
    name: str = text(unique=True)
    description: str | None = text(nullable=True)


class SegmentMembership(SQLModel, table=True):
    """A customer was in a segment from `entered_at` until `left_at`; null means still."""

    __tablename__ = "segment_memberships"
    __table_args__ = (Index("ix_segment_memberships_segment", "segment_id", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    segment_id: int = key(foreign_key="segments.id")
    entered_at: datetime = instant(primary_key=True)
    left_at: datetime | None = instant(nullable=True)
