"""Writes the Python functions of an operation: for each list, and for each object that is not written into one.

The names in the source are numbers of our own and the schema's attributes; what a client wrote (response names) stands
in it only as the `repr` of a string.
"""

from threading import RLock
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
)
from graphql.execution.collect_fields import FieldDetails, GroupedFieldSet
from graphql.pyutils import Undefined

from executor.abstract import class_decides_check, deciding_trait
from executor.branches import CAST, Function, Known, asks_for_place, completed_any, completed_one
from executor.calls import resolved
from executor.fields import CompiledField, compiled_field
from executor.info import resolve_info
from executor.leaves import fast_leaf
from executor.names import Names
from executor.paths import At
from executor.promises import PLACED
from executor.run import Run
from executor.selections import Completer, Lines, Selection, constant, indented, is_known, leaf_lines, object_lines
from executor.values import PLAIN, PROMISES, Bail, Unsupported, abandon, leaf, listed

if TYPE_CHECKING:
    from executor.execution import CompilingExecutor

MOST_FIELDS = 4_000
"""An operation with more is left to graphql-core: writing it would take longer than running it."""


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
        self._names = Names(
            PLAIN=PLAIN,
            PLACED=PLACED,
            Bail=Bail,
            listed=listed,
            settle=settle,
            append=append,
            abandon=abandon,
            raw_info=resolve_info,
            Undefined=Undefined,
        )
        self._selections: dict[tuple[str, tuple[int, ...]], Selection] = {}
        self._details: list[Any] = []
        self._fields = 0
        self._numbers = 0
        self._lines: Lines = []
        self._lock = RLock()

    @property
    def size(self) -> int:
        """How many fields were written: about 2 kB each."""
        return self._fields

    def root(self, executor: "CompilingExecutor", type_: GraphQLObjectType, fields: GroupedFieldSet) -> Function:
        """The function of the whole operation. Raises Unsupported for what is not compiled."""
        return self._function(self._selection(executor, Selection(0, type_), fields))

    def _function(self, selection: Selection) -> Function:
        """The selection as a function of its own, written when it is first wanted."""
        if selection.function is None:
            with self._lock:
                if selection.function is None:
                    name = self._written(selection)
                    self._define()
                    selection.function = self._names.known[name]
        return selection.function

    def _written(self, selection: Selection) -> str:
        name = f"object{selection.number}"
        if name not in self._names.known:
            self._names.set(name, None)
            self._lines += [
                f"def {name}(R, {selection.source}, p):",
                " P, I = R.plans, R.infos",
                f" {selection.target} = {{}}",
                *indented(1, selection.body("p")),
                f" return {selection.target}",
            ]
        return name

    def _define(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            self._names.run(lines)

    def _branch(self, run: Run, type_: GraphQLObjectType, details: list[FieldDetails]) -> Function:
        """The function of an object type that turned up behind an interface or a union."""
        with self._lock:
            function = self._function(self._selection_of(run.executor, type_, details))
            self._define()
        return function

    def _selection_of(
        self, executor: "CompilingExecutor", type_: GraphQLObjectType, details: list[FieldDetails]
    ) -> Selection:
        key = (type_.name, tuple(id(detail.node) for detail in details))
        selection = self._selections.get(key)
        if selection is None:
            # The nodes stay alive with the details, so their ids stay theirs.
            self._details.append(details)
            fields, new_defer_usages, _ = executor.collect_subfields(type_, details)
            if new_defer_usages:
                raise Unsupported("deferred fields")
            self._numbers += 1
            # Kept when it is complete: where a part of it raises, the next run has to meet that too.
            selection = self._selections[key] = self._selection(executor, Selection(self._numbers, type_), fields)
        return selection

    def _selection(self, executor: "CompilingExecutor", selection: Selection, fields: GroupedFieldSet) -> Selection:
        for key, details in fields.items():
            self._count(1)
            selection.size += 1
            if any(detail.fragment_variable_values or detail.defer_usage for detail in details):
                raise Unsupported("arguments of fragments, or deferred fields")
            name = details[0].node.name.value
            definition = self._schema.get_field(selection.type_, name)
            if definition is None:
                continue
            if name == "__typename":
                selection.parts.append(constant(f"{selection.target}[{key!r}] = {selection.type_.name!r}"))
                continue
            if name.startswith("__"):
                raise Unsupported("introspection")
            self._field(executor, selection, key, definition, details)
        return selection

    def _count(self, fields: int) -> None:
        self._fields += fields
        if self._fields > MOST_FIELDS:
            raise Unsupported("too many fields")

    def _field(
        self,
        executor: "CompilingExecutor",
        selection: Selection,
        key: str,
        definition: GraphQLField,
        details: list[FieldDetails],
    ) -> None:
        """Adds the part of a field to its selection."""
        nodes = [detail.node for detail in details]
        made = compiled_field(self._fields, key, selection.type_, definition, nodes, self._schema)
        nullable, is_required = _unwrapped(definition.type)
        completer = self._completer(executor, made, definition.type, details)
        selection.is_placed = selection.is_placed or made.takes_info or completer.is_placed
        place = f"{selection.target}[{key!r}]"
        typename, names = selection.type_.name, self._names

        def lines(at: str) -> Lines:
            here = f"({at}, {key!r}, {typename!r})"
            slow = f"settle(R, v, {selection.target}, {key!r}, {completer.name}, {completer.place(here)})"
            value = f"v = {resolved(made, selection.source, here, names)}"
            fast = fast_leaf(nullable, names)
            if fast is not None:
                return [value, *leaf_lines(fast, place, slow, is_required)]
            if not completer.is_inlined:
                return [value, slow]
            return [value, *object_lines(completer, place, here, slow, is_required)]

        selection.parts.append(lines)
        if completer.is_inlined and completer.selection is not None:
            self._count(completer.selection.size)
            selection.size += completer.selection.size

    def _completer(
        self, executor: "CompilingExecutor", made: CompiledField, type_: GraphQLOutputType, details: list[FieldDetails]
    ) -> Completer:
        """How a value of that type is completed."""
        inner, is_required = _unwrapped(type_)
        if isinstance(inner, GraphQLList):
            return self._list(executor, made, inner, is_required, details)
        if isinstance(inner, GraphQLObjectType):
            return self._one(executor, made, inner, is_required, details)
        if isinstance(inner, GraphQLInterfaceType | GraphQLUnionType):
            return self._any_of(made, inner, is_required, details)
        return Completer(self._leaf(inner, is_required))

    def _leaf(self, type_: GraphQLLeafType, is_required: bool) -> str:
        key = f"leaf_{type_.name}_{is_required}"
        if key not in self._names.known:
            self._names.set(key, leaf(type_.coerce_output_value, is_required))
        return key

    def _one(
        self,
        executor: "CompilingExecutor",
        made: CompiledField,
        type_: GraphQLObjectType,
        is_required: bool,
        details: list[FieldDetails],
    ) -> Completer:
        selection = self._selection_of(executor, type_, details)
        known = Known()
        name = self._names.add("one", completed_one(made, type_, known, is_required, lambda: self._function(selection)))
        return Completer(
            name,
            selection.is_placed or asks_for_place(type_),
            selection,
            known=self._names.add("known", known) if class_decides_check(type_) else "",
        )

    def _any_of(
        self, made: CompiledField, type_: GraphQLAbstractType, is_required: bool, details: list[FieldDetails]
    ) -> Completer:
        kept: dict[type, Any] = {}
        complete = completed_any(made, type_, is_required, lambda run, found: self._branch(run, found, details), kept)
        trait = deciding_trait(type_)
        return Completer(
            self._names.add("any_of", complete),
            is_placed=True,
            shapes=self._names.add("shapes", kept),
            trait="" if trait is None else self._names.add("trait", trait),
        )

    def _list(
        self,
        executor: "CompilingExecutor",
        made: CompiledField,
        type_: GraphQLList[Any],
        is_required: bool,
        details: list[FieldDetails],
    ) -> Completer:
        item_type, item_required = _unwrapped(type_.of_type)
        items = self._completer(executor, made, type_.of_type, details)
        name = self._names.add("list", None)
        self._lines += [
            f"def {name}(R, v, p):",
            " P, I = R.plans, R.infos",
            " if type(v) is not list and type(v) is not tuple:",
            "  v = listed(v)",
            "  if v is None:",
            *_none("   ", is_required),
            " l = []",
            " values = iter(v)",
            " try:",
            "  for v in values:",
            *indented(3, self._item(items, item_type, item_required)),
            " except BaseException:",
            "  abandon(values)",
            "  raise",
            " return l",
        ]
        if items.is_inlined and items.selection is not None:
            self._count(items.selection.size)
        return Completer(name, items.is_placed)

    def _item(self, items: Completer, type_: GraphQLOutputType, is_required: bool) -> Lines:
        """The lines that complete one item `v` of the list `l` that stands at `p`."""
        here = "(p, len(l), None)"
        slow = f"append(R, v, l, {items.name}, {items.place(here)})"
        fast = fast_leaf(type_, self._names)
        if fast is not None:
            is_plain = not is_required and fast.is_as_it_is
            condition = f"v is None or {fast.condition}" if is_plain else fast.condition
            return [f"if {condition}: l.append({fast.expression})", f"else: {slow}"]
        if items.shapes:
            of_class = f"{items.shapes}.get(type(v))"
            if items.trait:
                lookup = [f"f = {of_class}", f"if f is not None: f = f.get({items.trait}(v))"]
            else:
                lookup = [f"f = {of_class}", f"if f is not None and getattr(v, {CAST!r}, None) is not None: f = None"]
            return [*lookup, f"if f is not None: l.append(f(R, v, {here}))", f"else: {slow}"]
        selection = items.selection
        if selection is None or not items.known:
            return [slow]
        if not items.is_inlined:
            call = f"{self._written(selection)}(R, v, {items.place(here)})"
            return [f"if {is_known(items.known)}: l.append({call})", f"else: {slow}"]
        return [
            f"if {is_known(items.known)}:",
            f" {selection.source} = v",
            f" {selection.target} = {{}}",
            *indented(1, selection.body(here)),
            f" l.append({selection.target})",
            f"else: {slow}",
        ]


def _unwrapped(type_: GraphQLOutputType) -> tuple[Any, bool]:
    if isinstance(type_, GraphQLNonNull):
        return type_.of_type, True
    return type_, False


def _none(indent: str, is_required: bool) -> list[str]:
    return [f"{indent}raise Bail('null where there must be a value')" if is_required else f"{indent}return None"]
