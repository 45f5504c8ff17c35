"""Visits: how they and the actions in them are read; whether one is live is derived from when it was last seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, select, true

from profiles.account import Account
from profiles.columns import IdList
from profiles.customers import Customer
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_PAIR
from profiles.storage.pages import Page, PageOf, Position
from profiles.storage.pairs import Pair, by_pair, by_pairs, pair_parameters
from profiles.storage.prepared import is_for_one_key
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, among_texts, before, newest, shaped, table
from profiles.timeline.tables import EventCategory, Session, SessionState, TimelineEvent
from profiles.timeline.visibility import visible_categories
from profiles.viewer import Viewer

SILENCE = timedelta(minutes=30)
"""A visit of which nothing was heard for this long is over, as web analytics count visits."""

ADDED_TO_CART = "added_to_cart"
"""The type of the page view by which a site says that a product was put into the cart."""


class SessionActionType(StrEnum):
    """What a visitor does in a visit."""

    PAGE_VISITED = "PAGE_VISITED"
    PRODUCT_VISITED = "PRODUCT_VISITED"
    CATEGORY_VISITED = "CATEGORY_VISITED"
    ADDED_TO_CART = "ADDED_TO_CART"
    PURCHASE_CONFIRMED = "PURCHASE_CONFIRMED"


ACTIONS: Mapping[EventCategory, SessionActionType] = {
    EventCategory.PAGE_VIEW: SessionActionType.PAGE_VISITED,
    EventCategory.PRODUCT_VIEW: SessionActionType.PRODUCT_VISITED,
    EventCategory.CATEGORY_VIEW: SessionActionType.CATEGORY_VISITED,
    EventCategory.ORDER: SessionActionType.PURCHASE_CONFIRMED,
}
"""What the events of a visit say was done. The visit itself, and what follows from it (an abandoned cart), are none."""


@record
class SessionRow:
    """A visit as it is stored; `state_at` and `ended_by` say what that means now."""

    customer_id: int
    id: int
    state: SessionState
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    current_url: str | None
    store_id: int | None
    order_id: int | None

    def state_at(self, now: datetime) -> SessionState:
        """LIVE ends by itself after `SILENCE`."""
        is_silent = self.state is SessionState.LIVE and self.last_seen_at + SILENCE <= now
        return SessionState.ENDED if is_silent else self.state

    def ended_by(self, now: datetime) -> datetime | None:
        """When it ended; None while it is live."""
        if self.state_at(now) is SessionState.LIVE:
            return None
        return self.ended_at or self.last_seen_at


@record
class ActionRow:
    """One thing done in a visit."""

    customer_id: int
    session_id: int
    id: int
    category: EventCategory
    type: str
    occurred_at: datetime
    url: str | None
    product_id: int | None

    @property
    def position(self) -> Position:
        """Where it stands among the actions of its visit."""
        return Position(self.occurred_at, self.id)

    @property
    def done(self) -> SessionActionType:
        """What was done."""
        return SessionActionType.ADDED_TO_CART if self.type == ADDED_TO_CART else ACTIONS[self.category]


SESSION_COLUMNS = tuple(SessionRow.__dataclass_fields__)
ACTION_COLUMNS = tuple(ActionRow.__dataclass_fields__)


@shaped()
def _latest_live() -> Build:
    return lambda dialect: newest(
        dialect,
        table(Session),
        order=("last_seen_at", "id"),
        # Written out, so that a plan made for any values may use the index of live visits alone.
        where=lambda visit: [visit.state == literal_column(f"'{SessionState.LIVE.value}'")],
        columns=SESSION_COLUMNS,
        customers=table(Customer),
    )


@shaped()
def _by_id() -> Build:
    return lambda dialect: by_pairs(dialect, table(Session), "id", SESSION_COLUMNS)


def _wanted(dialect: DialectName) -> Any:
    """The (customer, session) pairs, as rows to join with."""
    if dialect == "postgresql":
        wanted: Any = func.unnest(bindparam("customer_ids", type_=IdList()), bindparam("other_ids", type_=IdList()))
        wanted = wanted.table_valued("customer_id", "session_id").render_derived(name="wanted")
        return wanted, wanted.c.customer_id, wanted.c.session_id
    wanted = func.json_each(bindparam("pairs", type_=IdList())).table_valued("value").alias("wanted")
    value = wanted.c.value
    return (
        wanted,
        func.json_extract(value, literal_column("'$[0]'")),
        func.json_extract(value, literal_column("'$[1]'")),
    )


def _action(dialect: DialectName, event: Any, customer_id: Any, session_id: Any) -> list[ColumnElement[bool]]:
    # The customers are named once: beside many named ones any index that begins with them looks as good as that of
    # visits, and the whole history is read.
    return [
        among_ids(dialect, event.customer_id, "customer_ids")
        if is_for_one_key(dialect)
        else event.customer_id == customer_id,
        event.session_id == session_id,
        among_texts(dialect, event.category, "categories"),
    ]


@shaped()
def _actions(positioned: bool) -> Build:
    def build(dialect: DialectName) -> Any:
        wanted, customer_id, session_id = _wanted(dialect)
        row, inner = table(TimelineEvent).alias("r"), table(TimelineEvent).alias("i")
        picked = inner if dialect == "sqlite" else row
        conditions = _action(dialect, picked.c, customer_id, session_id)
        if positioned:
            conditions.append(before(picked.c.occurred_at, picked.c.id))
        newest_first = [picked.c.occurred_at.desc(), picked.c.id.desc()]
        if dialect == "postgresql":
            page = (
                select(*[row.c[name] for name in ACTION_COLUMNS])
                .where(*conditions)
                .order_by(*newest_first)
                .limit(bindparam("limit"))
                .lateral("page")
            )
            return (
                select(*[page.c[name] for name in ACTION_COLUMNS])
                .select_from(wanted.join(page, true()))
                .order_by(page.c.customer_id, page.c.session_id, page.c.occurred_at.desc(), page.c.id.desc())
            )
        rowids = (
            select(literal_column("i.rowid"))
            .select_from(inner)
            .where(*conditions)
            .order_by(*newest_first)
            .limit(bindparam("limit"))
            .correlate(wanted)
            .scalar_subquery()
        )
        return (
            select(*[row.c[name] for name in ACTION_COLUMNS])
            .select_from(wanted.join(row, literal_column("r.rowid").in_(rowids)))
            .order_by(row.c.customer_id, row.c.session_id, row.c.occurred_at.desc(), row.c.id.desc())
        )

    return build


@shaped()
def _action_count() -> Build:
    def build(dialect: DialectName) -> Any:
        wanted, customer_id, session_id = _wanted(dialect)
        event = table(TimelineEvent)
        return (
            select(event.c.customer_id, event.c.session_id, func.count())
            .select_from(wanted.join(event, and_(*_action(dialect, event.c, customer_id, session_id))))
            .group_by(event.c.customer_id, event.c.session_id)
        )

    return build


def sessions_by_id(viewer: Viewer, keys: Sequence[Pair]) -> Read[Pair, SessionRow]:
    """Single visits by (customer id, session id)."""
    return Read(
        _by_id(), pair_parameters(keys), lambda rows: {(row[0], row[1]): SessionRow(*row) for row in rows}, BY_PAIR
    )


def latest_live_sessions(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, SessionRow]:
    """Of each customer's visits that are stored as live the one that was heard of last; `state_at` says whether it is
    live now. If it is not, none is."""
    return Read(
        _latest_live(),
        {"ids": customer_ids, "limit": 1},
        lambda rows: {row[0]: SessionRow(*row) for row in rows},
        BY_CUSTOMER,
    )


def session_actions(
    viewer: Viewer, account: Account, keys: Sequence[Pair], page: PageOf
) -> Read[Pair, Page[ActionRow]]:
    """What was done in each visit, newest first, one page."""

    def collect(rows: list[Row]) -> Mapping[Pair, Page[ActionRow]]:
        return {
            pair: Page(own[: page.first], len(own) > page.first, page.after is not None)
            for pair, own in by_pair(rows, ActionRow).items()
        }

    parameters = pair_parameters(keys) | page.parameters(()) | {"categories": _seen(viewer, account)}
    return Read(_actions(page.after is not None), parameters, collect, BY_PAIR)


def action_counts(viewer: Viewer, account: Account, keys: Sequence[Pair]) -> Read[Pair, int]:
    """How much was done in each visit."""
    parameters = pair_parameters(keys) | {"categories": _seen(viewer, account)}
    return Read(_action_count(), parameters, lambda rows: {(row[0], row[1]): row[2] for row in rows}, BY_PAIR)


def _seen(viewer: Viewer, account: Account) -> list[str]:
    return sorted(ACTIONS.keys() & visible_categories(viewer, account))
