"""The compiler: which operations are compiled, and where the compiled ones are kept."""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from operator import is_ as is_same
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import ref

from graphql import DirectiveNode, GraphQLError, OperationDefinitionNode, OperationType, VariableNode
from graphql.execution.collect_fields import collect_fields
from graphql.language import Visitor, visit

from executor.run import Run
from executor.values import Bail, Dashed, Unsupported
from executor.writing import Writer

if TYPE_CHECKING:
    from executor.execution import CompilingExecutor

CONDITIONS = ("skip", "include")
INCREMENTAL = ("defer", "stream")
KEPT_FIELDS = 50_000
"""A written field takes about 2 kB: this is some 100 MB at the very most, some hundred usual operations."""
MOST_CONDITIONS = 16
"""Of one operation so many combinations of `@skip` and `@include` are compiled; the others are left to graphql-core."""
MOST_CAUTION = 64


@dataclass(slots=True)
class Compiled:
    """An operation as a function, under one set of conditions."""

    function: Callable[[Run, Any, Any], Any]
    writer: Writer
    counted: int = 0
    """The size that the compiler has counted; what turns up behind an interface is written later."""


@dataclass(slots=True)
class Kept:
    """What is known of one operation. A syntax tree that nobody else holds any more ends this too."""

    operation: "ref[OperationDefinitionNode]"
    fragments: tuple[Any, ...]
    schema: Any
    seen: int = 0
    variables: tuple[str, ...] | None = None
    is_supported: bool = True
    by_conditions: dict[tuple[Any, ...], Compiled | None] = field(default_factory=dict)
    caution: int = 0
    """After a run that had to be repeated, so many runs go to graphql-core at once: errors tend to come again."""
    next_caution: int = 1

    def is_of(self, executor: "CompilingExecutor") -> bool:
        """Whether that is an execution of the same operation: one put together from parts can have other fragments."""
        if self.operation() is not executor.operation:
            return False
        if self.schema is not executor.schema or len(self.fragments) != len(executor.fragment_definitions):
            return False
        return all(map(is_same, self.fragments, executor.fragment_definitions.values()))

    @property
    def counted(self) -> int:
        """The size as counted, in written fields; never nothing."""
        return 1 + sum(compiled.counted for compiled in self.by_conditions.values() if compiled)


class Compiler:
    """Compiles operations when they come again, and keeps them, up to a total size, the latest used.

    An operation is known by its syntax tree, and forgotten with it: whoever parses the same text anew for every request
    gains nothing here.
    `after` says how often graphql-core runs an operation before it is compiled: a document that never comes again costs
    what it costs there. `is_cautious` leaves operations that fail to graphql-core for a while, since a failed run is
    done twice.
    """

    def __init__(self, after: int = 1, is_cautious: bool = True, kept_fields: int = KEPT_FIELDS) -> None:
        self._after = after
        self._is_cautious = is_cautious
        self._limit = kept_fields
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._size = 0
        # Compiling is one thread's work at a time; an operation that is kept is found without asking.
        self._lock = RLock()
        self.compiled = 0
        """How many functions were compiled so far."""
        self.repeated = 0
        """How many runs graphql-core had to repeat so far."""
        self.dashed = 0
        """How many runs graphql-core had to repeat because something hoped for was not there."""
        self.left = 0
        """How many operations turned out to be of a kind that is left to graphql-core."""

    def find(self, executor: "CompilingExecutor") -> Compiled | None:
        """The compiled operation of an execution; None where graphql-core runs it."""
        kept = self._find(executor)
        if not kept.is_supported or not kept.is_of(executor):
            return None
        kept.seen += 1
        if kept.seen <= self._after:
            return None
        if kept.caution > 0:
            kept.caution -= 1
            return None
        if kept.variables is None:
            conditions_on = _condition_variables(executor)
            if conditions_on is None:
                kept.is_supported = False
                return None
            kept.variables = conditions_on
        coerced = executor.variable_values.coerced
        conditions = tuple(coerced.get(name) for name in kept.variables)
        if conditions not in kept.by_conditions:
            self._compile(executor, kept, conditions)
        compiled = kept.by_conditions.get(conditions)
        if compiled is not None and compiled.counted != compiled.writer.size:
            self._count(compiled)
        return compiled

    def _find(self, executor: "CompilingExecutor") -> Kept:
        operation = executor.operation
        key = id(operation)
        kept = self._kept.get(key)
        if kept is not None:
            # Another thread may just have dropped it.
            with suppress(KeyError):
                self._kept.move_to_end(key)
            return kept
        reference = ref(operation, partial(self._forget, key))
        kept = Kept(reference, tuple(executor.fragment_definitions.values()), executor.schema)
        kept.is_supported = operation.operation is not OperationType.MUTATION
        with self._lock:
            known = self._kept.setdefault(key, kept)
            if known is kept:
                self._size += 1
                self._trim()
        return known

    def _forget(self, key: int, operation: "ref[OperationDefinitionNode]") -> None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.operation is operation:
                del self._kept[key]
                self._size -= kept.counted

    def repeats(self, executor: "CompilingExecutor", reason: BaseException) -> None:
        """A compiled run of that execution has failed."""
        if isinstance(reason, Dashed):
            # The operation is as good as any other: it met somebody who is not there.
            self.dashed += 1
            return
        self.repeated += 1
        kept = self._kept.get(id(executor.operation))
        if kept is None:
            return
        if isinstance(reason, Unsupported):
            self.left += 1
            kept.is_supported = False
        elif self._is_cautious:
            kept.caution = kept.next_caution
            kept.next_caution = min(MOST_CAUTION, kept.next_caution * 2)

    def succeeded(self, executor: "CompilingExecutor") -> None:
        """A compiled run has given the answer."""
        kept = self._kept.get(id(executor.operation))
        if kept is not None:
            kept.next_caution = 1

    def _compile(self, executor: "CompilingExecutor", kept: Kept, conditions: tuple[Any, ...]) -> None:
        with self._lock:
            if conditions in kept.by_conditions or len(kept.by_conditions) >= MOST_CONDITIONS:
                return
            started = time.perf_counter()
            compiled = kept.by_conditions[conditions] = _compiled(executor)
            executor.compiled_in((time.perf_counter() - started) * 1000)
            if compiled is None:
                self.left += 1
            else:
                self.compiled += 1
                self._count(compiled)

    def _count(self, compiled: Compiled) -> None:
        with self._lock:
            size = compiled.writer.size
            self._size += size - compiled.counted
            compiled.counted = size
            self._trim()

    def _trim(self) -> None:
        while self._size > self._limit and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.counted


def _compiled(executor: "CompilingExecutor") -> Compiled | None:
    operation = executor.operation
    root = executor.schema.get_root_type(operation.operation)
    if root is None:
        return None
    try:
        fields, new_defer_usages, _ = collect_fields(
            executor.schema, executor.fragments, executor.variable_values, root, operation, executor.hide_suggestions
        )
        if new_defer_usages:
            return None
        writer = Writer(executor)
        return Compiled(writer.root(executor, root, fields), writer)
    except (Bail, GraphQLError, RecursionError, SyntaxError, MemoryError):
        # GraphQLError: a condition without a value. SyntaxError: a limit of Python's; graphql-core has others.
        return None


def _condition_variables(executor: "CompilingExecutor") -> tuple[str, ...] | None:
    """The variables on which it depends what is selected; None where parts of the answer may come later."""
    names: set[str] = set()
    is_incremental = False

    class Search(Visitor):
        def enter_directive(self, directive: DirectiveNode, *_: Any) -> None:
            nonlocal is_incremental
            is_incremental = is_incremental or directive.name.value in INCREMENTAL
            if directive.name.value in CONDITIONS:
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        names.add(argument.value.name.value)

    visit(executor.operation, Search())
    for fragment in executor.fragment_definitions.values():
        visit(fragment, Search())
    return None if is_incremental else tuple(sorted(names))
