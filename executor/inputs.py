"""Inputs: Python values of coerced ones, as Strawberry makes them, with what is the same for every value found once.

Strawberry itself converts whatever is unusual.
"""

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any

Convert = Callable[[Any], Any]


def converter(arguments: list[Any], scalars: Any, config: Any) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """What `strawberry.types.arguments.convert_arguments` does for these arguments; None where that has to do it."""
    known: dict[Any, Convert | None] = {}
    plan = []
    for argument in arguments:
        convert = _converter(argument.type, scalars, config, known)
        if convert is None:
            return None
        plan.append((config.name_converter.from_argument(argument), argument.python_name, convert))
    if None in known.values():
        return None

    def converted(values: dict[str, Any]) -> dict[str, Any]:
        return {name: convert(values[said]) for said, name, convert in plan if said in values}

    return converted


def _converter(type_: Any, scalars: Any, config: Any, known: dict[Any, Convert | None]) -> Convert | None:
    from strawberry.scalars import is_scalar  # Strawberry is optional here
    from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
    from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
    from strawberry.types.lazy_type import LazyType

    if isinstance(type_, StrawberryMaybe):
        inner = _converter(type_.of_type, scalars, config, known)
        return None if inner is None else _some(inner, type_, scalars, config)
    if isinstance(type_, StrawberryOptional):
        return _converter(type_.of_type, scalars, config, known)
    if isinstance(type_, LazyType):
        return _converter(type_.resolve_type(), scalars, config, known)
    if isinstance(type_, StrawberryList):
        item = _converter(type_.of_type, scalars, config, known)
        return None if item is None else _listed(item)
    if isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
        return _as_it_is
    if is_scalar(type_, scalars):
        # GlobalID alone is a scalar whose values are converted after all.
        return None if getattr(type_, "__name__", "") == "GlobalID" else _as_it_is
    if has_object_definition(type_):
        if type_ not in known:
            # An input can hold itself: whoever meets it meanwhile finds it when values come.
            known[type_] = lambda value: known[type_](value)  # type: ignore[misc]  # it is there by then
            known[type_] = _object(type_, scalars, config, known)
        return known[type_]
    return None


def _object(type_: Any, scalars: Any, config: Any, known: dict[Any, Convert | None]) -> Convert | None:
    definition = type_.__strawberry_definition__
    if definition.from_input is not None or not definition.is_input:
        return None
    unsaid: dict[str, None] = {}
    plan = []
    for field in definition.fields:
        if field.default_value is MISSING and field.default_factory is MISSING:
            unsaid[field.python_name] = None
        convert = _converter(field.resolve_type(type_definition=definition), scalars, config, known)
        if convert is None:
            return None
        plan.append((config.name_converter.from_field(field), field.python_name, convert))

    def converted(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        said = {name: convert(value[key]) for key, name, convert in plan if key in value}
        return type_(**{**unsaid, **said})

    return converted


def _some(inner: Convert, type_: Any, scalars: Any, config: Any) -> Convert:
    from strawberry.types.arguments import convert_argument
    from strawberry.types.maybe import Some

    # What may be left out may still not be null, unless it says so; Strawberry knows the words for that.
    return lambda value: convert_argument(None, type_, scalars, config) if value is None else Some(inner(value))


def _listed(item: Convert) -> Convert:
    # Copied even where the items stay: a default is the same object for every request.
    return lambda value: [item(each) for each in value] if isinstance(value, list | tuple) else value


def _as_it_is(value: Any) -> Any:
    return value
