"""Loyalty in SQL: what the rule of balances says of one customer, as values that a filter compares.

Each is a subquery about the customer whose id it is given; the moment is the parameter `bonuses_at`.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select, type_coerce

from profiles.columns import Instant
from profiles.loyalty import LoyaltyAccount, LoyaltyLot
from profiles.storage.reads import table


def accrued(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Thousandths of all bonuses ever accrued."""
    return _of_account(customer_id, lambda sums: sums.accrued_milli)


def points(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Thousandths of points."""
    return _of_account(customer_id, lambda sums: sums.points_milli)


def active(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Thousandths of the bonuses that can be used."""
    return _of_account(customer_id, lambda sums: sums.lasting_milli + _unspent(sums.customer_id, _is_active))


def pending_activation(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Thousandths of the bonuses that cannot be used yet."""
    return _of_account(
        customer_id, lambda sums: _unspent(sums.customer_id, lambda lots: and_(lots.active_from > _now(), _lives(lots)))
    )


def pending_deactivation(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Thousandths of the active bonuses that will expire."""
    return _of_account(
        customer_id,
        lambda sums: _unspent(sums.customer_id, lambda lots: and_(_is_active(lots), lots.expires_at.is_not(None))),
    )


def next_deactivation_at(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """When the first of the active bonuses expire; null where none will."""
    lots = table(LoyaltyLot).c
    return (
        select(type_coerce(func.min(lots.expires_at), Instant()))
        .where(lots.customer_id == customer_id, *_open(lots), _is_active(lots))
        .scalar_subquery()
    )


def _of_account(customer_id: ColumnElement[Any], value: Any) -> ColumnElement[Any]:
    sums = table(LoyaltyAccount).c
    found: Select[Any] = select(value(sums)).where(sums.customer_id == customer_id)
    return found.scalar_subquery()


def _unspent(customer_id: ColumnElement[Any], wanted: Any) -> ColumnElement[Any]:
    lots = table(LoyaltyLot).c
    return (
        select(func.coalesce(func.sum(lots.left_milli), 0))
        .where(lots.customer_id == customer_id, *_open(lots), wanted(lots))
        .scalar_subquery()
    )


def _open(lots: Any) -> list[ColumnElement[bool]]:
    # Written out, so that the index of unspent lots can be used.
    return [lots.left_milli > literal_column("0")]


def _is_active(lots: Any) -> ColumnElement[bool]:
    return and_(lots.active_from <= _now(), _lives(lots))


def _lives(lots: Any) -> ColumnElement[bool]:
    return or_(lots.expires_at.is_(None), lots.expires_at > _now())


def _now() -> ColumnElement[Any]:
    return bindparam("bonuses_at", type_=Instant())
