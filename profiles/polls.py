"""Polls: who took part in which, and how both are read for many customers at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlmodel import SQLModel

from profiles.columns import instant, key, reference, text
from profiles.customers import Customer
from profiles.kept_counts import counts_of
from profiles.listing import Listed, ListPage, NamedList
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_REFERENCE
from profiles.storage.pages import Page, PageOf, Position, paged
from profiles.storage.reads import Build, Read, among_ids, newest, shaped, table
from profiles.viewer import Viewer


class Poll(SQLModel, table=True):
    """A poll or survey. `name_key` is `profiles.folding.stored_key` of the name: null where it is plain."""

    __tablename__ = "polls"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    name_key: str | None = text(nullable=True)
    results_url: str | None = text(nullable=True)


class PollParticipation(SQLModel, table=True):
    """A customer answered a poll."""

    __tablename__ = "poll_participations"
    __table_args__ = (
        Index("ix_poll_participations_at", "customer_id", "answered_at", "id"),
        Index("ix_poll_participations_poll", "poll_id", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    poll_id: int = reference(foreign_key="polls.id")
    answered_at: datetime = instant()


@record
class PollRow:
    """A poll as it is read."""

    id: int
    name: str
    results_url: str | None


@record
class AnsweredPollRow:
    """One customer's part in one poll."""

    customer_id: int
    id: int
    poll_id: int
    answered_at: datetime

    @property
    def position(self) -> Position:
        """Where it stands in the list of polls."""
        return Position(self.answered_at, self.id)


COLUMNS = tuple(PollRow.__dataclass_fields__)
ANSWERED_COLUMNS = tuple(AnsweredPollRow.__dataclass_fields__)
POLLS = NamedList(Poll, "name_key", COLUMNS, PollRow)


@shaped()
def _page(positioned: bool) -> Build:
    return lambda dialect: newest(
        dialect,
        table(PollParticipation),
        order=("answered_at", "id"),
        columns=ANSWERED_COLUMNS,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _by_id() -> Build:
    poll = table(Poll)
    return lambda dialect: select(*(poll.c[name] for name in COLUMNS)).where(among_ids(dialect, poll.c.id))


def latest_polls(viewer: Viewer, customer_ids: Sequence[int], page: PageOf) -> Read[int, Page[AnsweredPollRow]]:
    """The polls each customer answered, newest first, one page."""
    return Read(
        _page(page.after is not None),
        page.parameters(customer_ids),
        lambda rows: paged(rows, AnsweredPollRow, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def poll_counts(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, int]:
    """How many polls each customer answered."""
    return Read(counts_of(PollParticipation), {"ids": customer_ids}, dict, BY_CUSTOMER)


def polls_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, PollRow]:
    """Polls; unknown ones are absent."""
    return Read(_by_id(), {"ids": ids}, lambda rows: {row[0]: PollRow(*row) for row in rows}, BY_REFERENCE)


def poll_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[PollRow]]]:
    """All polls by name, one page."""
    return POLLS.page(page)


def poll_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many polls there are (whose name contains `search`)."""
    return POLLS.count(search)
