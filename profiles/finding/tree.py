"""The filter tree: what is looked for, as frozen values; and its shape, which is all that a statement depends on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from typing import Any

MAX_DEPTH = 8
"""How deep `and`, `or` and `not` may nest."""

MAX_CONDITIONS = 60
"""How many conditions the filters of one operation may hold. A new shape of filter is compiled once, which takes
milliseconds for every condition, so nobody may bring hundreds."""

RELATED_CONDITION = 3
"""What a condition on rows of another table counts as: its statement is that much longer."""

MAX_VALUES = 1_000
"""How many values one list of a filter may hold."""


class Operator(StrEnum):
    """How a value is compared. Patterns come ready for LIKE; AMONG takes a tuple and matches nothing when empty."""

    EQUALS = "EQUALS"
    LIKE = "LIKE"
    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    BEFORE = "BEFORE"
    AMONG = "AMONG"
    IS_MISSING = "IS_MISSING"
    IS_PRESENT = "IS_PRESENT"


class AttributeColumn(StrEnum):
    """Which form of an attribute's value is compared: its canonical text, or the number it stands for."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"


class PartIn(StrEnum):
    """What a customer can have taken part in."""

    MAILINGS = "MAILINGS"
    POLLS = "POLLS"


@dataclass(frozen=True, slots=True)
class Where:
    """A field of `profiles.finding.fields.FIELDS` compared with a value (of the type that the field's kind says)."""

    field: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class AttributeIs:
    """A custom attribute compared; `key` and `value` are values."""

    key: str
    column: AttributeColumn
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class TookPart:
    """Took part (or took none) in any of these; `is_control_group` None counts both kinds of participation."""

    kind: PartIn
    ids: Any
    participated: bool = True
    is_control_group: bool | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts, everybody matches."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; without parts, nobody matches."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold. A customer of whom the value is unknown matches, since the part does not hold of them."""

    part: "Filter"


Filter = Where | AttributeIs | TookPart | All | AnyOf | Not

EVERYBODY = All()
NOBODY = AnyOf()


def shape_of(filter: Filter) -> tuple[Filter, Mapping[str, Any]]:
    """The same tree with the names of parameters in the place of values, and the values by those names."""
    numbers = count()
    parameters: dict[str, Any] = {}

    def named(value: Any) -> str:
        name = f"f{next(numbers)}"
        parameters[name] = value
        return name

    return _shape(filter, named), parameters


def _shape(part: Filter, named: Callable[[Any], str]) -> Filter:
    match part:
        case All(parts):
            return All(tuple(_shape(one, named) for one in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_shape(one, named) for one in parts))
        case Not(inner):
            return Not(_shape(inner, named))
        case TookPart(_, ids):
            return replace(part, ids=named(ids))
        case AttributeIs(key, _, _, value):
            return replace(part, key=named(key), value=None if value is None else named(value))
        case Where(_, _, value):
            return part if value is None else replace(part, value=named(value))
