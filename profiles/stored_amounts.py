"""Stored amounts and quantities: how a row becomes money, with what its source had said, and exact numbers."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from profiles.money import Money, Original

MILLI_DIGITS = 3


def stored_money(amount_minor: int, currency: str, original: Mapping[str, Any] | None, name: str) -> Money:
    """One amount of a row. `original` is the row's document of source amounts in minor units of the source's currency:
    `{"currency": "CAD", "rate": "0.74", "rate_date": "2026-01-31", "total": 1234}`; `name` is the amount's key in it.
    """
    if original is None or name not in original:
        return Money(amount_minor, currency)
    said = Original(
        original[name], original["currency"], Decimal(original["rate"]), date.fromisoformat(original["rate_date"])
    )
    return Money(amount_minor, currency, said)


def lacks_rate(money: Money, account_currency: str) -> bool:
    """Whether the amount stayed in its own currency because no rate was known for its day (ruling 5)."""
    return money.currency != account_currency and money.original is None


def exact_quantity(quantity_milli: int) -> Decimal:
    """Thousandths as a number without trailing zeros: 2000 is 2, 1250 is 1.25, 0 is 0; never in powers of ten."""
    digits = MILLI_DIGITS
    while digits and quantity_milli % 10 == 0:
        quantity_milli //= 10
        digits -= 1
    return Decimal(quantity_milli).scaleb(-digits)
