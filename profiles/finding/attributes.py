"""Filtering by attributes: an account's own ones by their stored values, built-in ones by the field they show."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from profiles.account import Account, AttributeDefinition, AttributeEntity, AttributeType
from profiles.attributes import Typed, canonical, needed_scope
from profiles.errors import BadRequest, Invalid
from profiles.finding.fields import FIELDS, Kind
from profiles.finding.tree import (
    EVERYBODY,
    NOBODY,
    All,
    AnyOf,
    AttributeColumn,
    AttributeIs,
    Filter,
    Not,
    Operator,
    Where,
)
from profiles.finding.wanted import (
    EQUALS,
    greatest_milli,
    greatest_minor,
    greatest_whole,
    last_order_field,
    least_milli,
    least_minor,
    least_whole,
    of_stages,
    presence,
    text_condition,
)
from profiles.money import Money, to_decimal
from profiles.text import like_prefix
from profiles.viewer import Viewer

Path = tuple[str, ...]
_RANGED = (AttributeType.NUMBER, AttributeType.MONEY, AttributeType.DATE, AttributeType.DATETIME)
_PLAIN_AMOUNT = re.compile(r"-?\d{1,18}(\.\d{1,4})?", re.ASCII)
# The fields of the filter that are not called like the path of what they look at.
_FIELD_OF_PATH = {
    "loyalty.accrued": "accrued_bonuses",
    "loyalty.active": "active_bonuses",
    "loyalty.pendingActivation": "bonuses_pending_activation",
    "loyalty.pendingDeactivation": "bonuses_pending_deactivation",
    "loyalty.nextDeactivationAt": "next_bonus_deactivation_at",
    "loyalty.points": "points",
    "email.value": "email",
    "phone.value": "phone",
    "metrics.totalSpent.net": "total_spent",
    "metrics.totalSpent.returnCount": "return_count",
}
_LAST_ORDER = "metrics.lastOrderValue.amount"
INSTEAD = {
    "metrics.daysSinceFirstReceipt": "metrics.firstReceiptAt",
    "metrics.daysSinceLastReceipt": "metrics.lastReceiptAt",
    "metrics.daysSinceFirstOrder": "metrics.firstOrderAt",
    "metrics.daysSinceLastOrder": "metrics.lastOrderAt",
    "metrics.daysSinceRegistration": "registeredAt",
    "metrics.firstVisitAt": "metrics.lastVisitAt",
    "metrics.totalSpent.returnsTotal": "metrics.totalSpent.returnCount",
    "loyalty.nextDeactivationAmount": "loyalty.nextDeactivationAt",
}
"""What is shown as an attribute and not filtered by, and what to ask for instead."""
_STAGE = "lifecycle_stage"
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def attribute_conditions(key: str, said: Mapping[str, Any], viewer: Viewer, account: Account, path: Path) -> Filter:
    """What is said of an attribute (`equals`, `in`, `from`, `to`, `isMissing`), as conditions joined by AND.

    Raises BadRequest for an unknown key, a value that is none of the attribute's type, and a range without an order;
    Forbidden where reading the attribute needs a scope that the viewer lacks.
    """
    definition = account.attribute_by_key.get((AttributeEntity.CUSTOMER, key))
    if definition is None:
        raise BadRequest("There is no such attribute; `Account.attributeDefinitions` lists them.", (*path, "key"))
    viewer.require(needed_scope(definition), f"Filtering by the attribute {key}", path)
    if key in INSTEAD and not definition.is_custom:
        raise BadRequest(f"{definition.label} is not filtered by; ask for {INSTEAD[key]}.", (*path, "key"))
    if definition.type not in _RANGED and ("from" in said or "to" in said):
        raise BadRequest(f"{definition.label} has no order; ask for `equals` or `in`.", path)
    typed = {name: _typed(definition, said[name], account, (*path, name)) for name in ("from", "to") if name in said}
    _check_order(typed, path)
    asked = _Built(definition, account) if not definition.is_custom else _Own(definition, account)
    parts: list[Filter] = []
    if "isMissing" in said:
        parts.append(asked.missing(said["isMissing"]))
    if "equals" in said:
        parts.append(asked.equal(_typed(definition, said["equals"], account, (*path, "equals"))))
    if "in" in said:
        values = [_typed(definition, one, account, (*path, "in", str(n))) for n, one in enumerate(said["in"])]
        parts.append(AnyOf(tuple(asked.equal(value) for value in values)) if values else NOBODY)
    if "from" in typed:
        parts.append(asked.least(typed["from"]))
    if "to" in typed:
        parts.append(asked.greatest(typed["to"]))
    return All(tuple(parts))


def _typed(definition: AttributeDefinition, text: str, account: Account, path: Path) -> Typed:
    if definition.type is AttributeType.MONEY and _PLAIN_AMOUNT.fullmatch(text):
        text = f"{text} {account.currency}"
    try:
        typed = canonical(definition, text)
    except Invalid as error:
        raise BadRequest(error.message, path) from None
    if isinstance(typed.value, Money) and not definition.is_custom and typed.value.currency != account.currency:
        raise BadRequest(f"{definition.label} is in {account.currency}.", path)
    return typed


def _check_order(typed: Mapping[str, Typed], path: Path) -> None:
    if len(typed) < 2:
        return
    start, end = typed["from"].value, typed["to"].value
    if isinstance(start, Money) and isinstance(end, Money):
        if start.currency != end.currency:
            raise BadRequest("The two amounts are in different currencies.", path)
        start, end = start.amount_minor, end.amount_minor
    if start > end:  # type: ignore[operator]  # both were read by one type
        raise BadRequest("`from` is after `to`.", path)


class _Own:
    """An attribute of the account's own: canonical text, and a number beside it where it stands for one."""

    def __init__(self, definition: AttributeDefinition, account: Account) -> None:
        self._key, self._type = definition.key, definition.type

    def missing(self, is_missing: bool) -> Filter:
        operator = Operator.IS_MISSING if is_missing else Operator.IS_PRESENT
        return AttributeIs(self._key, AttributeColumn.TEXT, operator)

    def equal(self, typed: Typed) -> Filter:
        if isinstance(typed.value, datetime):
            # Sources spell UTC in two ways.
            spelled = tuple(_spelled(typed.value) + zone for zone in ("Z", "+00:00"))
            return AttributeIs(self._key, AttributeColumn.TEXT, Operator.AMONG, spelled)
        if self._type is AttributeType.NUMBER:
            return AttributeIs(self._key, AttributeColumn.NUMBER, Operator.EQUALS, typed.value)
        return AttributeIs(self._key, AttributeColumn.TEXT, Operator.AMONG, (typed.text,))

    def least(self, typed: Typed) -> Filter:
        return self._compared(typed, Operator.AT_LEAST)

    def greatest(self, typed: Typed) -> Filter:
        return self._compared(typed, Operator.AT_MOST)

    def _compared(self, typed: Typed, operator: Operator) -> Filter:
        value = typed.value
        if isinstance(value, Money):
            # The number of an amount says nothing without its currency.
            amount = float(to_decimal(value.amount_minor, value.currency))
            return All(
                (
                    AttributeIs(self._key, AttributeColumn.NUMBER, operator, amount),
                    AttributeIs(self._key, AttributeColumn.TEXT, Operator.LIKE, f"% {like_prefix(value.currency)}"),
                )
            )
        if isinstance(value, datetime):
            return self._timed(value, operator)
        if self._type is AttributeType.NUMBER:
            return AttributeIs(self._key, AttributeColumn.NUMBER, operator, value)
        return AttributeIs(self._key, AttributeColumn.TEXT, operator, typed.text)

    def _timed(self, moment: datetime, operator: Operator) -> Filter:
        """`from` <= t < `to`, by text. The second itself, spelled with a Z, sorts behind its own fractions."""
        is_least = operator is Operator.AT_LEAST
        bound = AttributeIs(
            self._key, AttributeColumn.TEXT, operator if is_least else Operator.BEFORE, _spelled(moment)
        )
        if not moment.microsecond:
            return bound
        second = _spelled(moment.replace(microsecond=0)) + "Z"
        whole = AttributeIs(self._key, AttributeColumn.TEXT, Operator.AMONG, (second,))
        return All((bound, Not(whole))) if is_least else AnyOf((bound, whole))


def _spelled(moment: datetime) -> str:
    """An instant without its zone: what both spellings of UTC begin with, so that it sorts before them."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00")


def _field_of(key: str) -> str:
    """The filter's field that compares what a built-in attribute shows."""
    name = _CAPITAL.sub("_", key).lower()
    _, _, own = name.partition(".")
    joined = name.replace(".", "_")
    return joined if joined in FIELDS else own


class _Built:
    """A built-in attribute: its key is the path of the field that it shows."""

    def __init__(self, definition: AttributeDefinition, account: Account) -> None:
        own = last_order_field(account) if definition.key == _LAST_ORDER else _FIELD_OF_PATH.get(definition.key)
        self._name = own or _field_of(definition.key)
        self._kind = FIELDS[self._name].kind
        self._account = account

    def missing(self, is_missing: bool) -> Filter:
        if self._name == _STAGE:
            return NOBODY if is_missing else EVERYBODY  # everybody is in one
        return presence(self._name, is_missing)

    def equal(self, typed: Typed) -> Filter:
        match self._kind:
            case Kind.TEXT | Kind.EMAIL | Kind.PHONE:
                return text_condition(self._name, EQUALS, typed.text, self._account)
            case Kind.CHOICE if self._name == _STAGE:
                return of_stages((typed.text,))
            case Kind.CHOICE | Kind.NAMES:
                return Where(self._name, Operator.AMONG, (typed.text,))
            case Kind.DAY | Kind.INSTANT:
                return Where(self._name, Operator.EQUALS, typed.value)
            case _:
                return All((self.least(typed), self.greatest(typed)))

    def least(self, typed: Typed) -> Filter:
        return Where(self._name, Operator.AT_LEAST, self._bound(typed, least_minor, least_whole, least_milli))

    def greatest(self, typed: Typed) -> Filter:
        operator = Operator.BEFORE if self._kind is Kind.INSTANT else Operator.AT_MOST
        return Where(self._name, operator, self._bound(typed, greatest_minor, greatest_whole, greatest_milli))

    def _bound(
        self,
        typed: Typed,
        minor: Callable[[Decimal, str], int],
        whole: Callable[[Decimal], int],
        milli: Callable[[Decimal], int],
    ) -> Any:
        value = typed.value
        if isinstance(value, Money):
            return minor(to_decimal(value.amount_minor, value.currency), value.currency)
        match self._kind:
            case Kind.COUNT:
                return whole(Decimal(typed.text))
            case Kind.MILLI:
                return milli(Decimal(typed.text))
            case _:
                return value
