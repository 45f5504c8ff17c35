"""The compiled executor as a Strawberry extension: one line in a schema, for queries and subscriptions."""

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any

from graphql import DocumentNode, GraphQLError, parse
from strawberry.extensions import SchemaExtension

from executor.compiler import KEPT_FIELDS, Compiler
from executor.execution import CompilingExecutor, compiling

KEPT_LETTERS = 256 * 1024
"""A syntax tree takes a hundred to two hundred times the room of its text: this is some 50 MB at the very most."""


class KeptDocuments:
    """Documents parsed once, because the compiler knows an operation by its syntax tree.

    The latest used are kept, up to a total length of their texts.
    """

    def __init__(self, letters: int = KEPT_LETTERS) -> None:
        self._limit = letters
        self._letters = 0
        self._kept: OrderedDict[tuple[Any, ...], DocumentNode] = OrderedDict()
        self._lock = Lock()

    def parsed(self, text: str, options: dict[str, Any]) -> DocumentNode:
        """The document of a text, under options of graphql-core's parser. Raises GraphQLError where it is none."""
        key = (text, *sorted(options.items()))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        document = parse(text, **options)
        if len(text) > self._limit:
            return document
        with self._lock:
            if key not in self._kept:
                self._letters += len(text)
            self._kept[key] = document
            while self._letters > self._limit:
                (oldest, *_), _ = self._kept.popitem(last=False)
                self._letters -= len(oldest)
        return document


class CompiledExecution(SchemaExtension):
    """Runs the operations of the schemas that name it from compiled functions. Made by `compiled_execution`.

    It sets the schema's `execution_context_class` when the first request comes, to a class on top of the one that was
    there. Where another extension overrides `resolve`, graphql-core runs everything, as before.
    """

    compiler: Compiler
    documents: KeptDocuments
    _context: Any = None

    @property
    def execution_context(self) -> Any:
        """The request, as Strawberry hands it to every extension before it looks at how to execute it."""
        return self._context

    @execution_context.setter
    def execution_context(self, context: Any) -> None:
        self._context = context
        schema = getattr(context, "schema", None)
        if schema is not None and not issubclass(schema.execution_context_class, CompilingExecutor):
            schema.execution_context_class = compiling(schema.execution_context_class, self.compiler)

    def on_parse(self) -> Iterator[None]:
        """Parses a text once."""
        context = self.execution_context
        if context.graphql_document is None and context.query:
            try:
                context.graphql_document = self.documents.parsed(context.query, dict(context.parse_options))
            except GraphQLError:
                # Strawberry parses it again and says what is wrong in its own way.
                context.graphql_document = None
        yield


def compiled_execution(
    after: int = 1, is_cautious: bool = True, kept_fields: int = KEPT_FIELDS, kept_letters: int = KEPT_LETTERS
) -> type[CompiledExecution]:
    """An extension class for `strawberry.Schema(..., extensions=[compiled_execution()])`.

    Arguments as the Compiler's; `kept_letters` bounds the kept documents. Each call makes a compiler of its own, which
    the schemas that are given the class share.
    """
    members = {"compiler": Compiler(after, is_cautious, kept_fields), "documents": KeptDocuments(kept_letters)}
    return type("CompiledExecution", (CompiledExecution,), members)
