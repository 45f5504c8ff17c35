"""Visits: recorded events with a session id belong to one; it follows them, and an order ends it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select

from profiles.ids import new_id
from profiles.recording.ordering import STATUS_OF_TYPE
from profiles.recording.placed import Placed
from profiles.storage.pairs import paired
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, Session, SessionState, TimelineEvent

VISIT_TYPE = "site_visit"
VISIT_NAME = "Visited the site"
VisitKey = tuple[int, str]


async def follow_visits(unit: Unit, placed: Sequence[Placed], now: datetime) -> frozenset[int]:
    """Makes and moves on the visits of these events; gives the customers whose visits changed.

    A visit has one event in the timeline, made by the first that is heard of it: the recorded one where it is the visit
    itself, else one made here, which a recorded one that comes later becomes.
    """
    groups: dict[VisitKey, list[Placed]] = {}
    for each in placed:
        if each.said.session_external_id is not None:
            groups.setdefault((each.customer_id, each.said.session_external_id), []).append(each)
    if not groups:
        return frozenset()
    known = await _known(unit, groups)
    visit_events = await _visit_events(unit, known.values())
    for key, group in groups.items():
        session = known.get(key)
        visit = visit_events.get((session.customer_id, session.id)) if session is not None else None
        if session is None:
            session = _begun(key, group)
        for each in group:
            each.session_id = session.id
        _move_on(session, group)
        unit.session.add(session)
        _tell(unit, session, visit, group, now)
    await unit.session.flush()
    return frozenset(customer_id for customer_id, _ in groups)


async def _known(unit: Unit, keys: Iterable[VisitKey]) -> dict[VisitKey, Session]:
    found = await unit.session.exec(
        select(Session).join(*paired(unit.dialect, table(Session), "external_id", sorted(keys)))
    )
    return {(session.customer_id, session.external_id): session for session in found}


async def _visit_events(unit: Unit, sessions: Iterable[Session]) -> dict[tuple[int, int], TimelineEvent]:
    keys = [(session.customer_id, session.id) for session in sessions]
    if not keys:
        return {}
    found = await unit.session.exec(
        select(TimelineEvent)
        .join(*paired(unit.dialect, table(TimelineEvent), "session_id", keys))
        .where(col(TimelineEvent.category) == EventCategory.SITE_VISIT)
        # Of several the first stands for the visit.
        .order_by(col(TimelineEvent.activity_seq).desc())
    )
    return {(event.customer_id, event.session_id or 0): event for event in found}


def _begun(key: VisitKey, group: Sequence[Placed]) -> Session:
    customer_id, external_id = key
    started_at = min(each.said.occurred_at for each in group)
    return Session(
        customer_id=customer_id,
        id=new_id(),
        external_id=external_id,
        state=SessionState.LIVE,
        started_at=started_at,
        last_seen_at=started_at,
        store_id=next((each.said.store_id for each in group if each.said.store_id is not None), None),
    )


def _move_on(session: Session, group: Sequence[Placed]) -> None:
    """Late events begin a visit earlier, never take it back."""
    for each in sorted(group, key=lambda each: each.said.occurred_at):
        said = each.said
        session.started_at = min(session.started_at, said.occurred_at)
        if said.occurred_at >= session.last_seen_at:
            session.last_seen_at = said.occurred_at
            session.current_url = said.url or session.current_url
        if said.category is EventCategory.ORDER and said.type not in STATUS_OF_TYPE:
            session.state = SessionState.PURCHASED
            session.order_id = each.subject_id or session.order_id
    if session.state is not SessionState.LIVE:
        session.ended_at = max(session.ended_at or session.last_seen_at, session.last_seen_at)


def _tell(unit: Unit, session: Session, visit: TimelineEvent | None, group: Sequence[Placed], now: datetime) -> None:
    """Sees to it that the visit has its event, as early as the visit."""
    itself = next((each for each in group if each.said.category is EventCategory.SITE_VISIT), None)
    if visit is None:
        if itself is None:
            group[0].visit = _visit(session, group, now)
        else:
            itself.began_at = session.started_at
        return
    if itself is not None and visit.external_id is None:
        itself.is_adopted = True
        itself.describe(visit)
        visit.type, visit.name = itself.said.type.strip(), itself.said.name or visit.name
    visit.occurred_at = min(visit.occurred_at, session.started_at)
    unit.session.add(visit)


def _visit(session: Session, group: Sequence[Placed], now: datetime) -> TimelineEvent:
    first = min(group, key=lambda each: each.said.occurred_at)
    return TimelineEvent(
        customer_id=session.customer_id,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.SITE_VISIT,
        type=VISIT_TYPE,
        name=VISIT_NAME,
        occurred_at=session.started_at,
        received_at=now,
        store_id=session.store_id,
        business_unit_id=first.business_unit_id,
        session_id=session.id,
        url=first.said.url,
    )
