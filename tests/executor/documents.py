"""Documents by chance: valid operations over any schema, with aliases, merges, fragments, conditions and variables."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLUnionType,
    OperationType,
    Undefined,
    get_named_type,
    is_composite_type,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

# What a compiler could stumble over: its own names, Python's words, names of Python objects.
RESPONSE_NAMES = (
    *("d", "s", "p", "v", "a", "R", "i", "f", "PLAIN", "Bail", "settle", "append", "present", "listed", "field1"),
    *("class", "None", "True", "def", "lambda", "self", "import", "async", "match", "_", "__", "__class__", "__init__"),
    *("__builtins__", "exec", "x" * 120, "object1", "raw_info", "toString", "__proto__", "constructor"),
)
CONDITIONS = ("on", "off", "maybe")


class Asked(NamedTuple):
    """An operation as a client would send it."""

    text: str
    variables: dict[str, Any]


Picks = Callable[[Random, str, GraphQLNamedType], Any]
"""A value for an argument or a field of an input, by its name and its type, as JSON; Undefined for no idea."""


def no_idea(_random: Random, _name: str, _type: GraphQLNamedType) -> Any:
    """Leaves every value to chance."""
    return Undefined


@dataclass
class Taste:
    """What is written: how deep, how wide, and how willingly fields that are known to fail are asked for."""

    depth: int = 5
    width: int = 5
    faults: float = 0.0
    is_fault: Callable[[str], bool] = lambda _name: False
    pick: Picks = no_idea
    operation: OperationType = OperationType.QUERY
    subscribes_to: str = ""
    """The arguments of a subscription's field, where they are not left to chance."""


@dataclass
class Author:
    """Writes one document."""

    schema: GraphQLSchema
    random: Random
    taste: Taste
    _variables: dict[str, Any] = field(default_factory=dict)
    _declared: dict[str, str] = field(default_factory=dict)
    _fragments: dict[str, tuple[GraphQLNamedType, str]] = field(default_factory=dict)
    _fields: int = 0

    def write(self) -> Asked:
        """A document that may not be valid yet: fields of one name can disagree."""
        root = self.schema.get_root_type(self.taste.operation)
        assert root is not None
        if self.taste.operation is OperationType.SUBSCRIPTION:
            selections = "{ " + self._field(root, self.taste.depth, conditional=False) + " }"
        else:
            selections = self._selections(root, self.taste.depth)
        declared = ", ".join(f"${name}: {type_}" for name, type_ in self._declared.items())
        operation = f"{self.taste.operation.value} Asked{f'({declared})' if declared else ''} {selections}"
        fragments = [f"fragment {name} on {type_.name} {text}" for name, (type_, text) in self._fragments.items()]
        parts = [operation, *fragments]
        if self.random.random() < 0.3:
            self.random.shuffle(parts)
        return Asked("\n".join(parts), self._variables)

    def _selections(self, type_: GraphQLNamedType, depth: int) -> str:
        parts = [self._selection(type_, depth) for _ in range(self.random.randint(1, self.taste.width))]
        if self.random.random() < 0.2:
            # The same once more: to be merged with what is there.
            parts.append(self.random.choice(parts))
        return "{ " + " ".join(parts) + " }"

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        chance = self.random.random()
        if isinstance(type_, GraphQLUnionType) and chance < 0.8:
            chance = 0.8 + chance / 10
        if chance < 0.74 and getattr(type_, "fields", None):
            return self._field(type_, depth)
        if chance < 0.8 or depth <= 0:
            return f"{self._alias()}__typename{self._conditions()}"
        if chance < 0.9:
            if self.random.random() < 0.15:
                return f"...{self._conditions()} {self._selections(type_, depth - 1)}"
            inner = self._narrowed(type_)
            return f"... on {inner.name}{self._conditions()} {self._selections(inner, depth - 1)}"
        return f"...{self._fragment(type_, depth)}{self._conditions()}"

    def _fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        known = [name for name, (on, _) in self._fragments.items() if on is type_]
        if known and self.random.random() < 0.5:
            return self.random.choice(known)
        inner = self._narrowed(type_)
        text = self._selections(inner, depth - 1)
        # Named when it is written, so that it can only be spread by what is written later: no circles.
        name = f"Part{len(self._fragments)}"
        self._fragments[name] = (inner, text)
        return name

    def _narrowed(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        """A type of which a value of the type can be: itself, one of its objects, an interface of one of those."""
        near: list[GraphQLNamedType] = [type_]
        objects = (
            list(self.schema.get_possible_types(type_))
            if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType)
            else [type_]
        )
        for each in objects:
            near += [each, *getattr(each, "interfaces", ())]
        return self.random.choice(near)

    def _field(self, type_: GraphQLNamedType, depth: int, conditional: bool = True) -> str:
        fields: dict[str, GraphQLField] = type_.fields  # type: ignore[attr-defined]
        calm = [name for name in fields if not self.taste.is_fault(name)]
        names = list(fields) if not calm or self.random.random() < self.taste.faults else calm
        leaves = [name for name in names if not is_composite_type(get_named_type(fields[name].type))]
        self._fields += 1
        if (depth <= 0 or self._fields > 40) and leaves:
            names = leaves
        elif depth <= 0:
            return "__typename"
        elif leaves != names and self.random.random() < 0.5:
            names = [name for name in names if name not in leaves]
        name = self.random.choice(names)
        wanted = fields[name]
        inner = get_named_type(wanted.type)
        below = f" {self._selections(inner, depth - 1)}" if is_composite_type(inner) else ""
        alias = f"{name}{self._fields}: " if wanted.args and self.random.random() < 0.9 else self._alias()
        arguments = self._arguments(wanted) if conditional or not self.taste.subscribes_to else self.taste.subscribes_to
        return f"{alias}{name}{arguments}{self._conditions() if conditional else ''}{below}"

    def _alias(self) -> str:
        chance = self.random.random()
        if chance < 0.6:
            return ""
        return f"{self.random.choice(RESPONSE_NAMES) if chance < 0.7 else f'as{self._fields}'}: "

    def _conditions(self) -> str:
        written = []
        for directive in ("include", "skip"):
            if self.random.random() > 0.07:
                continue
            keeps = "true" if directive == "include" else "false"
            written.append(f"@{directive}(if: {keeps if self.random.random() < 0.4 else self._condition(directive)})")
        return "".join(f" {each}" for each in written)

    def _condition(self, directive: str) -> str:
        name = f"{directive}_{self.random.choice(CONDITIONS)}"
        if name not in self._declared:
            keeps = directive == "include"
            if name.endswith("maybe"):
                self._declared[name] = f"Boolean = {json.dumps(keeps)}"
                if self.random.random() < 0.1:
                    self._variables[name] = None
                    return f"${name}"
            else:
                self._declared[name] = "Boolean!"
            if "=" not in self._declared[name] or self.random.random() < 0.5:
                self._variables[name] = keeps if self.random.random() < 0.6 else not keeps
        return f"${name}"

    def _arguments(self, of: GraphQLField) -> str:
        written = [f"{name}: {value}" for name, each in of.args.items() if (value := self._argument(name, each))]
        return f"({', '.join(written)})" if written else ""

    def _argument(self, name: str, each: GraphQLArgument | GraphQLInputField) -> str | None:
        is_required = isinstance(each.type, GraphQLNonNull) and each.default_value is Undefined
        if not is_required and self.random.random() < 0.4:
            return None
        return self._literal(name, each.type, 3, each.default_value is not Undefined)

    def _literal(self, name: str, type_: GraphQLInputType, depth: int, has_default: bool = False) -> str:
        """A value as it stands in a document, or a variable with the value."""
        if self.random.random() < 0.25:
            return self._variable(name, type_, has_default)
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return "null"
        if isinstance(type_, GraphQLList):
            if self.random.random() < 0.1:
                return self._literal(name, type_.of_type, depth - 1)
            count = self.random.choice((0, 1, 2, 3))
            return "[" + ", ".join(self._literal(name, type_.of_type, depth - 1) for _ in range(count)) + "]"
        if isinstance(type_, GraphQLInputObjectType):
            chosen = self._members(type_, depth)
            return "{" + ", ".join(f"{key}: {self._literal(key, of.type, depth - 1)}" for key, of in chosen) + "}"
        value = self._scalar(name, type_)
        return str(value) if isinstance(type_, GraphQLEnumType) else _written(value)

    def _variable(self, name: str, type_: GraphQLInputType, has_default: bool) -> str:
        variable = f"v{len(self._declared)}"
        written = str(type_)
        chance = self.random.random()
        if chance < 0.2 and isinstance(type_, GraphQLNonNull) and has_default:
            # May be left out where the position has a default of its own.
            self._declared[variable] = str(type_.of_type)
            return f"${variable}"
        self._declared[variable] = written
        if not isinstance(type_, GraphQLNonNull) and chance < 0.3:
            if chance < 0.1:
                self._variables[variable] = None
            return f"${variable}"
        self._variables[variable] = self._value(name, type_, 3)
        return f"${variable}"

    def _value(self, name: str, type_: GraphQLInputType, depth: int) -> Any:
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return None
        if isinstance(type_, GraphQLList):
            return [self._value(name, type_.of_type, depth - 1) for _ in range(self.random.choice((0, 1, 2, 3)))]
        if isinstance(type_, GraphQLInputObjectType):
            return {key: self._value(key, of.type, depth - 1) for key, of in self._members(type_, depth)}
        return self._scalar(name, type_)

    def _members(self, type_: GraphQLInputObjectType, depth: int) -> list[tuple[str, Any]]:
        if type_.is_one_of:
            key = self.random.choice(list(type_.fields))
            return [(key, GraphQLInputField(GraphQLNonNull(type_.fields[key].type)))]
        chosen = []
        for key, of in type_.fields.items():
            is_required = isinstance(of.type, GraphQLNonNull) and of.default_value is Undefined
            if is_required or (depth > 0 and self.random.random() < 0.4):
                chosen.append((key, of))
        return chosen

    def _scalar(self, name: str, type_: GraphQLNamedType) -> Any:
        picked = self.taste.pick(self.random, name, type_)
        if picked is not Undefined:
            return picked
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(list(type_.values))
        return {
            "Int": lambda: self.random.choice((0, 1, 2, 3, -7, 2**31 - 1)),
            "Float": lambda: self.random.choice((0.5, -2.25, 3.0, 1e300)),
            "Boolean": lambda: self.random.random() < 0.5,
        }.get(type_.name, lambda: self.random.choice(("", "one", "two", "a \"quoted\"\\ \n'text'", "{d}", "ünï")))()


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def documents(schema: GraphQLSchema, seed: int, taste: Callable[[Random], Taste]) -> Iterator[Asked]:
    """Endless valid operations, the same for the same seed."""
    random = Random(seed)
    while True:
        asked = Author(schema, random, taste(random)).write()
        if is_valid(schema, asked.text):
            yield asked


def is_valid(schema: GraphQLSchema, text: str) -> bool:
    """Whether it may be run, by GraphQL's rules and by Strawberry's own."""
    try:
        return not validate_document(schema, parse(text), tuple(specified_rules))
    except AttributeError:
        # Strawberry's rule for @oneOf looks up variables of fragments that stand before the operation.
        return False
