"""What resolved values can be: plain, awaitable, an error, nothing; decided once per class where the class decides."""

from asyncio import Future
from collections.abc import AsyncIterable, Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import CoroutineType, GeneratorType
from typing import Any
from uuid import UUID

from graphql.pyutils import Undefined, is_iterable

from executor.promises import Hoped, Later, Part


class Bail(Exception):
    """This run must be repeated by graphql-core: something is wrong with the answer, and that knows how to say it."""


class Unsupported(Bail):
    """The operation resolves in a way that is not compiled: it is left to graphql-core from now on."""


class Dashed(Bail):
    """What was hoped for is not there: graphql-core answers, from what is loaded by now."""


PLAIN: set[type] = {str, int, float, bool, bytes, list, tuple, dict, set, frozenset, datetime, date, Decimal, UUID}
"""Classes whose values are neither null nor errors nor awaitable. Grows with the classes that resolvers return."""
MOST_PLAIN = 10_000
PROMISES: frozenset[type] = frozenset({Part, Later, Hoped, Future, CoroutineType})
"""Classes whose values are awaited, known without asking."""


def present(value: Any) -> Any:
    """The value, or None for none. Raises an exception that was returned instead of raised, as graphql-core does."""
    if isinstance(value, Exception):
        raise value
    if value is None or value is Undefined:
        return None
    if len(PLAIN) < MOST_PLAIN and not hasattr(value, "__await__") and type(value) is not GeneratorType:
        # Of generators some are awaitable: those of functions under `types.coroutine`.
        PLAIN.add(type(value))
    return value


def listed(value: Any) -> Any:
    """The value to loop over, or None for none. Raises Bail for what is no list."""
    value = present(value)
    if value is None:
        return None
    if isinstance(value, AsyncIterable):
        raise Unsupported("an async iterable")
    if not is_iterable(value):
        raise Bail("no list")
    return value


def abandon(values: Any) -> None:
    """Closes coroutines, alone or in lists, that nobody will ask for, so that they are not missed."""
    if type(values) is CoroutineType:
        values.close()
    elif type(values) in _ENDING:
        for value in values:
            abandon(value)


# What is consumed by looking at it, or never ends, is left alone.
_ENDING: tuple[type, ...] = (list, tuple, type(iter([])), type(iter(())))


def leaf(coerce: Callable[[Any], Any], is_required: bool) -> Callable[[Any, Any, Any], Any]:
    """The completer of a scalar or an enum."""

    def complete(_run: Any, value: Any, _at: Any) -> Any:
        value = present(value)
        if value is not None:
            value = coerce(value)
            if value is None or value is Undefined:
                raise Bail("a leaf without a value")
        elif is_required:
            raise Bail("null where there must be a value")
        return value

    return complete


CHANGEABLE = (list, dict)


def copied(value: Any) -> Any:
    """The same value with lists and mappings of its own."""
    if type(value) is dict:
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if type(value) is list else value


def is_unchangeable(value: Any) -> bool:
    """Whether resolvers can share the value, because none could change it for the others."""
    if value is None or isinstance(value, (str, int, float, bool, bytes, Decimal, date, UUID)):
        return True
    if isinstance(value, (tuple, frozenset)):
        return all(is_unchangeable(item) for item in value)
    return type(value).__module__ != "builtins" and _is_member(value)


def _is_member(value: Any) -> bool:
    members = getattr(type(value), "__members__", None)
    return isinstance(members, Mapping) and value in members.values()
