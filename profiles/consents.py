"""Consents: an append-only history of what a customer allowed; the newest change of a name is its state."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    Index,
    Integer,
    and_,
    bindparam,
    case,
    event,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col
from sqlmodel import select as select_model

from profiles.account import Account
from profiles.columns import choice, instant, key, reference, text
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


class KeptConsent(SQLModel, table=True):
    """What the newest change of a consent says, and when it was last granted: kept with every change that is written
    (`keep_consent`), so that the present state costs the same after years of changes."""

    __tablename__ = "kept_consents"
    customer_id: int = key(foreign_key="customers.id")
    name: str = text(primary_key=True)
    change_id: int = reference()
    status: ConsentStatus = choice(ConsentStatus)
    at: datetime = instant()
    source: str = text()
    granted_at: datetime | None = instant(nullable=True)


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


@record
class ConsentState:
    """One consent of one customer: what its newest change says, and when it was last granted."""

    customer_id: int
    name: str
    status: ConsentStatus
    at: datetime
    source: str
    granted_at: datetime | None

    @property
    def revoked_at(self) -> datetime | None:
        """When it was last revoked; None while it is granted."""
        return self.at if self.status is ConsentStatus.REVOKED else None


Histories = Mapping[str, tuple[ConsentChangeRow, ...]]
"""Changes of one customer by the name of the consent."""

COLUMNS = tuple(ConsentChangeRow.__dataclass_fields__)
KEPT_COLUMNS = ("customer_id", "name", "change_id", "status", "at", "source", "granted_at")
STATE_COLUMNS = tuple(ConsentState.__dataclass_fields__)


@shaped()
def _states() -> Build:
    kept = table(KeptConsent)
    columns = [kept.c[name] for name in STATE_COLUMNS]
    return lambda dialect: select(*columns).where(among_ids(dialect, kept.c.customer_id))


@shaped()
def _histories() -> Build:
    change, kept = table(ConsentChange), table(KeptConsent)

    def build(dialect: DialectName) -> Any:
        inner = change.alias("i")
        picked: list[Any] = [inner.c[name] for name in COLUMNS]
        newest = (
            select(*picked if dialect == "postgresql" else [literal_column("i.rowid")])
            .select_from(inner)
            .where(inner.c.customer_id == kept.c.customer_id, inner.c.name == kept.c.name)
            # The name is the same for all; it leads to the index that begins with it.
            .order_by(inner.c.name.desc(), inner.c.at.desc(), inner.c.id.desc())
            .limit(bindparam("limit", type_=Integer()))
            .correlate(kept)
        )
        rows: Any = newest.lateral("row") if dialect == "postgresql" else change.alias("row")
        is_row = true() if dialect == "postgresql" else literal_column('"row".rowid').in_(newest.scalar_subquery())
        return (
            select(*[rows.c[name] for name in COLUMNS])
            .select_from(kept.join(rows, is_row))
            .where(among_ids(dialect, kept.c.customer_id))
            .order_by(rows.c.customer_id, rows.c.at.desc(), rows.c.id.desc())
        )

    return build


def consents_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, tuple[ConsentState, ...]]:
    """Each customer's consents, by name."""

    def collect(rows: list[Row]) -> Mapping[int, tuple[ConsentState, ...]]:
        found: dict[int, list[ConsentState]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(ConsentState(*row))
        # As people order names: each database would have its own way with capitals and accents.
        return {
            id: tuple(sorted(own, key=lambda consent: (search_key(consent.name), consent.name)))
            for id, own in found.items()
        }

    return Read(_states(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def consent_histories(viewer: Viewer, customer_ids: Sequence[int], first: int) -> Read[int, Histories]:
    """The newest `first` changes of each of each customer's consents, newest first."""

    def collect(rows: list[Row]) -> Mapping[int, Histories]:
        found: dict[int, dict[str, list[ConsentChangeRow]]] = {}
        for row in rows:
            change = ConsentChangeRow(*row)
            found.setdefault(change.customer_id, {}).setdefault(change.name, []).append(change)
        return {id: {name: tuple(changes) for name, changes in own.items()} for id, own in found.items()}

    return Read(_histories(), {"ids": customer_ids, "limit": first}, collect, BY_CUSTOMER)


@event.listens_for(ConsentChange, "after_insert")
def keep_consent(mapper: Any, connection: Connection, change: ConsentChange) -> None:
    """Keeps what a change says, where it is the newest of its consent; changes may come in any order."""
    status = ConsentStatus(change.status)
    said = {
        "customer_id": change.customer_id,
        "name": change.name,
        "change_id": change.id,
        "status": status,
        "at": change.at,
        "source": change.source,
        "granted_at": change.at if status is ConsentStatus.GRANTED else None,
    }
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    kept = table(KeptConsent)
    statement = insert(kept).values(said)
    new = statement.excluded
    is_newer = tuple_(new.at, new.change_id) > tuple_(kept.c.at, kept.c.change_id)
    values = {name: case((is_newer, new[name]), else_=kept.c[name]) for name in ("change_id", "status", "at", "source")}
    is_later = and_(new.granted_at.is_not(None), or_(kept.c.granted_at.is_(None), new.granted_at > kept.c.granted_at))
    values["granted_at"] = case((is_later, new.granted_at), else_=kept.c.granted_at)
    connection.execute(statement.on_conflict_do_update(index_elements=["customer_id", "name"], set_=values))


def kept_consents(changes: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The rows of `KEPT_COLUMNS` for these changes, rows of `COLUMNS`: for a load, which writes both."""
    kept: dict[tuple[int, str], tuple[Any, ...]] = {}
    granted: dict[tuple[int, str], datetime] = {}
    for customer_id, id, name, status, at, source, _ in sorted(changes, key=lambda change: (change[4], change[1])):
        whose = (customer_id, name)
        if status is ConsentStatus.GRANTED:
            granted[whose] = at
        kept[whose] = (customer_id, name, id, status, at, source)
    return [(*row, granted.get(whose)) for whose, row in kept.items()]


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
    newest = await _newest(unit, customer_id, name)
    before = None if newest is None else ConsentStatus(newest[0])
    if before is status:
        raise Unchanged(f"The consent is already {status.value.lower()}.", ("name",))
    unit.session.add(
        ConsentChange(
            customer_id=customer_id,
            id=new_id(),
            name=name,
            status=status,
            # Another call may have come later and changed it first, or another clock be ahead: the one that is written
            # last is the newest, or a consent that was taken back would go on.
            at=now if newest is None else max(now, newest[1] + timedelta(microseconds=1)),
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


async def _newest(unit: Unit, customer_id: int, name: str) -> tuple[str, datetime] | None:
    kept = select_model(KeptConsent.status, KeptConsent.at).where(
        col(KeptConsent.customer_id) == customer_id, col(KeptConsent.name) == name
    )
    return (await unit.session.exec(kept)).first()
