"""Documents: parsed, measured and validated once, and kept, because that is most of what a small request costs."""

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules.stream_directive_on_list_field import StreamDirectiveOnListField
from graphql.validation.validate import ValidationAbortedError
from strawberry import Schema
from strawberry.schema.schema import validate_document

from gateway.breadth import Breadth
from gateway.limits import INTROSPECTION, Limits, check_limits
from gateway.selection import fields_of
from gateway.validity import is_proven_valid
from profiles.errors import BadRequest, LimitExceeded

# A syntax tree takes a few hundred times the room of its text: this is some hundred usual documents.
KEPT_LETTERS = 256 * 1024
MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may be run, or (`errors`) why it may not."""

    node: DocumentNode | None
    errors: tuple[Exception, ...]
    reads_schema: bool = False
    reads_only_schema: bool = False
    breadth: Breadth = field(default_factory=Breadth, compare=False)
    _named: dict[str | None, frozenset[str]] = field(default_factory=dict, compare=False)

    def fields(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> frozenset[str]:
        """Every field that an operation of the document names, as `Type.field`."""
        name = operation.name.value if operation.name else None
        if name not in self._named and self.node is not None:
            self._named[name] = fields_of(schema, self.node, operation)
        return self._named[name]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run. Raises BadRequest where the name fits none, or is missing where there are several."""
        operations = [
            definition
            for definition in (self.node.definitions if self.node else ())
            if isinstance(definition, OperationDefinitionNode)
        ]
        if name is not None:
            for operation in operations:
                if operation.name is not None and operation.name.value == name:
                    return operation
            raise BadRequest("The document has no operation with the name in operationName.")
        if len(operations) == 1:
            return operations[0]
        if not operations:
            raise BadRequest("The document has no operation.")
        raise BadRequest("The document has several operations: say which to run in operationName.")


class Documents:
    """The documents of one schema; the ones used last are kept, up to a total length of their texts."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._letters = 0

    def prepare(self, text: str) -> Document:
        """A document by its text. Never raises: what is wrong with it is in `errors`."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        document = self._prepared(text)
        # What cannot be run is not kept: nobody sends it often for a good reason.
        if not document.errors and len(text) <= KEPT_LETTERS:
            self._kept[text] = document
            self._letters += len(text)
            while self._letters > KEPT_LETTERS:
                oldest, _ = self._kept.popitem(last=False)
                self._letters -= len(oldest)
        return document

    def _prepared(self, text: str) -> Document:
        limit = self._limits.tokens
        try:
            node = parse(text, max_lexical_tokens=limit, max_comments=limit)
            reads_schema = check_limits(node, self._limits)
            core = self._schema._schema
            errors = [] if is_proven_valid(core, node) else judged(core, node)
        except LimitExceeded as error:
            return Document(None, (error,))
        except GraphQLError as error:
            if "Parsing aborted" not in error.message:
                return Document(None, (error,))
            if "tokens" in error.message or "comments" in error.message:
                return Document(None, (LimitExceeded(f"A document may have {limit} tokens, and as many comments."),))
            return Document(None, (LimitExceeded("The document is nested too deeply."),))
        except RecursionError:
            return Document(None, (LimitExceeded("The document is nested too deeply."),))
        if errors and isinstance(errors[0], ValidationAbortedError):
            return Document(None, (LimitExceeded("The document's fields overlap too often to be compared."),))
        if errors:
            return Document(None, tuple(errors[:MOST_ERRORS]))
        return Document(node, (), reads_schema, _reads_only_schema(node))


def judged(schema: GraphQLSchema, node: DocumentNode) -> list[GraphQLError]:
    """What the rules of graphql-core, and Strawberry's two, find wrong with a document."""
    # Strawberry's rule for @oneOf must see a variable's definition before its use, and stumbles where there is none.
    ordered = sorted(node.definitions, key=lambda each: not isinstance(each, OperationDefinitionNode))
    rules = tuple(specified_rules)
    with suppress(KeyError, AttributeError):
        return validate_document(schema, DocumentNode(definitions=tuple(ordered), loc=node.loc), rules)
    with suppress(AttributeError):
        return validate(schema, node, rules)
    # graphql-core's rule for @stream stumbles over one in a union. No schema of ours has it: another rule refuses it.
    return validate(schema, node, [rule for rule in rules if rule is not StreamDirectiveOnListField])


def _reads_only_schema(node: DocumentNode) -> bool:
    """Whether its operations name nothing but the schema at the top, so that their answer never changes."""
    return all(
        isinstance(selection, FieldNode) and selection.name.value in INTROSPECTION
        for definition in node.definitions
        if isinstance(definition, OperationDefinitionNode)
        for selection in definition.selection_set.selections
    )


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether an operation answers more than once."""
    return operation.operation is OperationType.SUBSCRIPTION


def is_query(operation: OperationDefinitionNode) -> bool:
    """Whether an operation only reads."""
    return operation.operation is OperationType.QUERY
