"""Money: an exact amount, its currency, and what the source had said; the values are those of `profiles.money`."""

from datetime import date
from decimal import Decimal
from typing import cast

import strawberry

from profiles import money
from profiles.money import decimal_text
from resolvers.rows import derived
from resolvers.scalars import CurrencyCode


@strawberry.type(description="What the source said, before the amount was converted.")
class OriginalMoney:
    amount: Decimal = derived(
        lambda root: decimal_text(root.amount_minor, root.currency), Decimal, description="In the source's currency."
    )
    currency: CurrencyCode = strawberry.field(name="currencyCode", description="The source's currency.")
    rate: Decimal = strawberry.field(description="What one unit of it was worth in the account's currency.")
    rate_date: date = strawberry.field(description="The day of the rate: the newest not after the amount's own day.")


@strawberry.type(
    description="An amount in the account's currency. Where no exchange rate is known it stays in its own currency "
    "(`currencyCode` says so) and is left out of sums."
)
class Money:
    amount: Decimal = derived(
        lambda root: decimal_text(root.amount_minor, root.currency),
        Decimal,
        description="Exact, with as many decimals as the currency has.",
    )
    currency: CurrencyCode = strawberry.field(name="currencyCode", description="The currency of `amount`.")
    original: OriginalMoney | None = strawberry.field(description="Set where the source used another currency.")


def shape_money(value: money.Money) -> Money:
    """A domain amount as the schema shows it: the schema reads from it as it is."""
    return cast(Money, value)
