"""Selection: which fields an operation names, for those who must know what was read."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)


def fields_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> frozenset[str]:
    """Every field that a valid operation names, as `Type.field`, fragments included; `@skip` is not looked at."""
    naming = _Naming(schema, document)
    return frozenset(naming.named(operation.selection_set, schema.get_root_type(operation.operation)))


class _Naming:
    """Walks through each fragment once, however often it is spread."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._left = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def named(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Iterator[str]:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                field = getattr(parent, "fields", {}).get(selection.name.value)
                if parent is not None and field is not None:
                    yield f"{parent.name}.{selection.name.value}"
                    yield from self.named(selection.selection_set, get_named_type(field.type))
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._left.pop(selection.name.value, None)
                if fragment is not None:
                    type = self._schema.get_type(fragment.type_condition.name.value)
                    yield from self.named(fragment.selection_set, type)
            else:
                condition = selection.type_condition  # type: ignore[attr-defined]  # an inline fragment
                type = self._schema.get_type(condition.name.value) if condition else parent
                yield from self.named(selection.selection_set, type)  # type: ignore[attr-defined]  # as above
