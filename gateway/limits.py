"""Limits on what a document may ask: measured in one pass over its syntax, before anything costlier looks at it."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
)

from profiles.errors import LimitExceeded

INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may ask. Depths count nested fields, fragments expanded; so do aliases and
    `introspections`, the number of `__schema` and `__type`. `repeats` is how often one selection may name the same
    field: comparing the repetitions costs the square of their number. `rows` is what nested pages may hold together,
    `digits` how long a number may be."""

    depth: int = 12
    introspection_depth: int = 20
    aliases: int = 30
    directives: int = 50
    tokens: int = 2_000
    repeats: int = 20
    introspections: int = 5
    rows: int = 10_000
    digits: int = 40


class Measure(NamedTuple):
    """What a selection amounts to with its fragments expanded."""

    depth: int
    introspection_depth: int
    aliases: int
    introspections: int


NOTHING = Measure(0, 0, 0, 0)


def check_limits(document: DocumentNode, limits: Limits) -> None:
    """Raises LimitExceeded for the first limit that the document breaks."""
    _check_numbers(document, limits.digits)
    directives = _Directives().counted(document)
    if directives > limits.directives:
        raise LimitExceeded(f"A document may have {limits.directives} directives; this one has {directives}.")
    measuring = _Measuring(document, limits.repeats)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            measure = measuring.of(definition.selection_set)
            if measure.aliases > limits.aliases:
                raise LimitExceeded(
                    f"A document may have {limits.aliases} aliases, fragments expanded; this one has more."
                )
            if measure.depth > limits.depth:
                raise LimitExceeded(f"Fields may be nested {limits.depth} deep; these are nested deeper.")
            if measure.introspection_depth > limits.introspection_depth:
                raise LimitExceeded(
                    f"Introspection may be nested {limits.introspection_depth} deep; this one is nested deeper."
                )
            if measure.introspections > limits.introspections:
                raise LimitExceeded(f"A document may ask for the schema {limits.introspections} times.")


def reads_schema(document: DocumentNode) -> bool:
    """Whether a document asks for the schema itself, at the top or in any fragment."""
    measuring = _Measuring(document)
    return any(
        measuring.of(definition.selection_set).introspection_depth > 0
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )


def _check_numbers(document: DocumentNode, digits: int) -> None:
    # Python refuses to read a number of thousands of digits, in words of its own.
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.kind in (TokenKind.INT, TokenKind.FLOAT) and token.end - token.start > digits:
            raise LimitExceeded(f"A number may have {digits} digits.")
        token = token.next


class _Measuring:
    """Measures each fragment once, however often it is spread, so that a fragment bomb costs no more than its text."""

    def __init__(self, document: DocumentNode, repeats: int | None = None) -> None:
        self._repeats = repeats
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}

    def of(self, selections: SelectionSetNode | None, names: Counter[str] | None = None) -> Measure:
        depth = introspection = aliases = introspections = 0
        names = Counter() if names is None else names
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                self._count(names, selection.alias.value if selection.alias else selection.name.value)
                inner = self.of(selection.selection_set)
                aliases += inner.aliases + (selection.alias is not None)
                introspections += inner.introspections + (selection.name.value in INTROSPECTION)
                if selection.name.value in INTROSPECTION:
                    introspection = max(introspection, 1 + max(inner.depth, inner.introspection_depth))
                else:
                    depth = max(depth, 1 + inner.depth)
                    introspection = max(introspection, inner.introspection_depth)
                continue
            inner = (
                self._fragment(selection.name.value)
                if isinstance(selection, FragmentSpreadNode)
                else self.of(selection.selection_set, names)  # type: ignore[attr-defined]  # an inline fragment
            )
            aliases += inner.aliases
            introspections += inner.introspections
            depth = max(depth, inner.depth)
            introspection = max(introspection, inner.introspection_depth)
        return Measure(depth, introspection, aliases, introspections)

    def _count(self, names: Counter[str], name: str) -> None:
        names[name] += 1
        if self._repeats is not None and names[name] > self._repeats:
            raise LimitExceeded(f"A selection may name the same field {self._repeats} times.")

    def _fragment(self, name: str) -> Measure:
        measured = self._measured.get(name)
        if measured is None:
            # An unknown fragment and a circle count nothing here: validation refuses both.
            self._measured[name] = NOTHING
            fragment = self._fragments.get(name)
            measured = self.of(fragment.selection_set) if fragment else NOTHING
            self._measured[name] = measured
        return measured


class _Directives:
    """Counts directives wherever they may stand."""

    def counted(self, document: DocumentNode) -> int:
        count = 0
        for definition in document.definitions:
            count += len(getattr(definition, "directives", None) or ())
            for variable in getattr(definition, "variable_definitions", None) or ():
                count += len(variable.directives or ())
            count += self._in(getattr(definition, "selection_set", None))
        return count

    def _in(self, selections: SelectionSetNode | None) -> int:
        count = 0
        for selection in selections.selections if selections else ():
            count += len(selection.directives or ())
            count += self._in(getattr(selection, "selection_set", None))
        return count
