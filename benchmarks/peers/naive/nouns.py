"""The naive peer's plain values: types without loaders."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry


@strawberry.type
class Money:
    amount: Decimal
    currency_code: str


@strawberry.type
class Segment:
    name: str


@strawberry.type
class SegmentMembership:
    entered_at: datetime
    segment: Segment


@strawberry.type
class Tag:
    id: strawberry.ID
    name: str


@strawberry.type
class Note:
    id: strawberry.ID
    body: str
    author: str
    created_at: datetime


@strawberry.type
class Consent:
    name: str
    status: str
    granted_at: datetime | None
    source: str


@strawberry.type
class Category:
    name: str


@strawberry.type
class Interest:
    score: float
    view_count: int
    last_viewed_at: datetime
    expires_at: datetime
    category: Category


@strawberry.type
class Line:
    name: str
    quantity: Decimal
    total: Money


@strawberry.type
class Event:
    id: strawberry.ID
    category: str
    name: str
    description: str | None
    occurred_at: datetime


@strawberry.type
class NoteConnection:
    nodes: list[Note]


@strawberry.type
class EventConnection:
    nodes: list[Event]


@strawberry.type
class PageInfo:
    end_cursor: str | None


@strawberry.input
class CustomerKey:
    id: strawberry.ID


def money(minor: int, currency: str) -> Money:
    """Every amount of the measured crowd is in US dollars."""
    return Money(amount=Decimal(minor).scaleb(-2), currency_code=currency)


def pieces(milli: int) -> Decimal:
    """A quantity without trailing zeros."""
    return Decimal(milli // 1_000) if milli % 1_000 == 0 else (Decimal(milli) / 1_000).normalize()


def line(row: Any) -> Line:
    """A line of a receipt or an order."""
    return Line(name=row.name, quantity=pieces(row.quantity_milli), total=money(row.total_minor, row.currency))
