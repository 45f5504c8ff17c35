"""Types whose values are the rows themselves: nothing is copied, and only what is asked for is worked out."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_args, get_origin

import strawberry

from executor.promises import class_decides

T = TypeVar("T")
R = TypeVar("R", bound=Callable[..., Any])


def values_are(*kinds: type) -> Any:
    """The `is_type_of` of a type whose values are objects of these classes."""

    @class_decides
    def is_type_of(_cls: type, value: Any, _info: Any) -> bool:
        return isinstance(value, kinds)

    return classmethod(is_type_of)


def derived(pick: Callable[[Any], Any], type: Any, *, description: str) -> Any:
    """A field worked out from the row alone, which `pick` calls `root`; `type` is its Python type in the schema."""
    pick.__annotations__["return"] = type
    return strawberry.field(pick, description=description)


def promised(resolver: R) -> R:
    """Strawberry knows the type behind an `async def`, but not behind a `def` that returns an Awaitable."""
    returned = resolver.__annotations__.get("return")
    if get_origin(returned) is Awaitable:
        (resolver.__annotations__["return"],) = get_args(returned)
    return resolver
