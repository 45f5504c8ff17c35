"""Amounts of stored rows as fields: money, with a warning where one stayed in its own currency."""

from collections.abc import Callable
from typing import Any

import strawberry

from profiles import money
from profiles.stored_amounts import lacks_rate
from resolvers.context import Info
from resolvers.types.money import Money, shape_money

RATE_MISSING = "RATE_MISSING"


def amount(pick: Callable[[Any], money.Money | None], type: Any, *, description: str) -> Any:
    """A field of money: `pick` takes it from the object, `type` is Money or Money | None.

    A resolver rather than a value, so that the warning names the path at which the amount was asked for, and no amount
    that nobody asked for is warned about.
    """

    def resolve(self: Any, info: Info) -> Any:
        return shown_amount(info, pick(self))

    resolve.__annotations__["return"] = type
    return strawberry.field(resolve, description=description)


def shown_amount(info: Info, value: money.Money | None) -> Money | None:
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
    return shape_money(value)
