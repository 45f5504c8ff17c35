"""Validity: usual documents are proven valid in one pass; whatever is in doubt is judged by graphql-core's own rules.

The rules are thirty visitors, and cost more than all else that is done with a new document. Here nothing is refused: a
proof fails as soon as something is unusual, and then the rules decide and find the errors, in their own words.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    do_types_overlap,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_equal_type,
    is_input_type,
    is_leaf_type,
    is_required_argument,
    specified_rules,
    type_from_ast,
    validate_input_literal,
)
from graphql.validation.rules.variables_in_allowed_position import allowed_variable_usage

from gateway.limits import INTROSPECTION

COVERED = {
    "ExecutableDefinitionsRule", "KnownOperationTypesRule", "UniqueOperationNamesRule", "LoneAnonymousOperationRule",
    "SingleFieldSubscriptionsRule", "KnownTypeNamesRule", "FragmentsOnCompositeTypesRule",
    "VariablesAreInputTypesRule", "ScalarLeafsRule", "FieldsOnCorrectTypeRule", "UniqueFragmentNamesRule",
    "KnownFragmentNamesRule", "NoUnusedFragmentsRule", "PossibleFragmentSpreadsRule", "NoFragmentCyclesRule",
    "UniqueVariableNamesRule", "NoUndefinedVariablesRule", "NoUnusedVariablesRule", "KnownDirectivesRule",
    "UniqueDirectivesPerLocationRule", "DeferStreamDirectiveOnRootField", "DeferStreamDirectiveOnValidOperationsRule",
    "DeferStreamDirectiveLabel", "StreamDirectiveOnListField", "KnownArgumentNamesRule", "UniqueArgumentNamesRule",
    "ValuesOfCorrectTypeRule", "ProvidedRequiredArgumentsRule", "VariablesInAllowedPositionRule",
    "OverlappingFieldsCanBeMergedRule", "UniqueInputFieldNamesRule", "MaxIntrospectionDepthRule",
}  # fmt: skip
"""The rules of graphql-core that a proof stands for, and Strawberry's two for `Maybe` and @oneOf."""

IS_USABLE = {rule.__name__ for rule in specified_rules} <= COVERED
"""With a rule that came later nothing is proven."""

MOST_PARTS = 100
"""Selections and spreads together; beyond, they may nest or be compared so often that the rules give up: an error."""
MOST_REPEATS = 100
"""The same for fields that stand beside their like."""


class _Doubt(Exception):
    """The document may be valid or not."""


class _Leaf(NamedTuple):
    """A field without arguments and selections, so that it may stand beside its like."""

    name: str
    field: GraphQLField


_Level = dict[str, _Leaf | None]
"""The response names of one level, fragments expanded; None where nothing else may have the name."""


def is_proven_valid(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether a document is certainly valid: if so the rules find no error. False says nothing."""
    if not IS_USABLE:
        return False
    try:
        _Proof(schema, document).run()
    except (_Doubt, RecursionError):
        return False
    return True


def _require(is_sure: Any) -> None:
    if not is_sure:
        raise _Doubt


class _Proof:
    """A document with one operation that is no subscription, and the fragments that it uses, each looked at once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
        _require(len(operations) == 1 and len(fragments) == len(document.definitions) - 1)
        self._schema = schema
        self._operation = operations[0]
        self._variables = {each.variable.name.value: each for each in self._operation.variable_definitions or ()}
        self._types = {name: type_from_ast(schema, each.type) for name, each in self._variables.items()}
        self._unused = set(self._variables)
        self._fragments = {each.name.value: each for each in fragments}
        _require(len(self._fragments) == len(fragments))
        self._levels: dict[str, _Level | None] = {}
        self._parts = self._repeats = 0

    def run(self) -> None:
        """Returns where the document is valid. Raises _Doubt."""
        operation = self._operation
        root = self._schema.get_root_type(operation.operation)
        _require(root is not None and operation.operation is not OperationType.SUBSCRIPTION)
        _require(not operation.directives)
        self._declare()
        self._collect(operation.selection_set, cast(GraphQLCompositeType, root), {})
        _require(not self._unused and len(self._levels) == len(self._fragments))

    def _declare(self) -> None:
        _require(len(self._variables) == len(self._operation.variable_definitions or ()))
        for name, definition in self._variables.items():
            type = self._types[name]
            _require(is_input_type(type) and not definition.directives)
            if definition.default_value is not None:
                self._value(definition.default_value, cast(GraphQLInputType, type), Undefined)

    def _collect(self, selections: SelectionSetNode, parent: GraphQLCompositeType, level: _Level) -> None:
        """Adds the response names of a selection to those of its level."""
        self._count_part()
        for selection in selections.selections:
            if selection.directives:
                self._directives(selection.directives)
            if isinstance(selection, FieldNode):
                name = selection.alias.value if selection.alias else selection.name.value
                self._add(level, name, self._field(selection, parent))
                continue
            if isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                type = self._composite(condition.name.value) if condition else parent
                self._collect(selection.selection_set, type, level)
            else:
                type = self._spread(cast(FragmentSpreadNode, selection), level)
            _require(type is parent or do_types_overlap(self._schema, type, parent))

    def _spread(self, spread: FragmentSpreadNode, level: _Level) -> GraphQLCompositeType:
        fragment = self._fragments.get(spread.name.value)
        if fragment is None or fragment.directives or fragment.variable_definitions or spread.arguments:
            raise _Doubt
        self._count_part()
        name, type = spread.name.value, self._composite(fragment.type_condition.name.value)
        if name not in self._levels:
            # Nothing is known of a fragment while it is looked at: to meet it within itself is a circle.
            self._levels[name] = None
            inner: _Level = {}
            self._collect(fragment.selection_set, type, inner)
            self._levels[name] = inner
        known = self._levels[name]
        if known is None:
            raise _Doubt
        for response_name, leaf in known.items():
            self._add(level, response_name, leaf)
        return type

    def _field(self, node: FieldNode, parent: GraphQLCompositeType) -> _Leaf | None:
        name = node.name.value
        field = self._schema.get_field(parent, name)
        if field is None or name in INTROSPECTION:
            raise _Doubt
        if node.arguments or field.args:
            self._arguments(node.arguments or (), field.args)
        type = get_named_type(field.type)
        if node.selection_set is None:
            _require(is_leaf_type(type))
            return None if node.arguments else _Leaf(name, field)
        _require(is_composite_type(type))
        self._collect(node.selection_set, cast(GraphQLCompositeType, type), {})
        return None

    def _add(self, level: _Level, name: str, leaf: _Leaf | None) -> None:
        if name not in level:
            level[name] = leaf
            return
        self._repeats += 1
        earlier = level[name]
        if self._repeats > MOST_REPEATS or leaf is None or earlier is None or leaf.name != earlier.name:
            raise _Doubt
        _require(leaf.field is earlier.field or is_equal_type(leaf.field.type, earlier.field.type))

    def _directives(self, nodes: Sequence[DirectiveNode]) -> None:
        """Those of a field, a spread or an inline fragment."""
        _require(len({node.name.value for node in nodes}) == len(nodes))
        for node in nodes:
            directive = self._schema.get_directive(node.name.value)
            if directive is not GraphQLSkipDirective and directive is not GraphQLIncludeDirective:
                raise _Doubt
            self._arguments(node.arguments or (), directive.args)

    def _arguments(self, nodes: Sequence[ArgumentNode], known: dict[str, GraphQLArgument]) -> None:
        given = {node.name.value: node.value for node in nodes}
        _require(len(given) == len(nodes) and given.keys() <= known.keys())
        for name, argument in known.items():
            if name in given:
                self._value(given[name], argument.type, _default(argument))
            else:
                _require(not is_required_argument(argument))

    def _value(self, value: ValueNode, type: GraphQLInputType, default: Any) -> None:
        self._usages(value, type, default)
        if not isinstance(value, VariableNode):
            validate_input_literal(value, type, _doubt)

    def _usages(self, value: ValueNode, type: GraphQLInputType, default: Any) -> None:
        """What a literal's types do not say: its variables, names that come twice, and what Strawberry adds."""
        if isinstance(value, VariableNode):
            name = value.name.value
            definition, said = self._variables.get(name), self._types.get(name)
            if definition is None or said is None:
                raise _Doubt
            _require(allowed_variable_usage(self._schema, said, definition.default_value, type, default))
            self._unused.discard(name)
        elif isinstance(value, NullValueNode):
            raise _Doubt
        elif isinstance(value, ListValueNode):
            listed = get_nullable_type(type)
            if not isinstance(listed, GraphQLList):
                raise _Doubt
            for each in value.values:
                self._usages(each, listed.of_type, Undefined)
        elif isinstance(value, ObjectValueNode):
            self._object(value, get_named_type(type))

    def _object(self, value: ObjectValueNode, type: Any) -> None:
        given = {field.name.value: field.value for field in value.fields}
        if not isinstance(type, GraphQLInputObjectType) or len(given) != len(value.fields):
            raise _Doubt
        is_one_of = _is_one_of(type)
        _require(len(given) == 1 or not is_one_of)
        for name, each in given.items():
            field = type.fields.get(name)
            if field is None:
                raise _Doubt
            self._usages(each, field.type, _default(field))
            if is_one_of and isinstance(each, VariableNode):
                _require(isinstance(self._types[each.name.value], GraphQLNonNull))

    def _count_part(self) -> None:
        self._parts += 1
        _require(self._parts <= MOST_PARTS)

    def _composite(self, name: str) -> GraphQLCompositeType:
        type = self._schema.get_type(name)
        _require(is_composite_type(type))
        return cast(GraphQLCompositeType, type)


def _is_one_of(type: GraphQLInputObjectType) -> bool:
    # Strawberry says it in its own way, and only there.
    return type.is_one_of or getattr(type.extensions.get("strawberry-definition"), "is_one_of", False)


def _default(position: GraphQLArgument | GraphQLInputField) -> Any:
    return position.default if position.default is not None else position.default_value


def _doubt(_error: Any, _path: Any) -> None:
    raise _Doubt
