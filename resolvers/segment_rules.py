"""Rules of segments as the account's file says them: filters as tables, read as those of the API are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from graphql.utilities import coerce_input_value, validate_input_value
from strawberry import Schema
from strawberry.types.arguments import convert_argument

from profiles.account import Account, SegmentDefinition
from profiles.errors import ProfileError, SettingsError
from profiles.finding.fields import FIELDS, Kind
from profiles.finding.tree import All, AnyOf, Filter, Not, Operator, Where
from profiles.segment_rules import SegmentRule
from profiles.viewer import SYSTEM, Viewer
from resolvers.filters import read_filter
from resolvers.types.filter import CustomerFilter

Table = Mapping[str, Any]
FROM, TO = "fromDaysAgo", "toDaysAgo"
"""Beside `from` and `to`: an instant so many days before the moment at which a customer is judged."""
MOST_DAYS = 36_500


@dataclass(slots=True)
class _Reading:
    """What reading a filter needs: the rule is the account's own, so it may look at everything."""

    account: Account
    viewer: Viewer = SYSTEM
    filter_conditions: int = 0


def segment_rules(account: Account, schema: Schema) -> tuple[SegmentRule, ...]:
    """The rules of the account's file. Raises SettingsError that names the segment and the place in its filter."""
    return tuple(_rule(definition, account, schema) for definition in account.segments)


def _rule(definition: SegmentDefinition, account: Account, schema: Schema) -> SegmentRule:
    reader = _Reader(schema, _Reading(account))
    try:
        filter = reader.tree(definition.filter, ())
    except _Wrong as wrong:
        at = ".".join(("filter", *wrong.path))
        raise SettingsError(
            f"The segment {definition.key!r} of the account file is wrong at {at}: {wrong.why}"
        ) from wrong
    return SegmentRule(definition.key, definition.name, definition.description, filter)


class _Wrong(Exception):
    """What is wrong with a table, and where."""

    def __init__(self, path: tuple[str, ...], why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why.rstrip(".") + "."


@dataclass(frozen=True, slots=True)
class _Reader:
    schema: Schema
    reading: _Reading

    def tree(self, table: Table, path: tuple[str, ...]) -> Filter:
        parts: list[Filter] = []
        rest: dict[str, Any] = {}
        for key, value in table.items():
            at = (*path, key)
            if key == "segmentIds":
                raise _Wrong(at, "a segment's rule cannot look at segments")
            if key in ("and", "or"):
                inner = tuple(self.tree(one, (*at, str(place))) for place, one in enumerate(_tables(value, at)))
                parts.append(All(inner) if key == "and" and inner else AnyOf(inner))
            elif key == "not":
                parts.append(Not(self.tree(_tables([value], at)[0], at)))
            elif isinstance(value, Mapping) and not value.keys().isdisjoint((FROM, TO)):
                parts += _ago(key, value, at)
                if absolute := {name: bound for name, bound in value.items() if name not in (FROM, TO)}:
                    rest[key] = absolute
            else:
                rest[key] = value
        if rest or not parts:
            parts.append(self._read(rest, path))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _read(self, table: Table, path: tuple[str, ...]) -> Filter:
        core: Any = self.schema._schema.get_type("CustomerFilter")
        given = _plain(table)

        def refuse(error: GraphQLError, at: Sequence[str | int]) -> None:
            raise _Wrong((*path, *map(str, at)), error.message)

        validate_input_value(given, core, refuse)
        coerced = coerce_input_value(given, core)
        registry, config = self.schema.schema_converter.scalar_registry, self.schema.config
        asked = convert_argument(coerced, CustomerFilter, scalar_registry=registry, config=config)
        try:
            return read_filter(asked, self.reading, path)  # type: ignore[arg-type]  # as much of a context as it needs
        except ProfileError as error:
            raise _Wrong(tuple(error.field or path), error.message) from error


def _tables(value: Any, at: tuple[str, ...]) -> list[Table]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise _Wrong(at, "here stands a filter, or a list of filters")
    return value


def _ago(key: str, said: Table, at: tuple[str, ...]) -> list[Filter]:
    field = FIELDS.get(_snake(key))
    if field is None or field.kind is not Kind.INSTANT:
        raise _Wrong(at, "only instants can be said to be days ago")
    parts: list[Filter] = []
    for name, operator in ((FROM, Operator.AT_LEAST), (TO, Operator.BEFORE)):
        days = said.get(name)
        if days is None:
            continue
        if type(days) is not int or not 0 <= days <= MOST_DAYS:
            raise _Wrong((*at, name), f"a number of days is whole, from 0 to {MOST_DAYS:,}")
        parts.append(Where(_snake(key), operator, timedelta(days=days)))
    return parts


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z0-9])", "_", name).lower()


def _plain(value: Any) -> Any:
    """As JSON would have it: TOML has dates and times of its own, and the scalars of the API read texts."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
