"""Documents: parsed, measured and validated once, and kept, because that is most of what a small request costs."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
)
from strawberry import Schema
from strawberry.schema.schema import validate_document

from gateway.limits import Limits, check_limits, reads_schema
from profiles.errors import BadRequest, LimitExceeded

KEPT_DOCUMENTS = 500
LONGEST_KEPT = 32 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may be run, or (`errors`) why it may not."""

    node: DocumentNode | None
    errors: tuple[Exception, ...]
    reads_schema: bool = False

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
    """The documents of one schema; the ones used last are kept, up to a number and a length."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def prepare(self, text: str) -> Document:
        """A document by its text. Never raises: what is wrong with it is in `errors`."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        document = self._prepared(text)
        if len(text) <= LONGEST_KEPT:
            self._kept[text] = document
            if len(self._kept) > KEPT_DOCUMENTS:
                self._kept.popitem(last=False)
        return document

    def _prepared(self, text: str) -> Document:
        limit = self._limits.tokens
        try:
            node = parse(text, max_lexical_tokens=limit, max_comments=limit)
            check_limits(node, self._limits)
            errors = validate_document(self._schema._schema, node, tuple(specified_rules))
        except LimitExceeded as error:
            return Document(None, (error,))
        except GraphQLError as error:
            if "Parsing aborted" in error.message or "too deeply" in error.message:
                return Document(None, (LimitExceeded(f"A document may have {limit} tokens, and be nested 500 deep."),))
            return Document(None, (error,))
        except RecursionError:
            return Document(None, (LimitExceeded("The document is nested too deeply."),))
        return Document(None, tuple(errors)) if errors else Document(node, (), reads_schema(node))


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether an operation answers more than once."""
    return operation.operation is OperationType.SUBSCRIPTION


def is_query(operation: OperationDefinitionNode) -> bool:
    """Whether an operation only reads."""
    return operation.operation is OperationType.QUERY
