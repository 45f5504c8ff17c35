"""What resolvers and fields can promise the executor, so that it does less for them. All of it works without it too."""

import inspect
from asyncio import Future, get_running_loop
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar, get_args, get_origin

K = TypeVar("K")
K_contra = TypeVar("K_contra", contravariant=True)
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
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


class Arrival:
    """What many values wait for together, the batch of a loader for one. It comes once."""

    __slots__ = ("_told", "has_come")

    def __init__(self) -> None:
        self.has_come = False
        self._told: list[Callable[[], object]] = []

    def tell(self, callback: Callable[[], object]) -> None:
        """Calls back when it comes; at once where it has."""
        if self.has_come:
            callback()
        else:
            self._told.append(callback)

    def come(self) -> None:
        """All its values can be had now."""
        self.has_come = True
        told, self._told = self._told, []
        for callback in told:
            callback()


class Batch(Protocol[K_contra, V_co]):
    """Many values that are asked for together."""

    def find(self, key: K_contra, /) -> V_co:
        """One that has arrived. Raises what went wrong with it."""
        ...


class Part(Generic[K, V]):
    """One value of a batch, to be had once the batch has arrived.

    It can be awaited like a future. A future for each of hundreds of values costs more than the values do.
    """

    __slots__ = ("arrival", "batch", "key")

    def __init__(self, arrival: Arrival, batch: Batch[K, V], key: K) -> None:
        self.arrival = arrival
        self.batch = batch
        self.key = key

    def __await__(self) -> Generator[Any, Any, V]:
        if not self.arrival.has_come:
            # Everybody who awaits has a future of their own: who is cancelled cancels it for nobody else.
            future: Future[None] = get_running_loop().create_future()
            self.arrival.tell(partial(_release, future))
            yield from future
        return self.batch.find(self.key)


class Hoped(Generic[V]):
    """A value that is there unless `check` turns out to be None: then it is null.

    What is asked of the value is asked for at once, beside the check instead of after it. Where the hope is dashed the
    run is repeated, so this is for what is nearly always there.
    """

    __slots__ = ("check", "value")

    def __init__(self, value: V, check: Part[Any, Any]) -> None:
        self.value = value
        self.check = check

    def __await__(self) -> Generator[Any, Any, V | None]:
        found = yield from self.check.__await__()
        return None if found is None else self.value


def _release(future: "Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def placeless(resolver: F) -> F:
    """Promises that the resolver never asks its info where it stands: one info serves all parents of a field."""
    resolver.__placeless__ = True  # type: ignore[attr-defined]
    return resolver


class _Elsewhere:
    """The type of `PLACED`."""

    def __repr__(self) -> str:
        return "PLACED"


PLACED: Final = _Elsewhere()
"""What the second step of a planned resolver gives where only the whole resolver can answer, because it has to ask its
info where it stands."""


class Each(Protocol[R_co]):
    """The second step of a planned resolver: answers for one parent. `Each[T]` belongs to a field of the type T."""

    def __call__(self, parent: Any, /) -> Any:
        """The answer, or a promise of it."""
        ...


def planned(plan: Callable[..., Each[Any]], otherwise: Callable[..., Any] | None = None) -> Any:
    """A Strawberry resolver in two steps: `plan(info, ...)` does what is the same for all parents of a field, and gives
    the function of the parent that answers.

    The plan is made once for all parents, so it must not ask its info where it stands, nor change its arguments. Where
    the function of the parent can give PLACED, `otherwise(root, info, ...)` is the whole resolver.
    """
    signature = inspect.signature(plan)
    returned = signature.return_annotation
    if get_origin(returned) is Each:
        (returned,) = get_args(returned)

    if otherwise is not None:

        def resolve(root: Any, info: Any, **arguments: Any) -> Any:
            return otherwise(root, info, **arguments)

    else:

        def resolve(root: Any, info: Any, **arguments: Any) -> Any:
            return plan(info, **arguments)(root)

    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    resolve.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[root, *signature.parameters.values()], return_annotation=returned
    )
    resolve.__annotations__ = {**plan.__annotations__, "return": returned}
    resolve.__name__, resolve.__qualname__, resolve.__module__ = plan.__name__, plan.__qualname__, plan.__module__
    resolve.__doc__ = plan.__doc__
    resolve.__plan__ = (plan, otherwise is not None)  # type: ignore[attr-defined]
    return resolve


def infoless(function: F) -> F:
    """Promises that an `is_type_of` or a `resolve_type` does not look at its info: it is given None."""
    function.__infoless__ = True  # type: ignore[attr-defined]
    return function


def class_decides(function: F) -> F:
    """Promises that an `is_type_of` or a `resolve_type` has the same outcome for all values of one class, and does
    not look at its info."""
    function.__class_decides__ = True  # type: ignore[attr-defined]
    return function


def decided_by(trait: Callable[[Any], Any]) -> Callable[[F], F]:
    """Promises that a `resolve_type`, and the `is_type_of` of the types it names, have the same outcome for all values
    of one class with the same trait, which can be hashed, and that none of them looks at its info."""

    def promise(function: F) -> F:
        function.__decided_by__ = trait  # type: ignore[attr-defined]
        return infoless(function)

    return promise
