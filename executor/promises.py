"""What resolvers and fields can promise the executor, so that it does less for them. All of it works without it too."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

V = TypeVar("V")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


class Later(Generic[V, R]):
    """`then(value)` of an awaitable's value, without a coroutine for it."""

    __slots__ = ("awaited", "then")

    def __init__(self, awaited: Awaitable[V], then: Callable[[V], R]) -> None:
        self.awaited = awaited
        self.then = then

    def __await__(self) -> Generator[Any, Any, R]:
        value = yield from self.awaited.__await__()
        return self.then(value)


def placeless(resolver: F) -> F:
    """Promises that the resolver never asks its info where it stands: one info serves all parents of a field."""
    resolver.__placeless__ = True  # type: ignore[attr-defined]
    return resolver


def infoless(function: F) -> F:
    """Promises that an `is_type_of` or a `resolve_type` does not look at its info: it is given None."""
    function.__infoless__ = True  # type: ignore[attr-defined]
    return function


def class_decides(function: F) -> F:
    """Promises that an `is_type_of` or a `resolve_type` has the same outcome for all values of one class, and does
    not look at its info."""
    function.__class_decides__ = True  # type: ignore[attr-defined]
    return function
