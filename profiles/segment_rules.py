"""Rules of segments: who belongs, and how customers enter and leave as soon as their data says so."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, and_, func, or_
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from profiles.account import Account
from profiles.customers import Customer
from profiles.errors import SettingsError
from profiles.finding.fields import Tables, tables_named
from profiles.finding.filters import condition
from profiles.finding.reads import common_parameters
from profiles.finding.tree import All, Filter, shape_of
from profiles.folding import stored_key
from profiles.ids import imported_id, new_id
from profiles.segments import Segment, SegmentMembership
from profiles.storage.reads import DialectName, among_ids, table
from profiles.storage.store import Store
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, TimelineEvent

AT_ONCE = 200
"""How many customers a recomputation judges in one transaction."""
ENTERED, LEFT = "segment_entered", "segment_left"


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """A segment and who belongs to it. A value of the filter that is a timedelta stands for so long ago."""

    key: str
    name: str
    description: str | None
    filter: Filter

    @property
    def segment_id(self) -> int:
        """The segment's id."""
        return segment_id(self.key)


def segment_id(key: str) -> int:
    """The id of the segment of a rule, the same in every database."""
    return imported_id("segments", "segment", key)


class Segments:
    """The rules of an account, and the memberships that follow from them."""

    def __init__(self, account: Account, rules: Sequence[SegmentRule], clock: Callable[[], datetime]) -> None:
        self._account, self._rules, self._clock = account, tuple(rules), clock
        shape, self._values = shape_of(All(tuple(rule.filter for rule in rules)))
        self._shapes = shape.parts if isinstance(shape, All) else ()
        self._is_declared = False
        self._statements: dict[DialectName, tuple[Select[Any], frozenset[str]]] = {}

    async def declare(self, store: Store) -> None:
        """Writes the segments as the account's file has them, where they are not so already.

        Raises SettingsError where another segment has the name of one.
        """
        if self._rules:
            async with store.write() as unit:
                await self._declare(unit)
            self._is_declared = True

    async def _declare(self, unit: Unit) -> bool:
        """As `declare`, within a transaction; False where nothing was to be written."""
        known = {segment.id: segment for segment in await unit.session.exec(select(Segment))}
        ids = {rule.segment_id for rule in self._rules}
        owners = {segment.name: segment for segment in known.values()}
        for rule in self._rules:
            owner = owners.get(rule.name)
            if owner is not None and owner.id not in ids:
                raise SettingsError(_is_taken(rule, owner))
        changed = [
            rule for rule in self._rules if rule.segment_id in known and known[rule.segment_id].name != rule.name
        ]
        if any(rule.name in owners and owners[rule.name].id != rule.segment_id for rule in self._rules):
            # Two that change names, or a new one with the name that another gives up: no two may have one even for a
            # moment.
            for rule in changed:
                known[rule.segment_id].name = f"{rule.name} ({uuid4().hex})"
            await unit.session.flush()
        is_written = False
        for rule in sorted(self._rules, key=lambda rule: rule.segment_id):
            said = {
                "name": rule.name,
                "name_key": stored_key(rule.name),
                "description": rule.description,
                "rule_key": rule.key,
            }
            segment = known.get(rule.segment_id)
            if segment is None:
                insert: Any = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
                # Several processes that start at once write the same.
                row = {"id": rule.segment_id, **said}
                await unit.session.exec(insert(table(Segment)).values(row).on_conflict_do_nothing())
            elif all(getattr(segment, name) == value for name, value in said.items()):
                continue
            else:
                for name, value in said.items():
                    setattr(segment, name, value)
            is_written = True
        if is_written:
            await unit.session.flush()
        return is_written

    async def keep(self, unit: Unit, customer_ids: Iterable[int], now: datetime | None = None) -> None:
        """Lets these customers, who are locked, enter and leave as their rows in this transaction say.

        `now` is when that happens: by the clock, unless it is given.
        """
        moment = now or self._clock()
        ids = sorted(customer_ids)
        if not ids or not self._rules:
            return
        if not self._is_declared:
            # Known only once they have been found: what is written here may still be rolled back.
            self._is_declared = not await self._declare(unit)
        wanted = await self._judged(unit, ids, moment)
        present = await _memberships(unit, ids, [rule.segment_id for rule in self._rules], moment)
        for customer_id in ids:
            for rule in self._rules:
                membership = present.get((customer_id, rule.segment_id))
                is_in = membership is not None and membership.left_at is None
                belongs = rule.segment_id in wanted.get(customer_id, ())
                if belongs == is_in:
                    continue
                if membership is None:
                    membership = SegmentMembership(
                        customer_id=customer_id, segment_id=rule.segment_id, entered_at=moment
                    )
                # By another process's clock they may have entered later than it is here.
                at = moment if belongs else max(moment, membership.entered_at)
                membership.left_at = None if belongs else at
                unit.session.add(membership)
                unit.happened(_event(customer_id, rule.segment_id, rule.name, belongs, at))

    async def has_members(self, store: Store) -> bool:
        """Whether anybody is or was in a segment of the rules."""
        ids = [rule.segment_id for rule in self._rules]
        async with store.write() as unit:
            found = await unit.session.exec(
                select(col(SegmentMembership.customer_id)).where(col(SegmentMembership.segment_id).in_(ids)).limit(1)
            )
            return found.first() is not None

    async def recompute(self, store: Store, told: Callable[[int, int], None], now: datetime | None = None) -> None:
        """Judges everybody, some at a time: what depends on the day alone changes here. Safe to stop and to repeat.

        Who is in a segment whose rule is gone from the account's file leaves it. `told(done, total)` hears of progress.
        """
        await self.declare(store)
        async with store.write() as unit:
            ids = list(await unit.session.exec(select(col(Customer.id)).order_by(col(Customer.id))))
        for start in range(0, len(ids), AT_ONCE):
            told(start, len(ids))
            some = ids[start : start + AT_ONCE]
            async with store.write() as unit:
                locked = await unit.lock(some)
                await self.keep(unit, locked, now)
                await self._leave_the_gone(unit, list(locked), now or self._clock())
        told(len(ids), len(ids))

    async def _judged(self, unit: Unit, ids: Sequence[int], now: datetime) -> Mapping[int, set[int]]:
        """The segments that each of these customers belongs to."""
        connection = await unit.session.connection()
        known = self._statements.get(unit.dialect)
        if known is None:
            statement = self._statement(unit.dialect)
            known = statement, frozenset(statement.compile(dialect=connection.dialect).params)
            self._statements[unit.dialect] = known
        statement, names = known
        values = {name: now - value if isinstance(value, timedelta) else value for name, value in self._values.items()}
        parameters = {"ids": list(ids), **common_parameters(self._account, now), **values}
        asked = {name: value for name, value in parameters.items() if name in names}
        rows = await connection.execute(statement, asked)
        return {
            id: {rule.segment_id for rule, belongs in zip(self._rules, judged, strict=True) if belongs}
            for id, *judged in rows
        }

    def _statement(self, dialect: DialectName) -> Select[Any]:
        customers, metrics = tables_named("c", "m")
        tables = Tables(customers.c, metrics.c, is_of_few=True)
        holds = [
            func.coalesce(and_(customers.c.erased_at.is_(None), condition(shape, tables, dialect)), False)
            for shape in self._shapes
        ]
        return (
            sql_select(customers.c.id, *[each.label(f"rule{place}") for place, each in enumerate(holds)])
            .select_from(customers.outerjoin(metrics, metrics.c.customer_id == customers.c.id))
            .where(among_ids(dialect, customers.c.id))
        )

    async def _leave_the_gone(self, unit: Unit, ids: Sequence[int], now: datetime) -> None:
        gone = {
            segment.id: segment.name
            for segment in await unit.session.exec(
                select(Segment).where(
                    col(Segment.rule_key).is_not(None), col(Segment.rule_key).not_in([rule.key for rule in self._rules])
                )
            )
        }
        if not gone:
            return
        for (customer_id, segment_id), membership in (await _memberships(unit, ids, list(gone), now)).items():
            if membership.left_at is None:
                membership.left_at = max(now, membership.entered_at)
                unit.session.add(membership)
                unit.happened(_event(customer_id, segment_id, gone[segment_id], False, membership.left_at))


def _is_taken(rule: SegmentRule, owner: Segment) -> str:
    whose = "one without a rule" if owner.rule_key is None else f"that of the rule {owner.rule_key!r}, which is gone"
    return (
        f"The segment {rule.key!r} of the account file cannot be named {rule.name!r}: "
        f"the database has a segment of that name already, {whose}."
    )


async def _memberships(
    unit: Unit, ids: Sequence[int], segment_ids: Sequence[int], now: datetime
) -> dict[tuple[int, int], SegmentMembership]:
    """The present memberships; and those that began this very moment, since there can be no second one of it."""
    found = await unit.session.exec(
        select(SegmentMembership).where(
            col(SegmentMembership.customer_id).in_(ids),
            col(SegmentMembership.segment_id).in_(segment_ids),
            or_(col(SegmentMembership.left_at).is_(None), col(SegmentMembership.entered_at) == now),
        )
    )
    return {(membership.customer_id, membership.segment_id): membership for membership in found}


def _event(customer_id: int, segment_id: int, name: str, has_entered: bool, now: datetime) -> TimelineEvent:
    return TimelineEvent(
        customer_id=customer_id,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.SEGMENT,
        type=ENTERED if has_entered else LEFT,
        name="Segment entered" if has_entered else "Segment left",
        description=name,
        occurred_at=now,
        received_at=now,
        subject_id=segment_id,
    )
