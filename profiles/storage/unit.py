"""A unit of work: locks the customers it writes, numbers their events, keeps the history, and says what to announce."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from profiles.changes import Change
from profiles.customers import Customer
from profiles.errors import NotFound
from profiles.ids import new_id
from profiles.storage.reads import DialectName
from profiles.timeline import OutboxEntry, TimelineEvent

ReadSession = NewType("ReadSession", AsyncSession)
WriteSession = NewType("WriteSession", ReadSession)


@dataclass(slots=True)
class Unit:
    """One transaction. `announcements` maps each customer with new events to the number of its last one."""

    session: WriteSession
    dialect: DialectName
    announcements: dict[int, int] = field(default_factory=dict)
    _locked: dict[int, Customer] = field(default_factory=dict)
    _events: list[TimelineEvent] = field(default_factory=list)
    _touched: set[int] = field(default_factory=set)
    _latest: datetime | None = None

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
        for event in events:
            customer = self._locked[event.customer_id]
            customer.activity_seq += 1
            event.activity_seq = customer.activity_seq
            self.session.add(event)
            self.announcements[customer.id] = customer.activity_seq
            self._latest = max(event.received_at, self._latest or event.received_at)

    async def settle(self) -> None:
        """Numbers the events, raises generations, writes the outbox."""
        self.number_events()
        if self._latest is not None:
            for customer_id, sequence in self.announcements.items():
                self.session.add(OutboxEntry(customer_id=customer_id, activity_seq=sequence, created_at=self._latest))
        for customer_id in self._touched | self.announcements.keys():
            customer = self._locked[customer_id]
            customer.generation += 1
            self.session.add(customer)
        await self.session.flush()


async def forget_announced(connection: AsyncConnection, entries: Mapping[int, int]) -> None:
    """Removes the outbox entries of those customers up to those event numbers."""
    for customer_id, sequence in sorted(entries.items()):
        await connection.execute(
            delete(OutboxEntry).where(
                col(OutboxEntry.customer_id) == customer_id, col(OutboxEntry.activity_seq) <= sequence
            )
        )
