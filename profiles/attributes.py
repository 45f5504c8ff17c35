"""Attributes: an account's own fields and the built-in ones, as canonical text and as typed values (ruling 32)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from profiles.account import Account, AttributeDefinition, AttributeEntity, AttributeType, Block
from profiles.attribute_definitions import BLOCK_ENTITY
from profiles.customers import CustomerAttribute, CustomerRow
from profiles.errors import BadRequest, Invalid
from profiles.metrics import Metrics
from profiles.money import Money, parse, to_text
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.viewer import Scope, Viewer

LONGEST_TEXT = 500
"""Values are indexed; with four bytes a letter a longer one would not fit into an entry of PostgreSQL's index."""
BESIDE: Mapping[str, Scope] = {
    "metrics": Scope.METRICS_READ,
    "rfm": Scope.METRICS_READ,
    "lifecycle": Scope.METRICS_READ,
    "loyalty": Scope.LOYALTY_READ,
}
"""The panels whose values can be attributes, and the scope of each."""
SHOWN_DECIMALS = 6
"""Of a measured value, as text."""
_AS: Mapping[AttributeType, str] = {
    AttributeType.TEXT: f"it is a text of at most {LONGEST_TEXT} characters",
    AttributeType.NUMBER: "it is written like 2.5",
    AttributeType.BOOLEAN: "it is true or false",
    AttributeType.DATE: "it is written like 2026-01-31",
    AttributeType.DATETIME: "it is written like 2026-01-31T09:30:00Z",
    AttributeType.CHOICE: "it is one of the choices that its definition lists",
    AttributeType.MONEY: "it is written like 12.34 EUR",
}
"""How the values of each type are written, for who wrote something else."""
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """A canonical text and what it stands for: a float, bool, date, datetime or Money, or None (text, choice)."""

    text: str
    value: float | bool | date | datetime | Money | None


def check_block(entity: AttributeEntity, block: Block) -> None:
    """Raises BadRequest where the block shows things of another kind."""
    if BLOCK_ENTITY[block] is not entity:
        raise BadRequest(f"The block {block.value} shows no {entity.plural}.", ("block",))


def named(account: Account, viewer: Viewer, keys: Sequence[str]) -> tuple[AttributeDefinition, ...]:
    """Exactly these attributes of customers, in this order.

    Raises BadRequest for an unknown key, Forbidden for one that the viewer may not read.
    """
    definitions = []
    for key in keys:
        definition = account.attribute_by_key.get((AttributeEntity.CUSTOMER, key))
        if definition is None:
            raise BadRequest(
                f"There is no attribute {key[:100]!r}; `Account.attributeDefinitions` lists them.", ("keys",)
            )
        viewer.require(needed_scope(definition), f"The attribute {key}", ("keys",))
        definitions.append(definition)
    return tuple(definitions)


def needed_scope(definition: AttributeDefinition) -> Scope:
    """What reading the attribute needs beside its panel's scope."""
    if definition.is_personal:
        return Scope.PERSONAL_READ
    return BESIDE.get(beside_of(definition) or "", Scope.PROFILE_READ)


def beside_of(definition: AttributeDefinition) -> str | None:
    """Which panel shows a built-in attribute of a customer (a key of `BESIDE`); None for a value of the own row."""
    panel, dot, _ = definition.key.partition(".")
    return panel if dot and not definition.is_custom else None


def canonical(definition: AttributeDefinition, text: str) -> Typed:
    """A text as the attribute's type reads it. Raises Invalid where it cannot."""
    try:
        return _TYPED[definition.type](definition, text)
    except (ValueError, InvalidOperation, OverflowError):
        raise Invalid(f"{text[:100]!r} is no value of {definition.label}: {_AS[definition.type]}.") from None


def text_of(value: Any) -> str | None:
    """The canonical text of a built-in value: ISO dates, point decimals, `true`, `12.34 EUR`, the choice."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return value.value
        case Money():
            return to_text(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case _:
            return str(value)


def built_in(key: str, customer: CustomerRow, beside: Mapping[str, Any], account: Account) -> Any:
    """The value behind a built-in attribute of a customer; its key is the field's path.

    `beside` holds what panels know of the customer, by the panel (`beside_of`); a panel without anything is None.
    """
    panel, dot, name = key.partition(".")
    if not dot:
        return getattr(customer, _snake(key))
    match panel:
        case "email":
            return getattr(customer.email_contact, name)
        case "phone":
            return getattr(customer.phone_contact(account.country), name)
    known = beside[panel]
    if known is None:
        return None
    value = _metric(known, name, customer) if isinstance(known, Metrics) else getattr(known, _snake(name))
    return Decimal(format(value, f".{SHOWN_DECIMALS}f")) if isinstance(value, float) else value


# Fields of `CustomerMetrics` that are not called like what they are made of.
_SUMS = {
    "receiptTotal": "receipt_total_minor",
    "orderTotal": "order_total_minor",
    "totalSpent.returnsTotal": "returns_total_minor",
}
_SINCE = {
    "daysSinceFirstReceipt": "first_receipt_at",
    "daysSinceLastReceipt": "last_receipt_at",
    "daysSinceFirstOrder": "first_order_at",
    "daysSinceLastOrder": "last_order_at",
}
_WITHIN = {
    "lastOrderValue.amount": "last_order_value",
    "totalSpent.net": "net_spent",
    "totalSpent.returnCount": "return_count",
}


def _metric(metrics: Metrics, name: str, customer: CustomerRow) -> Any:
    if name == "daysSinceRegistration":
        return metrics.days_since(customer.registered_at)
    if name in _SUMS:
        return metrics.money(getattr(metrics.row, _SUMS[name]))
    if name in _SINCE:
        return metrics.days_since(getattr(metrics.row, _SINCE[name]))
    own = _WITHIN.get(name) or _snake(name)
    return getattr(metrics, own) if hasattr(metrics, own) else getattr(metrics.row, own)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _number(_: AttributeDefinition, text: str) -> Typed:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    number = Decimal(text)
    return Typed(format(number.normalize(), "f") if number else "0", float(number))


def _boolean(_: AttributeDefinition, text: str) -> Typed:
    return Typed(text, {"true": True, "false": False}[text]) if text in ("true", "false") else _refuse()


def _day(_: AttributeDefinition, text: str) -> Typed:
    return Typed(text, date.fromisoformat(text)) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else _refuse()


def _moment(_: AttributeDefinition, text: str) -> Typed:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return Typed(text_of(moment) or "", moment)


def _amount(_: AttributeDefinition, text: str) -> Typed:
    money = parse(text)
    return Typed(to_text(money), money)


def _choice(definition: AttributeDefinition, text: str) -> Typed:
    return Typed(text, None) if text in definition.choices else _refuse()


def _text(_: AttributeDefinition, text: str) -> Typed:
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise ValueError
    return Typed(text, None)


def _refuse() -> Typed:
    raise ValueError


_TYPED = {
    AttributeType.TEXT: _text,
    AttributeType.NUMBER: _number,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.DATE: _day,
    AttributeType.DATETIME: _moment,
    AttributeType.CHOICE: _choice,
    AttributeType.MONEY: _amount,
}


@shaped()
def _values() -> Build:
    attribute = table(CustomerAttribute)

    def build(dialect: DialectName) -> Any:
        return select(attribute.c.customer_id, attribute.c.attribute, attribute.c.value).where(
            among_ids(dialect, attribute.c.customer_id)
        )

    return build


def attributes_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, Mapping[str, str]]:
    """Each customer's custom attributes: canonical text by key."""

    def collect(rows: Iterable[Row]) -> Mapping[int, Mapping[str, str]]:
        values: dict[int, dict[str, str]] = {}
        for customer_id, attribute, value in rows:
            values.setdefault(customer_id, {})[attribute] = value
        return values

    return Read(_values(), {"ids": customer_ids}, collect, BY_CUSTOMER)
