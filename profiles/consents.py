"""Consents: an append-only history of what a customer allowed; the newest change of a name is its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, select
from sqlmodel import SQLModel, col
from sqlmodel import select as select_model

from profiles.account import Account
from profiles.columns import choice, instant, key, text
from profiles.contacts import Channel
from profiles.errors import Invalid, Required, Unchanged
from profiles.ids import new_id
from profiles.reachability import blocked_channels
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.storage.unit import Unit
from profiles.text import search_key
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import Viewer


class ConsentStatus(StrEnum):
    """What the newest change says."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"


class ConsentChange(SQLModel, table=True):
    """One grant or revocation of one consent of one customer."""

    __tablename__ = "consent_changes"
    __table_args__ = (
        Index("ix_consent_changes_name", "customer_id", "name", "at", "id"),
        Index("ix_consent_changes_status", "name", "status", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    name: str = text()
    status: ConsentStatus = choice(ConsentStatus)
    at: datetime = instant()
    source: str = text()
    actor: str = text()


@record
class ConsentChangeRow:
    """One change as it is read."""

    customer_id: int
    id: int
    name: str
    status: ConsentStatus
    at: datetime
    source: str
    actor: str


@dataclass(frozen=True, slots=True)
class ConsentState:
    """One consent of one customer: its whole history, newest first; never empty."""

    customer_id: int
    name: str
    changes: tuple[ConsentChangeRow, ...]

    @property
    def status(self) -> ConsentStatus:
        """What the newest change says."""
        return self.changes[0].status

    @property
    def source(self) -> str:
        """Where the newest change came from."""
        return self.changes[0].source

    @property
    def granted_at(self) -> datetime | None:
        """When it was last granted."""
        return self._last(ConsentStatus.GRANTED)

    @property
    def revoked_at(self) -> datetime | None:
        """When it was last revoked; None while it is granted."""
        return self._last(ConsentStatus.REVOKED) if self.status is ConsentStatus.REVOKED else None

    def _last(self, status: ConsentStatus) -> datetime | None:
        return next((change.at for change in self.changes if change.status is status), None)


@shaped()
def _changes() -> Build:
    change = table(ConsentChange)

    def build(dialect: DialectName) -> Any:
        return (
            select(*[change.c[name] for name in ConsentChangeRow.__dataclass_fields__])
            .where(among_ids(dialect, change.c.customer_id))
            .order_by(change.c.customer_id, change.c.at.desc(), change.c.id.desc())
        )

    return build


def consents_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, tuple[ConsentState, ...]]:
    """Each customer's consents with their histories, by name. Consents are few, so their histories come along."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[ConsentState, ...]]:
        histories: dict[int, dict[str, list[ConsentChangeRow]]] = {}
        for row in rows:
            histories.setdefault(row[0], {}).setdefault(row[2], []).append(ConsentChangeRow(*row))
        return {
            customer_id: tuple(
                ConsentState(customer_id, name, tuple(by_name[name]))
                # As people order names: each database would have its own way with capitals and accents.
                for name in sorted(by_name, key=lambda name: (search_key(name), name))
            )
            for customer_id, by_name in histories.items()
        }

    return Read(_changes(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def closed_channels(states: Sequence[ConsentState], account: Account) -> frozenset[Channel]:
    """The channels that a customer's revoked consents close, by the account's definitions (ruling 25)."""
    return blocked_channels(
        [state.name for state in states if state.status is ConsentStatus.REVOKED],
        {name: [Channel(channel) for channel in consent.channels] for name, consent in account.consent_names.items()},
    )


async def change_consent(
    unit: Unit,
    viewer: Viewer,
    account: Account,
    customer_id: int,
    name: str,
    status: ConsentStatus,
    source: str,
    now: datetime,
) -> None:
    """Grants or revokes a consent by appending to its history. Raises NotFound, Required, Invalid, Unchanged."""
    definition = account.consent_names.get(name)
    if definition is None:
        raise Invalid("The account has no consent of this name.", ("name",))
    if not source.strip():
        raise Required("A change of consent needs a source.", ("source",))
    if len(source) > 200 or "\x00" in source:
        raise Invalid("A source has at most 200 characters.", ("source",))
    customer = await unit.customer(customer_id)
    before = await _current(unit, customer_id, name)
    if before is status:
        raise Unchanged(f"The consent is already {status.value.lower()}.", ("name",))
    unit.session.add(
        ConsentChange(
            customer_id=customer_id,
            id=new_id(),
            name=name,
            status=status,
            at=now,
            source=source.strip(),
            actor=viewer.actor,
        )
    )
    unit.edited(customer, now)
    unit.changed(customer, f"consents.{name}", before.value if before else None, status.value, viewer.actor, now)
    granted = status is ConsentStatus.GRANTED
    unit.happened(
        TimelineEvent(
            customer_id=customer_id,
            id=new_id(),
            activity_seq=0,
            category=EventCategory.CONSENT,
            type="consent_granted" if granted else "consent_revoked",
            name="Consent granted" if granted else "Consent revoked",
            description=definition.label,
            occurred_at=now,
            received_at=now,
            actor=viewer.actor,
        )
    )


async def _current(unit: Unit, customer_id: int, name: str) -> ConsentStatus | None:
    newest = (
        select_model(ConsentChange)
        .where(col(ConsentChange.customer_id) == customer_id, col(ConsentChange.name) == name)
        .order_by(col(ConsentChange.at).desc(), col(ConsentChange.id).desc())
        .limit(1)
    )
    change = (await unit.session.exec(newest)).first()
    return change.status if change else None
