"""Errors as clients see them: a code of the closed list and a message; of anything unknown only a request id."""

import logging
import re
import traceback
from collections.abc import Iterable
from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLError,
    Node,
    ObjectFieldNode,
    ValueNode,
    Visitor,
    parse,
    visit,
)
from graphql.language import Location
from strawberry.exceptions import StrawberryInputCoercionError

from profiles.errors import BadRequest, ProfileError, WriteRefused

log = logging.getLogger("profile_gateway.errors")

CODES = frozenset(
    {
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "NOT_FOUND",
        "BAD_REQUEST",
        "BAD_CURSOR",
        "LIMIT_EXCEEDED",
        "THROTTLED",
        "TIMEOUT",
        "SOURCE_UNAVAILABLE",
        "RESUME_EXPIRED",
        "PERSISTED_QUERY_NOT_FOUND",
        "DOCUMENT_NOT_ALLOWED",
        "PAYLOAD_TOO_LARGE",
        "INTERNAL",
    }
)
_IN_VARIABLE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at ((?:\.\w+|\[\d+\])+))?: ")
_STEP = re.compile(r"\w+")
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")
_MAX_MESSAGE = 500


class PayloadTooLarge(ProfileError):
    """A body or message beyond its limit."""

    code = "PAYLOAD_TOO_LARGE"


class Masking:
    """Turns errors of one request into what its viewer may see, and logs what nobody expected, once."""

    def __init__(self, request_id: str, suggests: bool, logs_messages: bool = False) -> None:
        self._request_id = request_id
        self._suggests = suggests
        self._logs_messages = logs_messages

    def shown(self, errors: Iterable[GraphQLError | Exception]) -> list[dict[str, Any]]:
        """The `errors` of an answer."""
        return [self.shown_one(error) for error in errors]

    def shown_one(self, error: GraphQLError | Exception) -> dict[str, Any]:
        """One error: message, locations, path, and extensions.code."""
        cause = _cause(error)
        shown: dict[str, Any] = {"message": "", "extensions": {}}
        if isinstance(error, GraphQLError):
            if error.locations:
                shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
            if error.path is not None:
                shown["path"] = error.path
        if isinstance(cause, ProfileError):
            shown["message"] = cause.message
            shown["extensions"]["code"] = cause.code if cause.code in CODES else BadRequest.code
            if cause.field:
                shown["extensions"]["field"] = list(cause.field)
            self._log_source(cause)
        elif isinstance(cause, GraphQLError) and _is_of_the_request(cause):
            shown["message"] = self._worded(cause)
            shown["extensions"]["code"] = BadRequest.code
        else:
            shown["message"] = f"Something went wrong on our side. Request id: {self._request_id}."
            shown["extensions"] |= {"code": "INTERNAL", "requestId": self._request_id}
            self._log(cause)
        if where := _in_variable(error) or _in_document(error):
            shown["extensions"].setdefault("field", where)
        return shown

    def _worded(self, error: GraphQLError) -> str:
        message = error.message
        if isinstance(error, StrawberryInputCoercionError):
            # Its later sentences advise the author of the schema, not the client.
            message = message.split(". ", 1)[0].rstrip(".") + "."
        if not self._suggests:
            message = _SUGGESTION.sub("", message)
        return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}..."

    def _log_source(self, error: ProfileError) -> None:
        # The client is told that a source is away; what the driver said is for those who run the gateway.
        if error.__cause__ is not None and not isinstance(error, WriteRefused):
            self._write(logging.WARNING, "a source failed", error.__cause__)

    def _log(self, error: BaseException) -> None:
        self._write(logging.ERROR, "unexpected", error)

    def _write(self, level: int, what: str, error: BaseException) -> None:
        # A message may quote a row (an email in a unique violation), so only a developer's own machine logs it.
        said = f": {error}" if self._logs_messages else ""
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.log(level, "request %s, %s: %s%s\n%s", self._request_id, what, type(error).__name__, said, frames)


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _in_variable(error: BaseException) -> list[str]:
    """Where in the variables the mistake is, beginning with the variable's name; empty where it is not in them.

    The location of such an error is the variable's definition, which says nothing of an event among five hundred.
    """
    said = _IN_VARIABLE.match(error.message) if isinstance(error, GraphQLError) else None
    return [] if said is None else [said[1], *_STEP.findall(said[2] or "")]


def _in_document(error: BaseException) -> list[str]:
    """Where in an argument that the document itself writes the mistake is, beginning with the argument's name."""
    node = error.nodes[0] if isinstance(error, GraphQLError) and error.nodes else None
    if not isinstance(node, ArgumentNode | ValueNode | ObjectFieldNode) or node.loc is None:
        return []
    found = _Innermost(node.loc)
    visit(parse(node.loc.source), found)
    return found.place


class _Innermost(Visitor):
    """The way to a place in a document: the argument, and within it the names and numbers of what contains it."""

    def __init__(self, mistake: Location) -> None:
        super().__init__()
        self._mistake = mistake
        self.place: list[str] = []

    def enter(self, node: Node, key: str | int | None, parent: Any, *_: Any) -> Any:
        if not _contains(node.loc, self._mistake):
            return self.SKIP
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            self.place.append(node.name.value)
        elif isinstance(key, int) and self.place:
            self.place.append(str(key))
        return None


def _contains(outer: Location | None, inner: Location) -> bool:
    return outer is not None and outer.start <= inner.start and inner.end <= outer.end


def _is_of_the_request(error: GraphQLError) -> bool:
    # Without a path it comes from parsing, validation or the variables. With one, only an argument's value is the
    # client's doing; a value that could not be shown is ours.
    return (
        error.path is None
        or isinstance(error, StrawberryInputCoercionError)
        or error.message.startswith(("Argument ", "Variable "))
    )
