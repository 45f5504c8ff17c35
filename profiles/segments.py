"""Segments: groups of customers, who is or was in them, and how both are read for many customers at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from profiles.columns import instant, key, text
from profiles.customers import Customer
from profiles.listing import Listed, ListPage, NamedList
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_REFERENCE
from profiles.storage.pages import Page
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, newest, shaped, table
from profiles.text import search_key
from profiles.viewer import Viewer

LASTING = sql("left_at IS NULL")
PAST = sql("left_at IS NOT NULL")
MOST_PAST = 100
"""Of each customer's past memberships those that ended last are shown: a rule may let somebody in and out every day."""


class Segment(SQLModel, table=True):
    """A named group of customers. `name_key` is `profiles.folding.stored_key` of the name: null where it is plain.
    `rule_key` is set where a rule of the account's file says who is in it: the key there."""

    __tablename__ = "segments"
    __table_args__ = (Index("uq_segments_rule_key", "rule_key", unique=True),)
    id: int = key()
    name: str = text(unique=True)
    name_key: str | None = text(nullable=True)
    description: str | None = text(nullable=True)
    rule_key: str | None = text(nullable=True)


class SegmentMembership(SQLModel, table=True):
    """A customer was in a segment from `entered_at` until `left_at`; null means still."""

    __tablename__ = "segment_memberships"
    __table_args__ = (
        Index("ix_segment_memberships_segment", "segment_id", "customer_id"),
        # Those that last, without all that are past.
        Index(
            "ix_segment_memberships_lasting",
            "customer_id",
            "segment_id",
            "entered_at",
            sqlite_where=LASTING,
            postgresql_where=LASTING,
        ),
        # Those that are past, the latest of them last.
        Index(
            "ix_segment_memberships_past",
            "customer_id",
            "left_at",
            "segment_id",
            "entered_at",
            sqlite_where=PAST,
            postgresql_where=PAST,
        ),
    )
    customer_id: int = key(foreign_key="customers.id")
    segment_id: int = key(foreign_key="segments.id")
    entered_at: datetime = instant(primary_key=True)
    left_at: datetime | None = instant(nullable=True)


@record
class SegmentRow:
    """A segment as it is read."""

    id: int
    name: str
    description: str | None


@record
class MembershipRow:
    """A customer's time in a segment; `left_at` None means still."""

    segment: SegmentRow
    entered_at: datetime
    left_at: datetime | None


COLUMNS = tuple(SegmentRow.__dataclass_fields__)
SEGMENTS = NamedList(Segment, "name_key", COLUMNS, SegmentRow)


@shaped()
def _of(include_past: bool) -> Build:
    membership, segment = table(SegmentMembership), table(Segment)
    columns = ("customer_id", "segment_id", "entered_at", "left_at")

    def build(dialect: DialectName) -> Any:
        lasting = select(*[membership.c[name] for name in columns]).where(
            among_ids(dialect, membership.c.customer_id), membership.c.left_at.is_(None)
        )
        if include_past:
            past = newest(
                dialect,
                membership,
                order=("left_at", "segment_id", "entered_at"),
                where=lambda row: [row.left_at.is_not(None)],
                columns=columns,
                customers=table(Customer),
            ).subquery("past")
            lasting = lasting.union_all(select(*past.c))  # type: ignore[assignment]  # both are rows of these columns
        found = lasting.subquery("found")
        return select(
            found.c.customer_id, found.c.entered_at, found.c.left_at, *(segment.c[name] for name in COLUMNS)
        ).select_from(found.join(segment, segment.c.id == found.c.segment_id))

    return build


@shaped()
def _by_id() -> Build:
    segment = table(Segment)
    return lambda dialect: select(*(segment.c[name] for name in COLUMNS)).where(among_ids(dialect, segment.c.id))


def memberships(
    viewer: Viewer, customer_ids: Sequence[int], include_past: bool
) -> Read[int, tuple[MembershipRow, ...]]:
    """The segments each customer is in (with `include_past` also the last `MOST_PAST` times that they were in one), by
    name, then the latest first."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[MembershipRow, ...]]:
        # Many customers are in the same few segments: each is made, and its name folded, once.
        known: dict[int, tuple[str, SegmentRow]] = {}
        grouped: dict[int, list[tuple[str, int, float, MembershipRow]]] = {}
        for customer_id, entered_at, left_at, id, name, description in rows:
            segment = known.get(id)
            if segment is None:
                segment = known[id] = (search_key(name), SegmentRow(id, name, description))
            membership = MembershipRow(segment[1], entered_at, left_at)
            grouped.setdefault(customer_id, []).append((segment[0], id, -entered_at.timestamp(), membership))
        return {
            customer_id: tuple([membership for *_, membership in sorted(own, key=_order)])
            for customer_id, own in grouped.items()
        }

    limit = {"limit": MOST_PAST} if include_past else {}
    return Read(_of(include_past), {"ids": customer_ids, **limit}, collect, BY_CUSTOMER)


_order = itemgetter(0, 1, 2)


def segments_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, SegmentRow]:
    """Segments; unknown ones are absent."""
    return Read(_by_id(), {"ids": ids}, lambda rows: {row[0]: SegmentRow(*row) for row in rows}, BY_REFERENCE)


def segment_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[SegmentRow]]]:
    """All segments by name, one page."""
    return SEGMENTS.page(page)


def segment_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many segments there are (whose name contains `search`)."""
    return SEGMENTS.count(search)
