"""Breadth: how many rows an operation may ask for, counted from its sizes of page before anything is read."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)

from profiles.errors import LimitExceeded

SIZES = ("first", "ids")
LARGEST_PAGE = 100
"""What a larger `first` or longer `ids` counts: it is refused where it stands."""


KEPT_COUNTS = 64
"""For so many combinations of sizes each document keeps its count."""

_ABSENT = -1
Sizes = tuple[int, ...]


class Breadth:
    """How many rows the operations of one document may ask for, counted once for the same sizes of page.

    A page counts its `first`, or its number of `ids`, times those around it; a list without pages counts one.
    """

    def __init__(self) -> None:
        self._sizes: dict[str | None, tuple[str, ...]] = {}
        self._counts: dict[tuple[str | None, Sizes], int] = {}

    def check(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
        most: int,
    ) -> int:
        """How many rows the pages that the operation nests could hold. Raises LimitExceeded for more than `most`."""
        rows = self._rows(schema, document, operation, variables or {})
        if rows > most:
            raise LimitExceeded(
                f"An operation may ask for {most} rows, the sizes of nested pages multiplied; this one asks for more."
            )
        return rows

    def _rows(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> int:
        name = operation.name.value if operation.name else None
        if name in self._sizes:
            sizes = tuple(_size(variables[each]) if each in variables else _ABSENT for each in self._sizes[name])
            if (known := self._counts.get((name, sizes))) is not None:
                return known
        counting = _Counting(schema, document, operation, variables)
        rows = counting.rows(operation.selection_set, schema.get_root_type(operation.operation))
        names = self._sizes[name] = tuple(sorted(counting.used))
        if len(self._counts) >= KEPT_COUNTS:
            self._counts.clear()
        self._counts[name, tuple(_size(variables[each]) if each in variables else _ABSENT for each in names)] = rows
        return rows


def _size(said: Any) -> int:
    """What a size counts: what is no size is refused where it stands, and counts a full page until then."""
    if isinstance(said, list):
        said = len(said)
    return min(max(said, 0), LARGEST_PAGE) if isinstance(said, int) else LARGEST_PAGE


class _Counting:
    """Counts each fragment once, however often it is spread."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
        self._variables = variables
        self._counted: dict[str, int] = {}
        self.used: set[str] = set()
        """The variables that sizes came from: always the same, since every field is looked at."""

    def rows(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> int:
        """The rows that one value of the parent type brings with it."""
        return sum(self._each(selections, parent))

    def _each(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Iterator[int]:
        fields = getattr(parent, "fields", {})
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                yield self._of_fragment(selection.name.value)
            elif isinstance(selection, FieldNode):
                if selection.selection_set is not None and (field := fields.get(selection.name.value)):
                    yield self._of_field(selection, field)
            else:
                condition = selection.type_condition  # type: ignore[attr-defined]  # an inline fragment
                type = self._schema.get_type(condition.name.value) if condition else parent
                yield self.rows(selection.selection_set, type)  # type: ignore[attr-defined]  # as above

    def _of_field(self, node: FieldNode, field: GraphQLField) -> int:
        type = get_named_type(field.type)
        inner = self.rows(node.selection_set, type)
        size = next((name for name in SIZES if name in field.args), None)
        if size is not None:
            return self._size(node, size, field) * (1 + inner)
        is_list = isinstance(get_nullable_type(field.type), GraphQLList) and is_composite_type(type)
        return inner + (is_list and node.name.value not in ("nodes", "edges"))

    def _of_fragment(self, name: str) -> int:
        if name not in self._counted:
            fragment = self._fragments[name]
            type = self._schema.get_type(fragment.type_condition.name.value)
            self._counted[name] = self.rows(fragment.selection_set, type)
        return self._counted[name]

    def _size(self, node: FieldNode, name: str, field: GraphQLField) -> int:
        value = next((each.value for each in node.arguments or () if each.name.value == name), None)
        return _size(field.args[name].default_value if value is None else self._said(value))

    def _said(self, value: ValueNode | None) -> Any:
        if isinstance(value, VariableNode):
            name = value.name.value
            self.used.add(name)
            return self._variables[name] if name in self._variables else self._said(self._defaults.get(name))
        if isinstance(value, IntValueNode):
            return int(value.value)
        return list(value.values) if isinstance(value, ListValueNode) else None
