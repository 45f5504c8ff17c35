"""How events are read: a page of them for many customers at once, single ones, and those after a live cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, select

from profiles.account import Account
from profiles.customers import Customer
from profiles.records import Cut, brief, record, whole
from profiles.storage.keeping import BY_CUSTOMER, BY_PAIR
from profiles.storage.kinds import newest_of_kinds
from profiles.storage.pages import MAX_FIRST, Page, PageOf, Position, live_cursor, paged
from profiles.storage.pairs import Pair, by_pairs, pair_parameters
from profiles.storage.reads import (
    Build,
    DialectName,
    Read,
    Row,
    among_ids,
    counted,
    newest,
    shaped,
    table,
)
from profiles.timeline.filtering import EVERYTHING, OF_CATEGORIES, EventFilter, Shape, conditions, parts_of
from profiles.timeline.tables import EventCategory, TimelineEvent
from profiles.timeline.walking import count_of_kinds, page_of_kinds
from profiles.viewer import Viewer


@record
class TimelineRow:
    """An event as it is read; `customer_id` says whose. `profiles.timeline.details` reads its `details`."""

    customer_id: int
    id: int
    activity_seq: int
    category: EventCategory
    type: str
    name: str
    description: str | None
    occurred_at: datetime
    received_at: datetime
    store_id: int | None
    business_unit_id: int | None
    session_id: int | None
    subject_id: int | None
    product_id: int | None
    viewed_category_id: int | None
    url: str | None
    actor: str | None
    amount_milli: int | None
    is_control_group: bool
    details: Mapping[str, Any] | None

    @property
    def position(self) -> Position:
        """Where it stands in the timeline."""
        return Position(self.occurred_at, self.id)


WHOLE = whole(TimelineRow)
BRIEF = brief(TimelineRow, "customer_id", "id", "category", "type", "name", "description", "occurred_at")


@dataclass(frozen=True, slots=True)
class EventPage:
    """Which page of which events."""

    wanted: EventFilter
    page: PageOf


@lru_cache(maxsize=MAX_FIRST + 1)
def every_event(page: PageOf) -> EventPage:
    """A page of everything: the same object for the same page, so that it is hashed once."""
    return EventPage(EVERYTHING, page)


@record
class TimelinePage:
    """A page of a timeline, and the number of the customer's newest event at the very moment of the read."""

    page: Page[TimelineRow]
    sequence: int

    @property
    def live_cursor(self) -> str:
        """Where live activity continues after everything that this read could see."""
        return live_cursor(self.sequence)


@dataclass(frozen=True, slots=True)
class News:
    """The wanted events after some number, oldest first, and the number up to which nothing more was to be found."""

    rows: tuple[TimelineRow, ...]
    sequence: int


@shaped()
def _page(shape: Shape, positioned: bool, columns: tuple[str, ...]) -> Build:
    of_kind, in_time = parts_of(shape)
    owner = ("id", "activity_seq")

    def build(dialect: DialectName) -> Any:
        def where(event: Any) -> list[ColumnElement[bool]]:
            return conditions(dialect, event, in_time)

        events, customers, order = table(TimelineEvent), table(Customer), ("occurred_at", "id")
        if not of_kind:
            return newest(
                dialect,
                events,
                order=order,
                where=where,
                columns=columns,
                customers=customers,
                positioned=positioned,
                owner=owner,
            )
        if of_kind == OF_CATEGORIES:
            # A walk a category is less than one a kind.
            return newest_of_kinds(
                dialect,
                events,
                kind="category",
                kinds="categories",
                order=order,
                where=where,
                columns=columns,
                customers=customers,
                positioned=positioned,
                owner=owner,
            )
        return page_of_kinds(
            dialect, lambda kind: conditions(dialect, kind, of_kind), where, columns, owner, positioned
        )

    return build


@shaped()
def _count(shape: Shape) -> Build:
    of_kind, in_time = parts_of(shape)

    def build(dialect: DialectName) -> Any:
        def where(event: Any) -> list[ColumnElement[bool]]:
            return conditions(dialect, event, in_time)

        if in_time and of_kind in ((), OF_CATEGORIES):
            return counted(dialect, table(TimelineEvent), lambda event: conditions(dialect, event, shape))
        return count_of_kinds(dialect, lambda kind: conditions(dialect, kind, of_kind), where if in_time else None)

    return build


@shaped()
def _by_id(shape: Shape) -> Build:
    def build(dialect: DialectName) -> Any:
        found = by_pairs(dialect, table(TimelineEvent), "id", WHOLE.columns).subquery("found")
        return select(*[found.c[name] for name in WHOLE.columns]).where(*conditions(dialect, found.c, shape))

    return build


@shaped()
def _between(shape: Shape) -> Build:
    customer, event = table(Customer), table(TimelineEvent)
    after: Any = bindparam("after", type_=BigInteger())
    upto: Any = bindparam("upto", type_=BigInteger())

    def build(dialect: DialectName) -> Any:
        wanted = and_(
            event.c.customer_id == customer.c.id,
            event.c.activity_seq > after,
            event.c.activity_seq <= upto,
            *conditions(dialect, event.c, shape),
        )
        return (
            select(customer.c.id, customer.c.activity_seq, *[event.c[name] for name in WHOLE.columns])
            .select_from(customer.outerjoin(event, wanted))
            .where(among_ids(dialect, customer.c.id), customer.c.erased_at.is_(None))
            .order_by(customer.c.id, event.c.activity_seq)
        )

    return build


def latest_events(
    viewer: Viewer, account: Account, customer_ids: Sequence[int], asked: EventPage, cut: Cut[TimelineRow] = WHOLE
) -> Read[int, TimelinePage]:
    """Each customer's events, newest first, one page, with the live cursor of the same moment."""
    wanted, page = asked.wanted.seen_by(viewer, account), asked.page

    def collect(rows: list[Row]) -> Mapping[int, TimelinePage]:
        sequences = {row[0]: row[1] for row in rows}
        # A customer without events has one row, of nulls.
        events = [row[2:] for row in rows if row[2] is not None]
        pages = paged(events, cut.make, page.first, page.after is not None)
        return {id: TimelinePage(pages.get(id, Page.empty()), sequence) for id, sequence in sequences.items()}

    return Read(
        _page(wanted.shape, page.after is not None, cut.columns),
        page.parameters(customer_ids) | wanted.parameters(),
        collect,
        BY_CUSTOMER,
    )


def event_counts(viewer: Viewer, account: Account, customer_ids: Sequence[int], wanted: EventFilter) -> Read[int, int]:
    """How many events each customer has."""
    seen = wanted.seen_by(viewer, account)
    return Read(_count(seen.shape), {"ids": customer_ids, **seen.parameters()}, dict, BY_CUSTOMER)


def events_by_id(viewer: Viewer, account: Account, keys: Sequence[Pair]) -> Read[Pair, TimelineRow]:
    """Single events by (customer id, event id)."""
    seen = EVERYTHING.seen_by(viewer, account)
    return Read(
        _by_id(seen.shape),
        pair_parameters(keys) | seen.parameters(),
        lambda rows: {(row[0], row[1]): TimelineRow(*row) for row in rows},
        BY_PAIR,
    )


def events_after(
    viewer: Viewer, account: Account, customer_ids: Sequence[int], wanted: EventFilter, after: int, most: int
) -> Read[int, News]:
    """Each customer's wanted events among the `most` that follow the number `after`, oldest first.

    Numbers have no gaps and are given in the order of commits, so nothing can appear later below what was read here.
    Unknown and erased customers are absent.
    """
    seen = wanted.seen_by(viewer, account)
    upto = after + most

    def collect(rows: list[Row]) -> Mapping[int, News]:
        found: dict[int, list[TimelineRow]] = {}
        sequences = {row[0]: row[1] for row in rows}
        for row in rows:
            if row[2] is not None:
                found.setdefault(row[0], []).append(TimelineRow(*row[2:]))
        return {id: News(tuple(found.get(id, ())), sequence) for id, sequence in sequences.items()}

    return Read(_between(seen.shape), {"ids": customer_ids, "after": after, "upto": upto, **seen.parameters()}, collect)
