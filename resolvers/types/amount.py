"""Amounts of stored rows as fields: money, with a warning where one stayed in its own currency."""

from collections.abc import Callable
from typing import Any

import strawberry

from executor.promises import PLACED, planned
from profiles.money import Money
from profiles.stored_amounts import lacks_rate
from resolvers.context import Info

RATE_MISSING = "RATE_MISSING"


def amount(pick: Callable[[Any], Money | None], type: Any, *, description: str) -> Any:
    """A field of money: `pick` takes it from the object, `type` is Money or Money | None.

    A resolver rather than a value, so that the warning names the path at which the amount was asked for, and no amount
    that nobody asked for is warned about.
    """

    def plan(info: Info) -> Any:
        currency = info.context.account.currency

        def each(root: Any) -> Any:
            value = pick(root)
            # Only of the others a warning may have to say where they stand.
            return value if value is None or value.currency == currency else PLACED

        return each

    plan.__annotations__["return"] = type
    resolver = planned(plan, otherwise=lambda root, info: shown_amount(info, pick(root)))
    return strawberry.field(resolver, description=description)


def shown_amount(info: Info, value: Money | None) -> Any:
    """An amount as the schema shows it; one without a rate adds RATE_MISSING to the operation's warnings."""
    if value is None:
        return None
    context = info.context
    if lacks_rate(value, context.account.currency):
        context.warnings.append(
            {
                "code": RATE_MISSING,
                "message": f"No exchange rate is known for this amount, so it stays in {value.currency}.",
                "path": info.path.as_list(),
            }
        )
    return value
