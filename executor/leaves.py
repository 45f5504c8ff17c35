"""Leaves in generated source: when a scalar's or an enum's value needs no more than an expression."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    is_leaf_type,
)

from executor.names import Names

# What makes a value of a built-in scalar fit to be answered as it is. Everything else takes the slow way.
_BUILT_IN = {
    GraphQLString.name: (GraphQLString, "type(v) is str"),
    GraphQLID.name: (GraphQLID, "type(v) is str"),
    GraphQLBoolean.name: (GraphQLBoolean, "v is True or v is False"),
    GraphQLInt.name: (GraphQLInt, "type(v) is int and -2147483648 <= v <= 2147483647"),
    # The difference of an infinity or a NaN with itself is no zero.
    GraphQLFloat.name: (GraphQLFloat, "type(v) is float and v - v == 0.0"),
}


@dataclass(frozen=True, slots=True)
class FastLeaf:
    """Where `condition` holds for `v`, `expression` is what is answered."""

    condition: str
    expression: str

    @property
    def is_as_it_is(self) -> bool:
        """Whether the value itself is answered."""
        return self.expression == "v"


def fast_leaf(type_: GraphQLOutputType, names: Names) -> FastLeaf | None:
    """How a value of that type is answered without a call; None where it is not."""
    known = _BUILT_IN.get(type_.name) if is_leaf_type(type_) else None
    if known is not None and known[0] is type_:
        return FastLeaf(known[1], "v")
    if isinstance(type_, GraphQLEnumType):
        return _fast_enum(type_, names)
    if isinstance(type_, GraphQLScalarType) and type_.name not in _BUILT_IN:
        key = names.set(f"coerce_{type_.name}", type_.coerce_output_value)
        # A serializer that gives nothing is told the slow way.
        return FastLeaf(f"type(v) in PLAIN and (w := {key}(v)) is not None and w is not Undefined", "w")
    return None


def _fast_enum(type_: GraphQLEnumType, names: Names) -> FastLeaf | None:
    choices: Any = getattr(type_, "wrapped_cls", None)
    if choices is None or type(type_).__module__ != "strawberry.schema.schema_converter":
        return None
    try:
        shown = {member: type_.coerce_output_value(member) for member in choices}
    except Exception:  # noqa: BLE001 - a member that the schema does not name is told when it is answered
        return None
    return FastLeaf(f"type(v) is {names.add('enum', choices)}", f"{names.add('names', shown)}[v]")
