"""The tables of the timeline: events, the visits in which they happened, and what is still to be announced."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from profiles.columns import binary, choice, document, instant, key, minor, reference, text


class EventCategory(StrEnum):
    """What kind of thing happened; a frontend shows an icon for each."""

    MAILING_MASS = "MAILING_MASS"
    MAILING_CAMPAIGN = "MAILING_CAMPAIGN"
    EMAIL = "EMAIL"
    RECEIPT = "RECEIPT"
    ORDER = "ORDER"
    CALL_CENTER = "CALL_CENTER"
    SITE_VISIT = "SITE_VISIT"
    CATEGORY_VIEW = "CATEGORY_VIEW"
    PRODUCT_VIEW = "PRODUCT_VIEW"
    PAGE_VIEW = "PAGE_VIEW"
    CART_ABANDONED = "CART_ABANDONED"
    BONUS_ACCRUED = "BONUS_ACCRUED"
    POINTS_ACCRUED = "POINTS_ACCRUED"
    TAG_ASSIGNED = "TAG_ASSIGNED"
    LIFECYCLE = "LIFECYCLE"
    CONSENT = "CONSENT"
    NOTE = "NOTE"
    SEGMENT = "SEGMENT"
    PROFILE = "PROFILE"


class SessionState(StrEnum):
    """A visit is live, ended, or ended with a purchase."""

    LIVE = "LIVE"
    ENDED = "ENDED"
    PURCHASED = "PURCHASED"


class TimelineEvent(SQLModel, table=True):
    """One event. `subject_id` is the receipt, order or mailing it is about (by category); `viewed_category_id` is set
    where a category was seen, directly or through a product, and feeds interests."""

    __tablename__ = "timeline_events"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("ix_timeline_events_occurred_at", "customer_id", "occurred_at", "id"),
        # One kind of event, newest first: the last activity, and a timeline that is filtered.
        Index("ix_timeline_events_category", "customer_id", "category", "occurred_at", "id"),
        # One of the kinds that `TimelineKind` counts, newest first: a timeline filtered by more than categories.
        Index(
            "ix_timeline_events_kind",
            "customer_id",
            "category",
            "type",
            "store_id",
            "business_unit_id",
            "occurred_at",
            "id",
        ),
        # The products viewed, newest first.
        Index(
            "ix_timeline_events_product_views",
            "customer_id",
            "occurred_at",
            "id",
            "product_id",
            sqlite_where=sql("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
            postgresql_where=sql("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
        ),
        # And the newest look at one product.
        Index(
            "ix_timeline_events_viewed_product",
            "customer_id",
            "product_id",
            "occurred_at",
            "id",
            sqlite_where=sql("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
            postgresql_where=sql("category = 'PRODUCT_VIEW' AND product_id IS NOT NULL"),
        ),
        Index("uq_timeline_events_seq", "customer_id", "activity_seq", unique=True),
        Index("uq_timeline_events_external_id", "customer_id", "external_id", unique=True),
        Index(
            "ix_timeline_events_views",
            "customer_id",
            "occurred_at",
            "id",
            "viewed_category_id",
            sqlite_where=sql("viewed_category_id IS NOT NULL"),
            postgresql_where=sql("viewed_category_id IS NOT NULL"),
        ),
        # Found by: whoever viewed a product, or a category lately.
        Index(
            "ix_timeline_events_product",
            "product_id",
            "customer_id",
            "occurred_at",
            sqlite_where=sql("product_id IS NOT NULL"),
            postgresql_where=sql("product_id IS NOT NULL"),
        ),
        Index(
            "ix_timeline_events_viewed_category",
            "viewed_category_id",
            "occurred_at",
            "customer_id",
            sqlite_where=sql("viewed_category_id IS NOT NULL"),
            postgresql_where=sql("viewed_category_id IS NOT NULL"),
        ),
        Index(
            "ix_timeline_events_session",
            "customer_id",
            "session_id",
            "occurred_at",
            "id",
            sqlite_where=sql("session_id IS NOT NULL"),
            postgresql_where=sql("session_id IS NOT NULL"),
        ),
    )
    customer_id: int = key()
    id: int = key()
    activity_seq: int = reference()
    external_id: str | None = text(nullable=True)
    category: EventCategory = choice(EventCategory)
    type: str = text()
    name: str = text()
    description: str | None = text(nullable=True)
    occurred_at: datetime = instant()
    received_at: datetime = instant()
    store_id: int | None = reference(nullable=True, foreign_key="stores.id")
    business_unit_id: int | None = reference(nullable=True, foreign_key="business_units.id")
    session_id: int | None = reference(nullable=True)
    subject_id: int | None = reference(nullable=True)
    product_id: int | None = reference(nullable=True, foreign_key="products.id")
    viewed_category_id: int | None = reference(nullable=True, foreign_key="categories.id")
    url: str | None = text(nullable=True)
    actor: str | None = text(nullable=True)
    amount_milli: int | None = minor(nullable=True)
    is_control_group: bool = False
    details: dict[str, Any] | None = document(nullable=True)


class TimelineKind(SQLModel, table=True):
    """How many events of one kind a customer has: of one category, type, store and business unit; 0 is none of them.

    `profiles.timeline.kinds` keeps the rows. They are true of a customer where the counts add up to the number of the
    newest event, since numbers have no gaps; elsewhere (written by somebody who did not know of them) nobody asks them.
    """

    __tablename__ = "timeline_kinds"
    __table_args__ = (ForeignKeyConstraint(["customer_id"], ["customers.id"]),)
    customer_id: int = key()
    category: EventCategory = choice(EventCategory, primary_key=True)
    type: str = text(primary_key=True)
    store_id: int = key()
    business_unit_id: int = key()
    event_count: int = reference()


class ViewedCategory(SQLModel, table=True):
    """When a customer looked at a category: the last time, and the moments of the views as
    `profiles.columns.packed_seconds`, oldest first.

    `profiles.timeline.viewed` keeps the rows: the newest views of each customer, whatever the categories. A row whose
    views are all older than those has none.
    """

    __tablename__ = "category_views"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        # What was looked at long ago is passed over, however many categories that were.
        Index("ix_category_views_latest", "customer_id", "last_viewed_at"),
    )
    customer_id: int = key()
    category_id: int = key(foreign_key="categories.id")
    last_viewed_at: datetime = instant()
    viewed_at: bytes = binary()


class Session(SQLModel, table=True):
    """A visit to a site or app; its actions are the timeline events with its id."""

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("uq_sessions_external_id", "customer_id", "external_id", unique=True),
        Index("ix_sessions_started_at", "customer_id", "started_at", "id"),
        Index(
            "ix_sessions_live",
            "customer_id",
            "last_seen_at",
            "id",
            sqlite_where=sql("state = 'LIVE'"),
            postgresql_where=sql("state = 'LIVE'"),
        ),
    )
    customer_id: int = key()
    id: int = key()
    external_id: str = text()
    state: SessionState = choice(SessionState)
    started_at: datetime = instant()
    last_seen_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    current_url: str | None = text(nullable=True)
    store_id: int | None = reference(nullable=True, foreign_key="stores.id")
    order_id: int | None = reference(nullable=True)


class OutboxEntry(SQLModel, table=True):
    """Events committed but perhaps not yet announced; removed once the bus has them, so a crash loses none."""

    __tablename__ = "outbox"
    customer_id: int = key()
    activity_seq: int = key()
    created_at: datetime = instant()
