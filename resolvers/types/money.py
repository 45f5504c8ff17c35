"""Money: an exact amount, its currency, and what the source had said."""

from datetime import date
from decimal import Decimal

import strawberry

from profiles import money
from resolvers.scalars import CurrencyCode


@strawberry.type(description="What the source said, before the amount was converted.")
class OriginalMoney:
    amount: Decimal = strawberry.field(description="In the source's currency.")
    currency_code: CurrencyCode = strawberry.field(description="The source's currency.")
    rate: Decimal = strawberry.field(description="What one unit of it was worth in the account's currency.")
    rate_date: date = strawberry.field(description="The day of the rate: the newest not after the amount's own day.")


@strawberry.type(
    description="An amount in the account's currency. Where no exchange rate is known it stays in its own currency "
    "(`currencyCode` says so) and is left out of sums."
)
class Money:
    amount: Decimal = strawberry.field(description="Exact, with as many decimals as the currency has.")
    currency_code: CurrencyCode = strawberry.field(description="The currency of `amount`.")
    original: OriginalMoney | None = strawberry.field(description="Set where the source used another currency.")


def shape_money(value: money.Money) -> Money:
    """A domain amount as the schema shows it."""
    original = value.original
    return Money(
        amount=money.to_decimal(value.amount_minor, value.currency),
        currency_code=CurrencyCode(value.currency),
        original=OriginalMoney(
            amount=money.to_decimal(original.amount_minor, original.currency),
            currency_code=CurrencyCode(original.currency),
            rate=original.rate,
            rate_date=original.rate_date,
        )
        if original
        else None,
    )
