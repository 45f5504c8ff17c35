"""Who the customer is: fields that all come from one row, loaded once per customer however many of them are asked."""

from collections.abc import Callable
from typing import Any

from executor.promises import Later, planned
from profiles.customers import CustomerRow
from profiles.viewer import Scope
from resolvers.about import About
from resolvers.context import Info
from resolvers.guard import guarded


def stated(pick: Callable[[CustomerRow], Any], type: Any, *, needs: Scope, description: str) -> Any:
    """A field of the customer's row: `pick` takes the value from it, `type` is its Python type in the schema."""

    def of(row: CustomerRow | None) -> Any:
        return None if row is None else pick(row)

    def plan(info: Info) -> Any:
        customers = info.context.loaders.customer_by_id

        def each(about: About) -> Any:
            # A list of customers has read who they are.
            row = customers.known(about.customer_id, None)
            return pick(row) if row is not None else Later(customers.ask(about.customer_id, None), of)

        return each

    plan.__annotations__["return"] = type
    return guarded(planned(plan), needs=needs, description=description)
