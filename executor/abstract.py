"""Which object type a value has: asked of the schema once per class where the class alone decides it."""

from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from graphql import GraphQLAbstractType, GraphQLObjectType
from graphql.execution.executor import default_type_resolver

from executor.fields import CompiledField
from executor.info import resolve_info
from executor.paths import At, field_of
from executor.values import Bail, Unsupported


def runtime_type(
    run: Any, field: CompiledField, abstract: GraphQLAbstractType, value: Any, at: At
) -> GraphQLObjectType:
    """The object type of a value of an interface or a union. Raises what its resolve_type raises; Bail for none."""
    resolve = abstract.resolve_type or run.executor.type_resolver
    name = resolve(value, _info(resolve, run, field, at), abstract)
    if not isinstance(name, str):
        if run.executor.is_awaitable(name):
            run.executor.settle_in_background([name])
            raise Unsupported("an awaitable type")
        raise Bail("no type")
    schema = run.executor.schema
    found = schema.get_type(name)
    if not isinstance(found, GraphQLObjectType) or not schema.is_sub_type(abstract, found):
        raise Bail("a wrong type")
    return found


def check_type(run: Any, field: CompiledField, type_: GraphQLObjectType, value: Any, at: At) -> None:
    """Asks the type whether the value is one of its own. Raises Bail if not."""
    if type_.is_type_of is None:
        return
    is_one = type_.is_type_of(value, _info(type_.is_type_of, run, field, at))
    if run.executor.is_awaitable(is_one):
        run.executor.settle_in_background([is_one])
        raise Unsupported("an awaitable type check")
    if not is_one:
        raise Bail("a value of another type")


def _info(function: Any, run: Any, field: CompiledField, at: At) -> Any:
    return None if needs_no_info(function) else resolve_info(run, field, field_of(at))


def needs_no_info(function: Any) -> bool:
    """Whether the function has promised not to look at its info."""
    return bool(getattr(function, "__infoless__", False)) or _has_promised(function)


def class_decides_check(type_: GraphQLObjectType) -> bool:
    """Whether `check_type` has the same outcome for all values of a class (that are not cast: see `is_cast`)."""
    check = type_.is_type_of
    return check is None or _has_promised(check) or _code(check) in _known("is_type_of")


def class_decides_type(abstract: GraphQLAbstractType, value: Any) -> bool:
    """Whether `runtime_type` has the same outcome for all values of the value's class (that are not cast)."""
    resolve = abstract.resolve_type
    if resolve is None or resolve is default_type_resolver:
        return False
    if _has_promised(resolve):
        return True
    definition = getattr(type(value), "__strawberry_definition__", None)
    if definition is None or definition.is_graphql_generic or definition.concrete_of is not None:
        return False
    if getattr(definition, "origin", None) is not type(value):
        return False
    if _code(resolve) in _known("resolve_type"):
        own = _cell(resolve, "interface")
        return own is not None and isinstance(value, own.origin)
    return _code(resolve) in _known("_resolve_union_type")


def deciding_trait(abstract: GraphQLAbstractType) -> Callable[[Any], Any] | None:
    """The trait of values that decides which type they are of, where there is a promise of that."""
    trait: Callable[[Any], Any] | None = getattr(abstract.resolve_type, "__decided_by__", None)
    return trait


def _has_promised(function: Any) -> bool:
    return bool(getattr(function, "__class_decides__", False))


def _code(function: Any) -> CodeType | None:
    return function.__code__ if isinstance(function, FunctionType) else None


def _cell(function: Any, name: str) -> Any:
    names = function.__code__.co_freevars
    return function.__closure__[names.index(name)].cell_contents if name in names else None


_KNOWN: dict[str, frozenset[CodeType]] = {}


def _known(name: str) -> frozenset[CodeType]:
    """The code of Strawberry's own closures of that name; empty where Strawberry is not installed or has changed."""
    if name not in _KNOWN:
        try:
            from strawberry.schema.schema_converter import GraphQLCoreConverter
            from strawberry.types.union import StrawberryUnion
        except ImportError:
            _KNOWN[name] = frozenset()
            return _KNOWN[name]
        makers = (
            GraphQLCoreConverter.from_object,
            GraphQLCoreConverter.from_interface,
            GraphQLCoreConverter._get_is_type_of,
            StrawberryUnion.get_type_resolver,
        )
        _KNOWN[name] = frozenset(code for maker in makers for code in _nested(maker.__code__) if code.co_name == name)
    return _KNOWN[name]


def _nested(code: CodeType) -> list[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [*inner, *(deeper for each in inner for deeper in _nested(each))]
