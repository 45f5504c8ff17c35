"""Objects whose type is only known with the value: checked once per class, and the right function for them found."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLAbstractType, GraphQLObjectType

from executor.abstract import (
    check_type,
    class_decides_check,
    class_decides_type,
    deciding_trait,
    needs_no_info,
    runtime_type,
)
from executor.fields import CompiledField
from executor.paths import At
from executor.run import Run
from executor.values import PLAIN, Bail, present

CAST = "__as_strawberry_type__"
"""The attribute in which strawberry.cast says of one value which type it is to be shown as."""
MOST_KNOWN = 256
Function = Callable[[Run, Any, At], Any]


class Known:
    """The classes of which every value is of one object type, nothing to wait for, and no error."""

    def __init__(self) -> None:
        self.sure: set[type] = set()
        self.unless_cast: set[type] = set()

    def learn(self, value: Any) -> None:
        """After a value has been checked, and its class decides."""
        kind = type(value)
        if kind in PLAIN and len(self.sure) + len(self.unless_cast) < MOST_KNOWN and not _is_cast(value):
            (self.unless_cast if _can_be_cast(kind) else self.sure).add(kind)


def completed_one(
    field: CompiledField, type_: GraphQLObjectType, known: Known, is_required: bool, function: Callable[[], Function]
) -> Function:
    """Completes a value of an object type, whatever it is."""
    is_decided = class_decides_check(type_)

    def one(run: Run, value: Any, at: At) -> Any:
        value = present(value)
        if value is None:
            return _nothing(is_required)
        if type(value) not in known.sure:
            check_type(run, field, type_, value, at)
            if is_decided:
                known.learn(value)
        return function()(run, value, at)

    return one


def completed_any(
    field: CompiledField,
    abstract: GraphQLAbstractType,
    is_required: bool,
    branch: Callable[[Run, GraphQLObjectType], Function],
    kept: dict[type, Any],
) -> Function:
    """Completes a value of an interface or a union. `kept` has the functions by class, or by class and then by trait
    where a trait decides; a value that was cast is never looked up there, nor kept."""
    trait = deciding_trait(abstract)

    def any_of(run: Run, value: Any, at: At) -> Any:
        value = present(value)
        if value is None:
            return _nothing(is_required)
        type_ = runtime_type(run, field, abstract, value, at)
        check_type(run, field, type_, value, at)
        function = branch(run, type_)
        kind = type(value)
        if kind in PLAIN and len(kept) < MOST_KNOWN and not _is_cast(value):
            if trait is not None:
                if not _can_be_cast(kind) and _needs_no_info(type_):
                    by_trait = kept.setdefault(kind, {})
                    if len(by_trait) < MOST_KNOWN:
                        by_trait[trait(value)] = function
            elif class_decides_type(abstract, value) and class_decides_check(type_):
                kept[kind] = function
        return function(run, value, at)

    return any_of


def asks_for_place(type_: GraphQLObjectType) -> bool:
    """Whether checking a value of the type may need to know where it stands."""
    return not _needs_no_info(type_)


def _needs_no_info(type_: GraphQLObjectType) -> bool:
    return type_.is_type_of is None or needs_no_info(type_.is_type_of)


def _nothing(is_required: bool) -> None:
    if is_required:
        raise Bail("null where there must be a value")


def _is_cast(value: Any) -> bool:
    return getattr(value, CAST, None) is not None


def _can_be_cast(kind: type) -> bool:
    """Whether a value of the class can carry an attribute of its own."""
    return bool(kind.__dictoffset__) or hasattr(kind, CAST)
