"""The filter of a list of customers, read at the door: each field checked, and the right to it, into conditions."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from profiles.account import Account
from profiles.errors import BadRequest, LimitExceeded
from profiles.finding.attributes import attribute_conditions
from profiles.finding.fields import FIELDS, Beside, Kind, needed_scope
from profiles.finding.relations import Relation
from profiles.finding.tree import (
    EVERYBODY,
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_VALUES,
    NOBODY,
    RELATED_CONDITION,
    All,
    AnyOf,
    Filter,
    Not,
    Operator,
    PartIn,
    TookPart,
    Where,
)
from profiles.finding.wanted import (
    greatest_milli,
    greatest_minor,
    last_order_field,
    least_milli,
    least_minor,
    of_kind,
    of_stages,
    presence,
    reachable_by,
    text_condition,
)
from profiles.rfm import SEGMENTS
from profiles.text import is_storable
from profiles.viewer import Viewer
from resolvers.context import Context
from resolvers.ids import as_numbers, decode, malformed, number
from resolvers.types.filter import AttributeFilter, CustomerFilter, ParticipationFilter, TextFilter

Path = tuple[str, ...]
_NESTING = ("and_", "or_", "not_")
_IN_INPUT = re.compile(r"_(.)")


def read_filter(filter: CustomerFilter | None, context: Context, path: Path = ("filter",)) -> Filter:
    """The conditions of a filter. Raises BadRequest, LimitExceeded, Forbidden, each with the path of the input."""
    return EVERYBODY if filter is None else _Reader(context).tree(filter, path, 1)


def checked_text(text: str, path: Path) -> str:
    """The text, if a column could hold it. Raises BadRequest."""
    if not is_storable(text):
        raise BadRequest("This text holds a character that cannot be stored.", path)
    return text


def _camel(name: str) -> str:
    return _IN_INPUT.sub(lambda match: match[1].upper(), name.rstrip("_"))


@dataclass(slots=True)
class _Reader:
    context: Context

    @property
    def viewer(self) -> Viewer:
        return self.context.viewer

    @property
    def account(self) -> Account:
        return self.context.account

    def tree(self, filter: CustomerFilter, path: Path, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"A filter nests at most {MAX_DEPTH} deep.", path)
        self._count(1, path)
        parts: list[Filter] = []
        for name in _given(filter):
            value, at = getattr(filter, name), (*path, _camel(name))
            if name == "not_":
                parts.append(Not(self.tree(value, at, depth + 1)))
            elif name in _NESTING:
                inner = [self.tree(one, (*at, str(n)), depth + 1) for n, one in enumerate(self._some(value, at))]
                # An empty list matches nothing (ruling 30), an empty `and` too.
                parts.append(AnyOf(tuple(inner)) if name == "or_" or not inner else All(tuple(inner)))
            else:
                self.viewer.require(needed_scope(name), f"Filtering by {_camel(name)}", at)
                self._count(_weight(name), at)
                parts.append(self.field(name, value, at))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def field(self, name: str, value: Any, path: Path) -> Filter:
        match name:
            case "kind":
                return of_kind(value)
            case "reachable_by":
                self._count(RELATED_CONDITION * len(self._some(value, path)), path)
                return AnyOf(tuple(reachable_by(channel, self.account) for channel in value))
            case "lifecycle_stage":
                return of_stages(self._each(value, path, _named))
            case "rfm_segment":
                return Where(name, Operator.AMONG, self._each(value, path, _rfm_segment))
            case "attributes":
                return self._attributes(value, path)
            case "mailing":
                return self._took_part(PartIn.MAILINGS, "Mailing", value, path)
            case "poll":
                return self._took_part(PartIn.POLLS, "Poll", value, path)
            case "promo_code_origin_ids":
                return self._origins(value, path)
            case "subscribed_category_ids":
                return Where(name, Operator.AMONG, self._each(value, path, self._category))
            case "last_order_value":
                name = last_order_field(self.account)
        field = FIELDS[name]
        match field.kind:
            case Kind.TEXT | Kind.EMAIL | Kind.PHONE:
                return self._text(name, value, path)
            case Kind.MONEY:
                currency = self.account.currency
                return _between(
                    name, value, path, lambda at: least_minor(at, currency), lambda at: greatest_minor(at, currency)
                )
            case Kind.MILLI:
                return _between(name, value, path, least_milli, greatest_milli)
            case Kind.INSTANT:
                return _between(name, value, path, upper=Operator.BEFORE)
            case Kind.COUNT | Kind.RATIO | Kind.DAY:
                return _between(name, value, path)
            case Kind.IDS:
                node = field.node or ""
                ids = self._each(value, path, lambda id, at: number(id, node, at))
                return Where(name, Operator.AMONG, ids)
            case Kind.FLAG:
                return presence(name, not value)
            case Kind.CHOICE | Kind.NAMES:
                return Where(name, Operator.AMONG, self._each(value, path, _named))

    def _text(self, name: str, wanted: TextFilter, path: Path) -> Filter:
        parts: list[Filter] = []
        for how in _given(wanted):
            value, at = getattr(wanted, how), (*path, _camel(how))
            if how == "is_missing":
                parts.append(presence(name, value))
                continue
            if len(value) > MAX_VALUES:
                raise LimitExceeded(f"A text has at most {MAX_VALUES} characters here.", at)
            parts.append(text_condition(name, how, checked_text(value, at), self.account))
        return All(tuple(parts))

    def _attributes(self, wanted: list[AttributeFilter], path: Path) -> Filter:
        if not wanted:
            return NOBODY
        parts: list[Filter] = []
        for position, one in enumerate(self._some(wanted, path)):
            at = (*path, str(position))
            for name in _given(one):
                value = getattr(one, name)
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str):
                        checked_text(text, (*at, _camel(name)))
            said = {_camel(name): getattr(one, name) for name in _given(one) if name != "key"}
            if one.in_ is not None:
                self._some(one.in_, (*at, "in"))
            self._count(RELATED_CONDITION, at)
            parts.append(attribute_conditions(one.key, said, self.viewer, self.account, at))
        return All(tuple(parts))

    def _took_part(self, kind: PartIn, node: str, wanted: ParticipationFilter, path: Path) -> Filter:
        ids = self._each(wanted.ids, (*path, "ids"), lambda id, at: number(id, node, at))
        return TookPart(kind, ids, wanted.participated, wanted.is_control_group) if ids else NOBODY

    def _origins(self, wanted: list[str], path: Path) -> Filter:
        found: dict[str, list[int]] = {"Mailing": [], "Campaign": []}
        for position, id in enumerate(self._some(wanted, path)):
            decoded = decode(id, (*path, str(position)))
            if decoded.type not in found:
                raise BadRequest("This is neither the id of a Mailing nor of a Campaign.", (*path, str(position)))
            found[decoded.type] += as_numbers(decoded, 1, (*path, str(position)))
        return AnyOf(
            (
                Where("codes_of_mailings", Operator.AMONG, tuple(found["Mailing"])),
                Where("codes_of_campaigns", Operator.AMONG, tuple(found["Campaign"])),
            )
        )

    def _category(self, id: str, path: Path) -> str:
        decoded = decode(id, path)
        if decoded.type != "SubscriptionCategory" or len(decoded.key) != 1:
            raise malformed(path)
        return checked_text(decoded.key[0], path)

    def _each(self, values: list[Any], path: Path, read: Callable[[Any, Path], Any]) -> tuple[Any, ...]:
        return tuple(read(value, (*path, str(n))) for n, value in enumerate(self._some(values, path)))

    @staticmethod
    def _some(values: list[Any], path: Path) -> list[Any]:
        if len(values) > MAX_VALUES:
            raise LimitExceeded(f"A list in a filter holds at most {MAX_VALUES} values.", path)
        return values

    def _count(self, conditions: int, path: Path) -> None:
        self.context.filter_conditions += conditions
        if self.context.filter_conditions > MAX_CONDITIONS:
            raise LimitExceeded(
                f"The filters of one operation hold at most {MAX_CONDITIONS} conditions; each nested filter is one, "
                f"and one that looks beyond the customer's own row and metrics counts as {RELATED_CONDITION}.",
                path,
            )


def _weight(name: str) -> int:
    """What a field counts as; each attribute counts by itself."""
    if name == "attributes":
        return 0
    is_own = name == "kind" or (name in FIELDS and not isinstance(FIELDS[name].source, Beside | Relation))
    return 1 if is_own else RELATED_CONDITION


def _given(input: Any) -> Iterable[str]:
    """The fields of an input that say something; null does not filter."""
    return [field.name for field in fields(input) if getattr(input, field.name) is not None]


def _named(value: Any, path: Path) -> str:
    return value.value if isinstance(value, StrEnum) else checked_text(value, path)


def _rfm_segment(value: str, path: Path) -> str:
    if value not in SEGMENTS:
        raise BadRequest("There is no such RFM segment; `Account.rfmSegments` lists them.", path)
    return value


def _as_it_is(value: Any) -> Any:
    return value


def _between(
    name: str,
    wanted: Any,
    path: Path,
    least: Callable[[Any], Any] = _as_it_is,
    greatest: Callable[[Any], Any] = _as_it_is,
    upper: Operator = Operator.AT_MOST,
) -> Filter:
    start, end = wanted.from_, wanted.to
    if start is not None and end is not None and start > end:
        raise BadRequest("`from` is after `to`.", path)
    parts: list[Filter] = []
    if start is not None:
        parts.append(Where(name, Operator.AT_LEAST, least(start)))
    if end is not None:
        parts.append(Where(name, upper, greatest(end)))
    return All(tuple(parts))
