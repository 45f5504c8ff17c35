"""What the torture schema is made of: enums, scalars, inputs, guards, and values that arrive in every possible way."""

import asyncio
import copy
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Any, ClassVar, NewType, TypeVar

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.types.field import StrawberryField

from executor.admission import AdmittingField
from executor.promises import Arrival, Part

SEEN: ContextVar[str] = ContextVar("SEEN", default="nobody")
T = TypeVar("T")


@strawberry.enum
class Color(Enum):
    RED = "red"
    GREEN = "green"


@strawberry.enum
class Level(IntEnum):
    LOW = 1
    HIGH = 2


@strawberry.enum
class Word(StrEnum):
    YES = "yes"
    NO = "no"


@strawberry.enum
class Bits(Flag):
    ONE = 1
    TWO = 2


def _serialized(value: object) -> object:
    if value == "raise":
        raise ValueError("A scalar that cannot be shown.")
    return None if value == "none" else f"<{value}>"


def _parsed(value: object) -> object:
    if value == "raise":
        raise ValueError("A scalar that cannot be read.")
    # Something that a resolver can change.
    return {"read": value}


Odd = NewType("Odd", object)
ODD = strawberry.scalar(name="Odd", serialize=_serialized, parse_value=_parsed)


class Coded(Exception):
    """An error that brings extensions along."""

    extensions: ClassVar[dict[str, Any]] = {"code": "CODED", "field": ["a"]}


class Refusal(Exception):
    """An error of a resolver."""


class Allowed(BasePermission):
    """Lets everybody pass, after a while."""

    message = "never said"

    async def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        await asyncio.sleep(0)
        return True


class Denied(BasePermission):
    """Lets nobody pass."""

    message = "You may not."
    error_extensions: ClassVar[dict[str, Any]] = {"code": "DENIED"}

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return False


class Quoted(FieldExtension):
    """Puts a result into quotes."""

    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return f"'{next_(source, info, **kwargs)}'"

    async def resolve_async(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return f"'{await next_(source, info, **kwargs)}'"


class Counting(StrawberryField):
    """A field class with a way of its own to a result."""

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return f"{info.field_name}:{super().get_result(source, info, args, kwargs)}"


class Admitting(AdmittingField):
    """A field with a condition that its name decides."""

    def admits(self, context: Any, name: str) -> bool:
        if name.startswith("bad"):
            raise Coded("Not admitted.")
        return not name.startswith("not")


@strawberry.input
class Inner:
    number: int = 7
    odd: Odd | None = None


@strawberry.input
class Details:
    text: str
    numbers: list[int] = strawberry.field(default_factory=lambda: [1, 2])
    inner: Inner | None = strawberry.UNSET
    inners: list[Inner | None] | None = None
    color: Color = Color.RED
    maybe: strawberry.Maybe[int | None]


@strawberry.input(one_of=True)
class Either:
    number: int | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    inner: Inner | None = strawberry.UNSET


@strawberry.input
class Made:
    """Builds its value itself."""

    text: str


def _made(_type: type, value: Any, context: Any) -> Any:
    return f"made of {value} at {context.path}"


Made.__strawberry_definition__.from_input = _made


class Row:
    """Something that a database could have given: no Strawberry type, only alike."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def copied(row: Any, **changes: Any) -> Any:
    """Another one of the same class, with other values."""
    made = copy.copy(row)
    made.__dict__.update(changes)
    return made


async def slowly(value: T, passes: int = 1) -> T:
    """The value, some passes of the loop later."""
    for _ in range(passes):
        await asyncio.sleep(0)
    return value


class Promise:
    """Awaitable, and neither a coroutine nor a future."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Any:
        yield from slowly(None).__await__()
        return self.value


def soon(value: Any) -> "asyncio.Future[Any]":
    """A future that is done in the next pass of the loop."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(lambda: None if future.cancelled() else future.set_result(value))
    return future


def done(value: Any) -> "asyncio.Future[Any]":
    """A future that is done already."""
    future = asyncio.get_running_loop().create_future()
    if isinstance(value, Exception):
        future.set_exception(value)
        future.exception()
    else:
        future.set_result(value)
    return future


class Shouted:
    """A batch: the keys themselves, but nothing for nobody, and a failure for a bad one."""

    def find(self, key: str) -> str | None:
        """The value of a key."""
        if key == "bad":
            raise Refusal("Of a batch.")
        return None if key == "nobody" else f"{key}!"


def part(key: str, is_there: bool = False) -> "Part[str, str | None]":
    """One value of a batch that arrives in the next pass of the loop, or has arrived."""
    arrival = Arrival()
    if is_there:
        arrival.come()
    else:
        asyncio.get_running_loop().call_soon(arrival.come)
    return Part(arrival, Shouted(), key)


async def stream(*values: Any) -> AsyncGenerator[Any, None]:
    """The values one by one."""
    for value in values:
        await asyncio.sleep(0)
        yield value
