"""How each field of an operation is resolved: an attribute, a known resolver called directly, or graphql-core's way."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from types import CodeType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    VariableNode,
    get_named_type,
    is_specified_scalar_type,
    visit,
)
from graphql.execution.values import get_argument_values
from graphql.language import Visitor
from graphql.pyutils import Undefined

from executor.inputs import converter as converter_of
from executor.values import is_unchangeable

DECLARED = "strawberry-definition"
"""Under this name a Strawberry schema keeps its own declaration with each field."""


class Way(Enum):
    """How a value comes out of its parent."""

    ATTRIBUTE = auto()
    """`parent.name`, nothing else."""
    FUNCTION = auto()
    """A resolver function of which all parameters are known."""
    PLANNED = auto()
    """A resolver in two steps, of which the first is made once a run."""
    METHOD = auto()
    """A Strawberry field with a `get_result` of its own."""
    CORE = auto()
    """`resolve(parent, info, **arguments)`, as graphql-core calls it."""


@dataclass(slots=True, eq=False)
class CompiledField:
    """One field of one selection, as far as it is the same for every parent and every run."""

    number: int
    key: str
    name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    nodes: list[FieldNode]
    way: Way = Way.CORE
    declared: Any = None
    info_class: type | None = None
    attribute: str = ""
    function: Any = None
    self_first: bool = False
    parent_names: tuple[str, ...] = ()
    info_name: str | None = None
    converter: Any = None
    convert: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """`converter` for these arguments, where they are usual ones."""
    is_placeless: bool = False
    plan: Callable[..., Callable[[Any], Any]] | None = None
    can_need_place: bool = False
    """Whether a planned resolver can give PLACED."""
    admits: Callable[[Any, str], bool] | None = None
    constant: dict[str, Any] | None = None
    is_fixed: bool | None = None

    @property
    def has_arguments(self) -> bool:
        """Whether anything is passed on beside the parent and the info."""
        return bool(self.definition.args)

    @property
    def takes_info(self) -> bool:
        """Whether the resolver can ask where it stands."""
        if self.way is Way.PLANNED:
            return self.can_need_place
        return self.way in (Way.CORE, Way.METHOD) or (self.info_name is not None and not self.is_placeless)

    def arguments(self, run: Any) -> dict[str, Any]:
        """The keyword arguments for this run: coerced once where sharing them is safe, else for every parent anew.

        Raises what coercion raises.
        """
        if self.constant is not None:
            return self.constant
        kept: dict[str, Any] | None = run.arguments.get(self.number)
        if kept is not None:
            return kept
        executor = run.executor
        values = get_argument_values(
            self.definition, self.nodes[0], executor.variable_values, None, executor.hide_suggestions
        )
        if self.way is not Way.CORE:
            values = self._converted(values)
        if all(is_unchangeable(value) for value in values.values()):
            run.arguments[self.number] = values
            if self.is_fixed is None:
                self.is_fixed = _is_fixed(self.definition, self.nodes[0])
            if self.is_fixed:
                self.constant = values
        return values

    def _converted(self, values: dict[str, Any]) -> dict[str, Any]:
        if self.convert is not None:
            return self.convert(values)
        from strawberry.types.arguments import convert_arguments  # Strawberry is optional here

        converter = self.converter
        converted: dict[str, Any] = convert_arguments(
            values, self.declared.arguments, converter.scalar_registry, converter.config
        )
        return converted


def compiled_field(
    number: int, key: str, parent_type: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode], schema: Any
) -> CompiledField:
    """How that field is resolved."""
    made = CompiledField(number, key, nodes[0].name.value, parent_type, definition, nodes)
    declared = (definition.extensions or {}).get(DECLARED)
    strawberry_schema = getattr(schema, "_strawberry_schema", None)
    if declared is not None and strawberry_schema is not None and _is_strawberrys(definition.resolve):
        _as_declared(made, declared, strawberry_schema)
    return made


def _is_strawberrys(resolve: Any) -> bool:
    """Whether the resolver is the wrapper that Strawberry makes, and not somebody's around it."""
    code = getattr(resolve, "__code__", None)
    return isinstance(code, CodeType) and code in _wrappers()


def _wrappers() -> frozenset[CodeType]:
    global _KNOWN
    if _KNOWN is None:
        from strawberry.schema.schema_converter import GraphQLCoreConverter

        made = GraphQLCoreConverter.from_resolver.__code__
        names = ("_get_basic_result", "_resolver", "_async_resolver")
        _KNOWN = frozenset(code for code in made.co_consts if isinstance(code, CodeType) and code.co_name in names)
    return _KNOWN


_KNOWN: frozenset[CodeType] | None = None


def _as_declared(made: CompiledField, declared: Any, schema: Any) -> None:
    from strawberry.types.field import StrawberryField  # Strawberry is optional here

    from executor.admission import AdmittingField

    if declared.extensions or schema.schema_converter._get_field_exception_handlers(declared):
        return
    if any(_builds_itself(argument.type, set()) for argument in made.definition.args.values()):
        return
    made.declared = declared
    converter = schema.schema_converter
    made.converter = converter
    if declared.arguments:
        made.convert = converter_of(declared.arguments, converter.scalar_registry, converter.config)
    kind = type(declared)
    is_admitting = isinstance(declared, AdmittingField) and kind.get_result is AdmittingField.get_result
    is_stock = kind.get_result is StrawberryField.get_result
    resolver = declared.base_resolver
    if resolver is None:
        if is_stock and not declared.arguments and declared.default_resolver is getattr:
            made.way, made.attribute = Way.ATTRIBUTE, declared.python_name
        return
    if not callable(resolver.wrapped_func):
        return
    made.info_class = converter.config.info_class
    made.self_first = bool(resolver.self_parameter)
    # `root: strawberry.Parent[...]` is both.
    parents = (resolver.parent_parameter, resolver.root_parameter)
    made.parent_names = tuple(dict.fromkeys(parameter.name for parameter in parents if parameter))
    made.info_name = resolver.info_parameter.name if resolver.info_parameter else None
    if is_admitting:
        made.admits = declared.admits
    made.is_placeless = getattr(resolver.wrapped_func, "__placeless__", False)
    is_direct = is_stock or is_admitting
    made.way = Way.FUNCTION if is_direct else Way.METHOD
    made.function = resolver.wrapped_func if is_direct else declared.get_result
    planned = getattr(resolver.wrapped_func, "__plan__", None)
    if planned is not None and is_direct:
        made.way = Way.PLANNED
        made.plan, made.can_need_place = planned


def _is_fixed(definition: GraphQLField, node: FieldNode) -> bool:
    """Whether the arguments are the same in every run: no variables, and what is said is always read alike."""
    said = {argument.name.value for argument in node.arguments or ()}
    asked = [
        argument
        for name, argument in definition.args.items()
        if name in said or argument.default_value not in (Undefined, None) or argument.default is not None
    ]
    return not _has_variables(node) and all(map(_is_read_alike, asked))


def _has_variables(node: FieldNode) -> bool:
    """Whether an argument's value can differ from run to run."""
    found = False

    class Search(Visitor):
        def enter_variable(self, variable: VariableNode, *_: Any) -> None:
            nonlocal found
            found = True

    for argument in node.arguments or ():
        visit(argument.value, Search())
    return found


def _is_read_alike(argument: GraphQLArgument) -> bool:
    """Whether a text always means the same value; a custom scalar may read `today`."""
    named = get_named_type(argument.type)
    return isinstance(named, GraphQLEnumType) or is_specified_scalar_type(named)


def _builds_itself(type_: Any, seen: set[str]) -> bool:
    """Whether an input type makes its value itself (`from_input`), for which it may want to see the info."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return False
    seen.add(named.name)
    declared = (named.extensions or {}).get(DECLARED)
    if getattr(declared, "from_input", None) is not None:
        return True
    return any(_builds_itself(inner.type, seen) for inner in named.fields.values())
