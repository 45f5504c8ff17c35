"""The same torture without Strawberry: types made by hand, default resolvers over mappings, objects and callables."""

import asyncio
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    print_ast,
)
from graphql.pyutils import Undefined

from tests.executor.torture.values import Coded, Color, Promise, Refusal, Row, done, slowly, soon, stream

Hard = GraphQLNonNull


def _serialized(value: Any) -> Any:
    if value == "raise":
        raise GraphQLError("A scalar that cannot be shown.", extensions={"code": "SHOWN"})
    return {"none": None, "undefined": Undefined}.get(value, [value])


def _kind_soon(value: Any, _info: Any, _type: Any) -> Any:
    return slowly(value["kind"]) if isinstance(value, dict) else slowly(None)


def _told(_source: Any, info: Any, **arguments: Any) -> str:
    path, steps = info.path, []
    while path is not None:
        steps.append((path.key, path.typename))
        path = path.prev
    # Without those that `changing` may have changed before or after: that is a matter of luck under any executor.
    values = sorted(item for item in info.variable_values.coerced.items() if not isinstance(item[1], list | dict))
    return repr((steps, info.field_name, info.parent_type.name, str(info.return_type), values, arguments, info.context))


def _changing(_source: Any, info: Any, **arguments: Any) -> str:
    """Changes what it is given. A literal is read anew for every parent, so none may be changed on arrival."""
    literal = {node.name.value for node in info.field_nodes[0].arguments if "$" not in print_ast(node.value)}
    before = {name: value for name, value in arguments.items() if name in literal and "changed" in (value or ())}
    for value in arguments.values():
        if isinstance(value, list) and "changed" not in value:
            value.append("changed")
        elif isinstance(value, dict):
            value["changed"] = True
    return repr((before, arguments))


ODD = GraphQLScalarType("Odd", serialize=_serialized, parse_value=lambda value: {"read": value})
COLOR = GraphQLEnumType("Color", {"RED": "red", "GREEN": Color.GREEN, "NONE": None, "TWO": 2})
INNER = GraphQLInputObjectType(
    "Inner",
    lambda: {
        "number": GraphQLInputField(GraphQLInt, default_value=7),
        "odd": GraphQLInputField(ODD),
        "more": GraphQLInputField(GraphQLList(Hard(INNER))),
        "color": GraphQLInputField(COLOR, out_name="colour"),
    },
)
EITHER = GraphQLInputObjectType(
    "Either", {"a": GraphQLInputField(GraphQLInt), "b": GraphQLInputField(INNER)}, is_one_of=True
)
ARGUMENTS = {
    "number": GraphQLArgument(GraphQLInt, default_value=1, out_name="renamed"),
    "texts": GraphQLArgument(GraphQLList(GraphQLString), default_value=["a"]),
    "inner": GraphQLArgument(INNER, default_value={"number": 3}),
    "either": GraphQLArgument(EITHER),
    "color": GraphQLArgument(COLOR),
    "hard": GraphQLArgument(Hard(GraphQLBoolean), default_value=False),
}
# graphql-core hands out the default value itself: who changes it changes it for everybody.
CHANGED = {"texts": GraphQLArgument(GraphQLList(GraphQLString)), "inner": GraphQLArgument(INNER)}
NAMED = GraphQLInterfaceType("Named", lambda: _fields(), resolve_type=lambda value, _info, _type: value["kind"])
SOFT = GraphQLInterfaceType("Soft", lambda: _fields(), interfaces=[NAMED])
LATE = GraphQLInterfaceType("Late", {"name": GraphQLField(GraphQLString)}, resolve_type=_kind_soon)
DEEP = GraphQLObjectType("Deep", lambda: _fields(), interfaces=[SOFT, NAMED])
FLAT = GraphQLObjectType("Flat", lambda: _fields(), interfaces=[NAMED], is_type_of=lambda value, _info: "kind" in value)
SLOW = GraphQLObjectType(
    "Slow",
    {"name": GraphQLField(GraphQLString)},
    interfaces=[LATE],
    is_type_of=lambda value, _info: slowly(value.get("kind") == "Slow"),
)
ODDITY = GraphQLObjectType("Oddity", {"text": GraphQLField(GraphQLString), "kind": GraphQLField(Hard(GraphQLString))})
# Without a resolve_type: the value's own __typename, or the first type that says it is one of its own.
EITHER_WAY = GraphQLUnionType("EitherWay", [ODDITY, FLAT])


class Callable:
    """Attributes that are functions, as graphql-core's default resolver calls them."""

    kind = "Deep"
    name = "object"

    def __init__(self, depth: int = 0) -> None:
        self.number = depth
        self.missing_here = None

    def __getitem__(self, name: str) -> str:
        return self.kind

    def promised(self, _info: Any) -> Any:
        return slowly(f"promised {self.number}")

    def told(self, info: Any, **arguments: Any) -> str:
        return _told(self, info, **arguments)

    def bad_called(self, _info: Any) -> str:
        raise Coded("Called.")


def row(kind: str = "Deep", **values: Any) -> dict[str, Any]:
    """A parent as a mapping."""
    return {"__typename": kind, "kind": kind, "name": f"a {kind}", "number": 5, "promised": slowly_called, **values}


def slowly_called(_info: Any) -> Any:
    return slowly("called", 2)


def _fields() -> dict[str, GraphQLField]:
    def field(type_: Any, resolve: Any = None, args: Any = None) -> GraphQLField:
        return GraphQLField(type_, args=args, resolve=(lambda *_, **__: resolve()) if resolve else None)

    async def late_refusal() -> Any:
        await asyncio.sleep(0)
        raise Refusal("Late.")

    named, deep = Hard(NAMED), Hard(DEEP)
    return {
        "name": field(GraphQLString),
        "kind": field(Hard(GraphQLString)),
        "number": field(GraphQLInt),
        "promised": field(GraphQLString),
        "missing": field(GraphQLString),
        "told": GraphQLField(GraphQLString, args=ARGUMENTS, resolve=_told),
        "changing": GraphQLField(Hard(GraphQLString), args=CHANGED, resolve=_changing),
        "color": field(COLOR, lambda: "red"),
        "colors": field(GraphQLList(COLOR), lambda: ["red", Color.GREEN, 2, None]),
        "odd": field(ODD, lambda: 5),
        "id": field(Hard(GraphQLID), lambda: 3),
        "rates": field(GraphQLList(GraphQLFloat), lambda: (1, 2.5, None, slowly(3.0), Promise(4))),
        "deep": field(deep, lambda: slowly(row())),
        "object": field(DEEP, lambda: Callable(3)),
        "flats": field(GraphQLList(Hard(FLAT)), lambda: [row("Flat"), soon(row("Flat"))]),
        "any": field(named, lambda: row("Flat")),
        "anys": field(Hard(GraphQLList(named)), lambda: (row(kind) for kind in ("Deep", "Flat", "Deep"))),
        "union": field(
            GraphQLList(EITHER_WAY), lambda: [row("Flat"), {"__typename": "Oddity", "text": "t", "kind": "k"}]
        ),
        "matrix": field(
            Hard(GraphQLList(GraphQLList(Hard(deep.of_type)))), lambda: [[row()], None, slowly([Callable()])]
        ),
        "async_late": field(LATE, lambda: row("Slow")),
        "async_list": field(GraphQLList(named), lambda: stream(row("Flat"), row("Deep"))),
        "bad_color": field(COLOR, lambda: "blue"),
        "bad_odd": field(GraphQLList(ODD), lambda: [1, "raise", "none", "undefined"]),
        "bad_called": field(GraphQLString),
        "bad_hard": field(Hard(GraphQLString), lambda: Undefined),
        "bad_late": field(Hard(GraphQLString), late_refusal),
        "bad_soft": field(GraphQLString, lambda: done(Coded("In a future."))),
        "bad_kind": field(NAMED, lambda: row("Oddity")),
        "bad_no_kind": field(NAMED, lambda: {"kind": None}),
        "bad_unknown_kind": field(NAMED, lambda: {"kind": "Nothing"}),
        "bad_no_object_kind": field(NAMED, lambda: {"kind": "Named"}),
        "bad_number_kind": field(NAMED, lambda: {"kind": 5}),
        "bad_union": field(GraphQLList(EITHER_WAY), lambda: [row("Flat"), Row(text="t")]),
        "bad_flat": field(FLAT, lambda: {"no": "kind"}),
        "bad_deep": field(deep, lambda: slowly(None, 2)),
        "bad_anys": field(GraphQLList(named), lambda: [row("Flat"), slowly(Refusal("One.")), None]),
        "bad_object": field(GraphQLList(DEEP), lambda: [5, "text", row()]),
    }


async def _events(_source: Any, _info: Any, **_arguments: Any) -> Any:
    for event in (row("Flat"), Callable(1), row("Oddity"), row("Deep")):
        yield {"events": event}


QUERY = GraphQLObjectType("Query", _fields)
SUBSCRIPTION = GraphQLObjectType("Subscription", {"events": GraphQLField(NAMED, subscribe=_events)})
SCHEMA = GraphQLSchema(QUERY, subscription=SUBSCRIPTION, types=[DEEP, FLAT, SLOW, ODDITY])


def root() -> Any:
    """The root value of every operation."""
    return Callable()
