"""Memberships: who belongs to a segment by a rule, and the statements by which customers enter and leave it.

A rule is a SELECT of (customer_id, since). Erased customers belong to no segment.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Insert,
    Select,
    Text,
    Update,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    update,
)

from profiles.columns import MICROSECOND, Instant
from profiles.customers import Customer, CustomerAttribute
from profiles.metrics import CustomerMetrics
from profiles.segments import SegmentMembership
from profiles.storage.reads import DialectName, table
from profiles.summaries.terms import inserted

TENTHS = 10

Members = Select[Any]


def with_attribute() -> Members:
    """Everybody whose `attribute` is `value` (parameters), since the profile began."""
    attributes, customers = table(CustomerAttribute), table(Customer)
    return _alive(
        select(attributes.c.customer_id, customers.c.created_at.label("since"))
        .select_from(attributes.join(customers, customers.c.id == attributes.c.customer_id))
        .where(
            attributes.c.attribute == bindparam("attribute", type_=Text()),
            attributes.c.value == bindparam("value", type_=Text()),
        ),
        customers,
    )


def by_spend() -> Members:
    """Who purchased, from one tenth of them to another (parameters `first_tenth`, `last_tenth`; the first spent most).

    Spent is the total in receipts, in the account's currency; who spent the same is told apart by id. Since `now`.
    """
    metrics, customers = table(CustomerMetrics), table(Customer)
    ranked = _alive(
        select(
            metrics.c.customer_id,
            func.ntile(TENTHS)
            .over(order_by=(metrics.c.receipt_total_minor.desc(), metrics.c.customer_id))
            .label("tenth"),
        )
        .select_from(metrics.join(customers, customers.c.id == metrics.c.customer_id))
        .where(metrics.c.purchase_count > 0),
        customers,
    ).subquery("ranked")
    return select(ranked.c.customer_id, _now().label("since")).where(
        ranked.c.tenth.between(
            bindparam("first_tenth", type_=BigInteger()), bindparam("last_tenth", type_=BigInteger())
        )
    )


def without_purchase(dialect: DialectName, pause: timedelta) -> Members:
    """Who purchased, but not after `latest` (a parameter: now less the pause), since the pause was over."""
    metrics, customers = table(CustomerMetrics), table(Customer)
    return _alive(
        select(metrics.c.customer_id, _later(dialect, metrics.c.last_purchase_at, pause).label("since"))
        .select_from(metrics.join(customers, customers.c.id == metrics.c.customer_id))
        .where(metrics.c.last_purchase_at <= bindparam("latest", type_=Instant())),
        customers,
    )


def enter(members: Members) -> Insert:
    """Who belongs and is not in yet enters: the first time when the rule says, again `now`. Parameter `segment_id`."""
    member = members.subquery("member")
    before, same = table(SegmentMembership).alias("before"), table(SegmentMembership).alias("same")
    was_in = exists().where(before.c.customer_id == member.c.customer_id, before.c.segment_id == _segment_id())
    is_in = exists().where(
        same.c.customer_id == member.c.customer_id,
        same.c.segment_id == _segment_id(),
        or_(same.c.left_at.is_(None), same.c.entered_at == _now()),
    )
    query = select(member.c.customer_id, _segment_id(), case((was_in, _now()), else_=member.c.since), null()).where(
        ~is_in
    )
    return inserted(SegmentMembership, ("customer_id", "segment_id", "entered_at", "left_at"), query)


def leave(members: Members) -> Update:
    """Who is in and no longer belongs leaves `now`. Parameter `segment_id`."""
    memberships = table(SegmentMembership)
    member = members.subquery("member")
    return (
        update(memberships)
        .where(
            memberships.c.segment_id == _segment_id(),
            memberships.c.left_at.is_(None),
            memberships.c.customer_id.not_in(select(member.c.customer_id)),
        )
        .values(left_at=_now())
    )


def _alive(members: Members, customers: FromClause) -> Members:
    return members.where(customers.c.erased_at.is_(None))


def _now() -> ColumnElement[Any]:
    return bindparam("now", type_=Instant())


def _segment_id() -> ColumnElement[int]:
    return bindparam("segment_id", type_=BigInteger())


def _later(dialect: DialectName, instant: ColumnElement[Any], pause: timedelta) -> ColumnElement[Any]:
    """An instant so much later; on SQLite instants are microseconds."""
    if dialect == "sqlite":
        return type_coerce(instant, BigInteger) + literal(pause // MICROSECOND, BigInteger())
    return instant + literal(pause)
