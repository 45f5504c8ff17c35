"""Who the customer is: fields that all come from one row, loaded once per customer however many of them are asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from profiles.customers import CustomerRow
from profiles.viewer import Scope
from resolvers.about import About
from resolvers.context import Info
from resolvers.guard import guarded


def stated(pick: Callable[[CustomerRow], Any], type: Any, *, needs: Scope, description: str) -> Any:
    """A field of the customer's row: `pick` takes the value from it, `type` is its Python type in the schema."""

    def resolve(about: strawberry.Parent[About], info: Info) -> Any:
        return _picked(info.context.loaders.customer_by_id.ask(about.customer_id, None), pick)

    resolve.__annotations__["return"] = type
    return guarded(resolve, needs=needs, description=description)


async def _picked(loading: Awaitable[CustomerRow | None], pick: Callable[[CustomerRow], Any]) -> Any:
    row = await loading
    return None if row is None else pick(row)
