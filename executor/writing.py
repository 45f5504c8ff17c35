"""Writes the Python functions of an operation: one for each selection of an object type, and one for each list.

The names in the source are numbers of our own and the schema's attributes; what a client wrote (response names) stands
in it only as the `repr` of a string.
"""

import keyword
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails, GroupedFieldSet
from graphql.pyutils import Undefined

from executor.abstract import (
    check_type,
    class_decides_check,
    class_decides_type,
    needs_no_info,
    runtime_type,
)
from executor.fields import CompiledField, Way, compiled_field
from executor.info import admission, lazy_info, resolve_info, shared_info
from executor.paths import At
from executor.run import Run
from executor.values import PLAIN, PROMISES, Bail, Unsupported, abandon, leaf, listed, present

if TYPE_CHECKING:
    from executor.execution import CompilingExecutor

CAST = "__as_strawberry_type__"
MOST_FIELDS = 4_000
"""An operation with more is left to graphql-core: writing it would take longer than running it."""
MOST_CLASSES = 256
Function = Callable[[Run, Any, At], Any]

# What makes a value of a built-in scalar fit to be answered as it is. Everything else takes the slow way.
_FAST = {
    GraphQLString.name: (GraphQLString, "type(v) is str"),
    GraphQLID.name: (GraphQLID, "type(v) is str"),
    GraphQLBoolean.name: (GraphQLBoolean, "v is True or v is False"),
    GraphQLInt.name: (GraphQLInt, "type(v) is int and -2147483648 <= v <= 2147483647"),
    # The difference of an infinity or a NaN with itself is no zero.
    GraphQLFloat.name: (GraphQLFloat, "type(v) is float and v - v == 0.0"),
}


def settle(run: Run, value: Any, target: Any, key: Any, complete: Function, at: At) -> None:
    """`target[key]` becomes the completed value: now, or when it arrives."""
    kind = type(value)
    if kind in PROMISES or (kind not in PLAIN and run.executor.is_awaitable(value)):
        # The place in the answer is that of the question.
        target[key] = None
        run.wait(value, complete, target, key, at)
    else:
        target[key] = complete(run, value, at)


def append(run: Run, value: Any, target: list[Any], complete: Function, at: At) -> None:
    """The next item of a list, as `settle`."""
    target.append(None)
    settle(run, value, target, len(target) - 1, complete, at)


class Writer:
    """The functions of one operation under one set of conditions (`@skip` and `@include`)."""

    def __init__(self, executor: "CompilingExecutor") -> None:
        self._schema = executor.schema
        self._names: dict[str, Any] = {
            "PLAIN": PLAIN,
            "Bail": Bail,
            "present": present,
            "listed": listed,
            "settle": settle,
            "append": append,
            "abandon": abandon,
            "raw_info": resolve_info,
            "Undefined": Undefined,
        }
        self._functions: dict[tuple[str, tuple[int, ...]], str] = {}
        self._details: list[Any] = []
        # The functions below which somebody can ask where a value stands; the others get no path.
        self._placed: set[str] = set()
        self._fields = 0
        self._lines: list[str] = []
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many fields were written: about 2 kB each."""
        return self._fields

    def root(self, executor: "CompilingExecutor", type_: GraphQLObjectType, fields: GroupedFieldSet) -> Function:
        """The function of the whole operation. Raises Unsupported for what is not compiled."""
        name = self._object(executor, type_, fields)
        self._compile()
        made: Function = self._names[name]
        return made

    def branch(self, executor: "CompilingExecutor", type_: GraphQLObjectType, details: list[FieldDetails]) -> Function:
        """The function of an object type that turned up behind an interface or a union."""
        with self._lock:
            name = self._object_of(executor, type_, details)
            self._compile()
            made: Function = self._names[name]
            return made

    def _compile(self) -> None:
        if self._lines:
            source = "\n".join(self._lines)
            self._lines = []
            exec(compile(source, "<compiled operation>", "exec"), self._names)  # see the module's docstring

    def _name(self, prefix: str, value: Any) -> str:
        name = f"{prefix}{len(self._names)}"
        self._names[name] = value
        return name

    def _object_of(self, executor: "CompilingExecutor", type_: GraphQLObjectType, details: list[FieldDetails]) -> str:
        key = (type_.name, tuple(id(detail.node) for detail in details))
        name = self._functions.get(key)
        if name is None:
            # The nodes stay alive with the details, so their ids stay theirs.
            self._details.append(details)
            fields, new_defer_usages, _ = executor.collect_subfields(type_, details)
            if new_defer_usages:
                raise Unsupported("deferred fields")
            name = self._functions[key] = self._object(executor, type_, fields)
        return name

    def _object(self, executor: "CompilingExecutor", type_: GraphQLObjectType, fields: GroupedFieldSet) -> str:
        body: list[str] = []
        is_placed = False
        for key, details in fields.items():
            self._fields += 1
            if self._fields > MOST_FIELDS:
                raise Unsupported("too many fields")
            if any(detail.fragment_variable_values or detail.defer_usage for detail in details):
                raise Unsupported("arguments of fragments, or deferred fields")
            node = details[0].node
            definition = self._schema.get_field(type_, node.name.value)
            if definition is None:
                continue
            if node.name.value == "__typename":
                body.append(f"d[{key!r}] = {type_.name!r}")
                continue
            if node.name.value.startswith("__"):
                raise Unsupported("introspection")
            lines, asks = self._field(executor, key, type_, definition, details)
            body += lines
            is_placed = is_placed or asks
        name = self._name("object", None)
        if is_placed:
            self._placed.add(name)
        self._lines += [f"def {name}(R, s, p):", " d = {}", *(f" {line}" for line in body), " return d"]
        return name

    def _field(
        self,
        executor: "CompilingExecutor",
        key: str,
        parent: GraphQLObjectType,
        definition: GraphQLField,
        details: list[FieldDetails],
    ) -> tuple[list[str], bool]:
        """The lines that answer a field, and whether they need to know where the parent stands."""
        nodes = [detail.node for detail in details]
        field = compiled_field(self._fields, key, parent, definition, nodes, self._schema)
        at = f"(p, {key!r}, {parent.name!r})"
        lines = [f"v = {self._resolved(field, at)}"]
        nullable, is_required = _unwrapped(definition.type)
        complete = self._completer(executor, field, definition.type, details)
        goes_deeper = complete in self._placed
        slow = f"settle(R, v, d, {key!r}, {complete}, {at if goes_deeper else None})"
        asks = field.takes_info or goes_deeper
        fast = self._fast(nullable)
        if fast is None:
            return [*lines, slow], asks
        condition, converted = fast
        if not is_required:
            if converted == "v":
                condition = f"v is None or {condition}"
            else:
                lines.append(f"if v is None: d[{key!r}] = None")
                return [*lines, f"elif {condition}: d[{key!r}] = {converted}", f"else: {slow}"], asks
        return [*lines, f"if {condition}: d[{key!r}] = {converted}", f"else: {slow}"], asks

    def _fast(self, type_: GraphQLOutputType) -> tuple[str, str] | None:
        """When a value of that type needs no more than the expression: the condition and the expression."""
        known = _FAST.get(type_.name) if is_leaf_type(type_) else None
        if known is not None and known[0] is type_:
            return known[1], "v"
        if isinstance(type_, GraphQLEnumType):
            choices = getattr(type_, "wrapped_cls", None)
            if choices is not None and type(type_).__module__ == "strawberry.schema.schema_converter":
                try:
                    names = {member: type_.coerce_output_value(member) for member in choices}
                except Exception:  # noqa: BLE001 - a member that the schema does not name is told when it is answered
                    return None
                return f"type(v) is {self._name('enum', choices)}", f"{self._name('names', names)}[v]"
        if isinstance(type_, GraphQLScalarType) and type_.name not in _FAST:
            key = f"coerce_{type_.name}"
            self._names[key] = type_.coerce_output_value
            # A serializer that gives nothing is told the slow way.
            return f"type(v) in PLAIN and (w := {key}(v)) is not None and w is not Undefined", "w"
        return None

    def _resolved(self, field: CompiledField, at: str) -> str:
        """The expression that calls the resolver."""
        if field.way is Way.ATTRIBUTE:
            if field.attribute.isascii() and field.attribute.isidentifier() and not keyword.iskeyword(field.attribute):
                return (
                    f"s.{field.attribute}"
                    if not field.attribute.startswith("__")
                    else f"getattr(s, {field.attribute!r})"
                )
            return f"getattr(s, {field.attribute!r})"
        own = self._name("field", field)
        arguments = f"{own}.arguments(R)" if field.has_arguments else ""
        if field.way is Way.CORE:
            resolve = (
                self._name("resolve", field.definition.resolve)
                if field.definition.resolve
                else "R.executor.field_resolver"
            )
            return f"{resolve}(s, raw_info(R, {own}, {at}){f', **{arguments}' if arguments else ''})"
        function = self._name("resolve", field.function)
        info_class = field.info_class or object
        if field.is_placeless and field.way is Way.FUNCTION:
            info = f"{self._name('info', shared_info(info_class, field))}(R)"
        else:
            info = f"{self._name('info', lazy_info(info_class))}(R, {own}, {at})"
        if field.way is Way.METHOD:
            parts = [f"{name!r}: s" for name in field.parent_names]
            if field.info_name:
                parts.append(f"{field.info_name!r}: i")
            if arguments:
                parts.insert(0, f"**{arguments}")
            first = "[s]" if field.self_first else "[]"
            return f"{function}(s, (i := {info}), {first}, {{{', '.join(parts)}}})"
        parts = ["s"] if field.self_first else []
        if arguments:
            parts.append(f"**{arguments}")
        named = [(name, "s") for name in field.parent_names]
        if field.info_name:
            named.append((field.info_name, info))
        parts += [f"{name}={value}" for name, value in named]
        call = f"{function}({', '.join(parts)})"
        return f"{call} if {self._name('admits', admission(field))}(R) else None" if field.admits else call

    def _completer(
        self, executor: "CompilingExecutor", field: CompiledField, type_: GraphQLOutputType, details: list[FieldDetails]
    ) -> str:
        """The name of the function that completes a value of that type."""
        inner, is_required = _unwrapped(type_)
        if isinstance(inner, GraphQLList):
            return self._list(executor, field, inner, is_required, details)
        if isinstance(inner, GraphQLObjectType):
            return self._one(executor, field, inner, is_required, details)
        if isinstance(inner, GraphQLInterfaceType | GraphQLUnionType):
            return self._any_of(field, inner, is_required, details)
        return self._leaf(inner, is_required)

    def _leaf(self, type_: GraphQLLeafType, is_required: bool) -> str:
        key = f"leaf_{type_.name}_{is_required}"
        if key not in self._names:
            self._names[key] = leaf(type_.coerce_output_value, is_required)
        return key

    def _list(
        self,
        executor: "CompilingExecutor",
        field: CompiledField,
        type_: GraphQLList[Any],
        is_required: bool,
        details: list[FieldDetails],
    ) -> str:
        item_type, item_required = _unwrapped(type_.of_type)
        complete = self._completer(executor, field, type_.of_type, details)
        name = self._name("list", None)
        at = "None"
        if complete in self._placed:
            self._placed.add(name)
            at = "(p, len(d), None)"
        fast = self._fast(item_type)
        if fast is not None:
            condition, converted = fast
            if not item_required and converted == "v":
                condition = f"v is None or {condition}"
            each = [f"  if {condition}: a({converted})", f"  else: append(R, v, d, {complete}, {at})"]
        elif is_leaf_type(item_type):
            each = [f"  append(R, v, d, {complete}, {at})"]
        else:
            each = [
                f"  if type(v) in PLAIN: a({complete}(R, v, {at}))",
                f"  else: append(R, v, d, {complete}, {at})",
            ]
        self._lines += [
            f"def {name}(R, v, p):",
            " if type(v) is not list and type(v) is not tuple:",
            "  v = listed(v)",
            "  if v is None:",
            *_none("   ", is_required),
            " d = []",
            " a = d.append",
            " values = iter(v)",
            " try:",
            "  for v in values:",
            *(f" {line}" for line in each),
            " except BaseException:",
            "  abandon(values)",
            "  raise",
            " return d",
        ]
        return name

    def _one(
        self,
        executor: "CompilingExecutor",
        field: CompiledField,
        type_: GraphQLObjectType,
        is_required: bool,
        details: list[FieldDetails],
    ) -> str:
        shape = self._object_of(executor, type_, details)
        name = self._name("one", None)
        if shape in self._placed:
            self._placed.add(name)
        if type_.is_type_of is None:
            check = []
        else:
            self._placed.add(name)
            checked = self._name("check", _checker(field, type_))
            known = self._name("known", set())
            is_decided = class_decides_check(type_)
            check = [
                f" if type(v) not in {known} or getattr(v, {CAST!r}, None) is not None: {checked}(R, v, p, {known})"
                if is_decided
                else f" {checked}(R, v, p, None)"
            ]
        self._lines += [
            f"def {name}(R, v, p):",
            " if type(v) not in PLAIN:",
            "  v = present(v)",
            "  if v is None:",
            *_none("   ", is_required),
            *check,
            f" return {shape}(R, v, p)",
        ]
        return name

    def _any_of(
        self, field: CompiledField, type_: GraphQLAbstractType, is_required: bool, details: list[FieldDetails]
    ) -> str:
        name = self._name("any_of", None)
        self._placed.add(name)
        shapes: dict[type, Function] = {}
        known = self._name("shapes", shapes)
        find = self._name("find", self._finder(field, type_, details, shapes))
        self._lines += [
            f"def {name}(R, v, p):",
            " if type(v) not in PLAIN:",
            "  v = present(v)",
            "  if v is None:",
            *_none("   ", is_required),
            f" f = {known}.get(type(v))",
            f" if f is None or getattr(v, {CAST!r}, None) is not None: f = {find}(R, v, p)",
            " return f(R, v, p)",
        ]
        return name

    def _finder(
        self,
        field: CompiledField,
        abstract: GraphQLAbstractType,
        details: list[FieldDetails],
        shapes: dict[type, Function],
    ) -> Function:
        resolve = abstract.resolve_type
        by_name: dict[str, tuple[Function, Any]] = {}

        def find_by_name(run: Run, value: Any, at: At) -> Function:
            # Without an info there is nothing to put together: the name is asked for, and what belongs to it is known.
            name = resolve(value, None, abstract)  # type: ignore[misc, arg-type]
            known = by_name.get(name) if isinstance(name, str) else None
            if known is None:
                type_ = runtime_type(run, field, abstract, value, at)
                check_type(run, field, type_, value, at)
                check = type_.is_type_of
                function = self.branch(run.executor, type_, details)
                if check is None or needs_no_info(check):
                    by_name[type_.name] = (function, check)
                return function
            function, check = known
            if check is not None and check(value, None) is not True:
                raise Bail("a value of another type")
            return function

        def find(run: Run, value: Any, at: At) -> Function:
            type_ = runtime_type(run, field, abstract, value, at)
            check_type(run, field, type_, value, at)
            function = self.branch(run.executor, type_, details)
            if (
                getattr(value, CAST, None) is None
                and class_decides_type(abstract, value)
                and class_decides_check(type_)
                and len(shapes) < MOST_CLASSES
            ):
                shapes[type(value)] = function
            return function

        return find_by_name if resolve is not None and needs_no_info(resolve) else find


def _checker(field: CompiledField, type_: GraphQLObjectType) -> Callable[[Run, Any, At, set[type] | None], None]:
    def check(run: Run, value: Any, at: At, known: set[type] | None) -> None:
        check_type(run, field, type_, value, at)
        if known is not None and getattr(value, CAST, None) is None and len(known) < MOST_CLASSES:
            known.add(type(value))

    return check


def _unwrapped(type_: GraphQLOutputType) -> tuple[Any, bool]:
    if isinstance(type_, GraphQLNonNull):
        return type_.of_type, True
    return type_, False


def _none(indent: str, is_required: bool) -> list[str]:
    return [f"{indent}raise Bail('null where there must be a value')" if is_required else f"{indent}return None"]
