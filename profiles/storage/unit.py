"""A unit of work: locks the customers it writes, numbers their events, keeps the history, and says what to announce."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NewType

from sqlalchemy import Delete, Insert, Update, delete, event
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from profiles.changes import Change
from profiles.customers import Customer
from profiles.errors import NotFound
from profiles.ids import new_id
from profiles.kept_counts import COUNTED, RowsWritten, recount_rows
from profiles.storage.generations import raise_account
from profiles.storage.keeping import ACCOUNT
from profiles.storage.reads import DialectName
from profiles.timeline import OutboxEntry, TimelineEvent
from profiles.timeline.following import EventsWritten, recount_events

ReadSession = NewType("ReadSession", AsyncSession)
WriteSession = NewType("WriteSession", ReadSession)


UNSEEN = frozenset({str(OutboxEntry.__tablename__)})
"""Tables of customers that no read of a profile looks at."""
NAMED = frozenset(
    {
        "business_units",
        "campaigns",
        "categories",
        "mailings",
        "polls",
        "products",
        "segments",
        "stores",
        "tags",
        "target_audiences",
    }
)
"""Reference tables kept under the account's generation. A new row does not raise it: that one is absent is not kept."""

CHOSEN = frozenset({"account_views"})
"""Tables of the account whose rows stand for a default while they are absent: a new row raises it, too."""

Keeper = Callable[["Unit", Iterable[int]], Awaitable[None]]


@dataclass(slots=True)
class Unit:
    """One transaction. `announcements` maps each customer with new events to the number of its last one.

    `keepers` are told, before it settles, whose rows it wrote; they write what follows from that.

    `raised` are the generations that it leads to, once it is settled: of each customer any of whose rows it wrote, and
    under `ACCOUNT` of the account, where it changed reference data.
    """

    session: WriteSession
    dialect: DialectName
    announcements: dict[int, int] = field(default_factory=dict)
    raised: dict[int, int] = field(default_factory=dict)
    keepers: "Sequence[Keeper]" = ()
    _locked: dict[int, Customer] = field(default_factory=dict)
    _events: list[TimelineEvent] = field(default_factory=list)
    _touched: set[int] = field(default_factory=set)
    _written: set[int] = field(default_factory=set)
    _new: set[int] = field(default_factory=set)
    _has_executed: bool = False
    _has_renamed: bool = False
    _has_rewritten_events: bool = False
    _latest: datetime | None = None
    _events_written: EventsWritten = field(init=False)
    _counts: RowsWritten = field(init=False)
    _recounted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        session = self.session.sync_session
        self._events_written = EventsWritten(session)
        self._counts = RowsWritten(session)
        event.listen(session, "before_flush", lambda *_: self._see_rows())
        event.listen(session, "do_orm_execute", lambda state: self._see_statement(state.statement))

    def join(self, customer: Customer) -> None:
        """Adds a new customer, who is locked with it: nobody else knows the row before the unit commits."""
        self.session.add(customer)
        self._locked[customer.id] = customer

    async def lock(self, customer_ids: Iterable[int]) -> dict[int, Customer]:
        """The customers' rows, locked in ascending id so that two units never wait for each other in a circle.

        Unknown and erased ones are absent.
        """
        wanted = sorted(set(customer_ids) - self._locked.keys())
        if wanted:
            query = (
                select(Customer)
                .where(col(Customer.id).in_(wanted), col(Customer.erased_at).is_(None))
                .order_by(col(Customer.id))
                .with_for_update()
            )
            for customer in await self.session.exec(query):
                self._locked[customer.id] = customer
        return {id: self._locked[id] for id in customer_ids if id in self._locked}

    async def customer(self, customer_id: int) -> Customer:
        """The row of one customer, locked. Raises NotFound, also for an erased one."""
        locked = await self.lock([customer_id])
        if customer_id not in locked:
            raise NotFound("There is no such customer.", ("customerId",))
        return locked[customer_id]

    def edited(self, customer: Customer, now: datetime) -> None:
        """Marks an edit of the profile: raises `version` once per unit, and `updated_at` (ruling 34)."""
        if customer.id not in self._touched:
            self._touched.add(customer.id)
            customer.version += 1
        customer.updated_at = now
        self.session.add(customer)

    def changed(
        self, customer: Customer, field: str, before: str | None, after: str | None, actor: str, now: datetime
    ) -> None:
        """Keeps the change in the history."""
        self.session.add(
            Change(customer_id=customer.id, id=new_id(), at=now, actor=actor, field=field, before=before, after=after)
        )

    def happened(self, event: TimelineEvent) -> None:
        """Adds an event; its customer must be locked. Its number is given when the unit settles."""
        self._events.append(event)

    def number_events(self) -> None:
        """Numbers what happened so far without gaps and adds it to the session; `settle` does so with the rest."""
        events, self._events = self._events, []
        for each in events:
            customer = self._locked[each.customer_id]
            customer.activity_seq += 1
            each.activity_seq = customer.activity_seq
            self.session.add(each)
            self.announcements[customer.id] = customer.activity_seq
            self._latest = max(each.received_at, self._latest or each.received_at)

    async def settle(self) -> None:
        """Numbers the events, raises generations, writes the outbox."""
        await self._keep()
        if self._latest is not None:
            for customer_id, sequence in self.announcements.items():
                self.session.add(OutboxEntry(customer_id=customer_id, activity_seq=sequence, created_at=self._latest))
        self._see_rows()
        changed = self._changed()
        await self.lock(changed - self._new)
        for customer_id in sorted((changed & self._locked.keys()) - self._new):
            customer = self._locked[customer_id]
            customer.generation += 1
            self.session.add(customer)
            self.raised[customer_id] = customer.generation
        await self.session.flush()
        await self._follow()
        if self._has_renamed:
            # Last, because everybody who changes reference data waits for this one row.
            raised = await self.session.exec(raise_account(self.dialect))  # type: ignore[call-overload]  # it returns
            self.raised[ACCOUNT] = raised.scalar_one()

    async def _keep(self) -> None:
        """Numbers the events, and lets the keepers add what follows from all that was written."""
        self.number_events()
        self._see_rows()
        await self.session.flush()
        written = self._changed() | self._new
        if written and self.keepers:
            kept = await self.lock(written)
            for keeper in self.keepers:
                await keeper(self, kept)
            self.number_events()

    async def _follow(self) -> None:
        """Keeps what follows from events and rows; everybody of whom some changed is locked."""
        # By the connection, where `_see_statement` does not hear it: that changes nobody who had not changed.
        connection = await self.session.connection()
        await self._events_written.keep(connection, self.dialect)
        await self._counts.keep(connection, self.dialect)
        if self._has_rewritten_events:
            await recount_events(connection, self.dialect, sorted(self._locked))
        if self._recounted:
            await recount_rows(connection, self.dialect, sorted(self._locked), self._recounted)

    def _changed(self) -> set[int]:
        """The customers of whom something was written, as far as it has been seen."""
        changed = self._touched | self.announcements.keys() | self._written
        # A statement says of whom it writes only to the database, but nobody else's rows may be written.
        return changed | self._locked.keys() if self._has_executed else changed

    def _see_rows(self) -> None:
        """Notes whose rows are about to be written."""
        session = self.session.sync_session
        for row in session.new:
            if isinstance(row, Customer):
                self._new.add(row.id)
            elif (customer_id := _owner(row)) is not None:
                self._written.add(customer_id)
            self._has_renamed |= _table(row) in CHOSEN
        for row in (*session.dirty, *session.deleted):
            if row in session.dirty and not session.is_modified(row):
                continue
            customer_id = row.id if isinstance(row, Customer) else _owner(row)
            if customer_id is not None:
                self._written.add(customer_id)
            self._has_renamed |= _table(row) in NAMED | CHOSEN

    def _see_statement(self, statement: Any) -> None:
        if not isinstance(statement, Insert | Update | Delete):
            return
        target: Any = statement.table
        self._has_executed |= "customer_id" in target.c and target.name not in UNSEEN
        self._has_renamed |= not isinstance(statement, Insert) and target.name in NAMED
        self._has_rewritten_events |= target.name == TimelineEvent.__tablename__
        self._recounted |= {target.name} & COUNTED.keys()


def _table(row: Any) -> str:
    return str(row.__table__.name)


def _owner(row: Any) -> int | None:
    """Whose row it is; None for one that is nobody's, or that no profile shows."""
    return getattr(row, "customer_id", None) if _table(row) not in UNSEEN else None


async def forget_announced(connection: AsyncConnection, entries: Mapping[int, int]) -> None:
    """Removes the outbox entries of those customers up to those event numbers."""
    for customer_id, sequence in sorted(entries.items()):
        await connection.execute(
            delete(OutboxEntry).where(
                col(OutboxEntry.customer_id) == customer_id, col(OutboxEntry.activity_seq) <= sequence
            )
        )
