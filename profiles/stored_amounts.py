"""Stored amounts and quantities: how amounts are converted and kept with what their source said, and read as money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from profiles.money import Money, Original, Rate, convert

MILLI_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Conversion:
    """How amounts in `source` are kept: in `currency`, at `rate`; without a rate they stay as they are (ruling 5)."""

    source: str
    currency: str
    rate: Rate | None = None

    def kept(self, source_minor: int) -> int:
        """The amount as it is kept."""
        if self.rate is None:
            return source_minor
        return convert(source_minor, self.source, self.currency, self.rate.rate, self.rate.rate_date).amount_minor

    def original(self, **source_minor: int | None) -> dict[str, Any] | None:
        """The document of source amounts beside a converted row; an amount of None was not said."""
        if self.rate is None:
            return None
        return {
            "currency": self.source,
            "rate": str(self.rate.rate),
            "rate_date": self.rate.rate_date.isoformat(),
            **{name: amount for name, amount in source_minor.items() if amount is not None},
        }

    @classmethod
    def of(cls, source: str, account_currency: str, rate: Rate | None) -> "Conversion":
        """How amounts are kept whose day has that newest rate; without one they stay, the account's own need none."""
        if source == account_currency or rate is None:
            return cls(source, source)
        return cls(source, account_currency, rate)

    @classmethod
    def behind(cls, currency: str, original: Mapping[str, Any] | None) -> "Conversion":
        """The conversion that a row in `currency` with that document has gone through."""
        if original is None:
            return cls(currency, currency)
        rate = Rate(date.fromisoformat(original["rate_date"]), Decimal(original["rate"]))
        return cls(original["currency"], currency, rate)


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


@lru_cache(maxsize=1024)
def exact_quantity(quantity_milli: int) -> Decimal:
    """Thousandths as a number without trailing zeros: 2000 is 2, 1250 is 1.25, 0 is 0; never in powers of ten."""
    digits = MILLI_DIGITS
    while digits and quantity_milli % 10 == 0:
        quantity_milli //= 10
        digits -= 1
    return Decimal(quantity_milli).scaleb(-digits)
