"""Limits on what a document may ask: measured in one pass over its syntax, before anything costlier looks at it."""

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


def check_limits(document: DocumentNode, limits: Limits) -> bool:
    """Whether a document asks for the schema itself, at the top or in any fragment. Raises LimitExceeded for the first
    limit that it breaks."""
    _check_tokens(document, limits)
    measuring = _Measuring(document, limits.repeats)
    reads_schema = False
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            measure = measuring.of(definition.selection_set)
            reads_schema = reads_schema or measure.introspection_depth > 0
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
    return reads_schema


def _check_tokens(document: DocumentNode, limits: Limits) -> None:
    token = document.loc.start_token if document.loc else None
    directives = 0
    while token is not None:
        kind = token.kind
        if kind is TokenKind.AT:
            directives += 1
        elif (kind is TokenKind.INT or kind is TokenKind.FLOAT) and token.end - token.start > limits.digits:
            # Python refuses to read a number of thousands of digits, in words of its own.
            raise LimitExceeded(f"A number may have {limits.digits} digits.")
        token = token.next
    if directives > limits.directives:
        raise LimitExceeded(f"A document may have {limits.directives} directives; this one has {directives}.")


class _Measuring:
    """Measures each fragment once, however often it is spread, so that a fragment bomb costs no more than its text."""

    def __init__(self, document: DocumentNode, repeats: int) -> None:
        self._repeats = repeats
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}

    def of(self, selections: SelectionSetNode, names: dict[str, int] | None = None) -> Measure:
        depth = introspection = aliases = introspections = 0
        names = {} if names is None else names
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                name = selection.name.value
                self._count(names, selection.alias.value if selection.alias else name)
                inner = self.of(selection.selection_set) if selection.selection_set else NOTHING
                aliases += selection.alias is not None
                if name in INTROSPECTION:
                    introspections += 1
                    inner = inner._replace(depth=0, introspection_depth=1 + max(inner.depth, inner.introspection_depth))
                elif inner is NOTHING:
                    depth = depth or 1
                    continue
                else:
                    depth = max(depth, 1 + inner.depth)
            elif isinstance(selection, FragmentSpreadNode):
                inner = self._fragment(selection.name.value)
                depth = max(depth, inner.depth)
            else:
                inner = self.of(selection.selection_set, names)  # type: ignore[attr-defined]  # an inline fragment
                depth = max(depth, inner.depth)
            aliases += inner.aliases
            introspections += inner.introspections
            introspection = max(introspection, inner.introspection_depth)
        return Measure(depth, introspection, aliases, introspections)

    def _count(self, names: dict[str, int], name: str) -> None:
        names[name] = count = names.get(name, 0) + 1
        if count > self._repeats:
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
