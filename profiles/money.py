"""Money: integer minor units with each currency's own exponent, and how it is rounded, converted, averaged and written.

Arithmetic is on integers throughout, so no decimal context and no float can round an amount a second time.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import get_currency_precision, list_currencies
from iso4217 import raw_table

from profiles.errors import Invalid
from profiles.records import record

LARGEST_MINOR = 2**63 - 1
"""What a bigint column holds; a larger amount is refused at the door instead of by the database."""

_CANONICAL = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,4})?) ([A-Z]{3})")
_MOST_DECIMALS = 100


class UnknownCurrency(Invalid):
    """A code that money cannot be in: not a currency, or one without a minor unit of account (XXX, gold)."""


@dataclass(frozen=True, slots=True)
class Original:
    """What the source said, in minor units of its currency, with the rate it was converted at and that rate's day."""

    amount_minor: int
    currency: str
    rate: Decimal
    rate_date: date


@record
class Money:
    """An amount in minor units of `currency` (ISO 4217); `original` is set where it was converted."""

    amount_minor: int
    currency: str
    original: Original | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the account's currency for one unit of a source currency, known on that day."""

    rate_date: date
    rate: Decimal


def _read_exponents() -> Mapping[str, int]:
    """CLDR, behind Babel, has display precision (RSD 0, IQD 0), not the minor units of ISO 4217 (RSD 2, IQD 3).

    So the list of the ISO maintenance agency decides. CLDR only fills in the currencies that have left it, in which old
    receipts still are (HRK, BGN).
    """
    listed = {code: str(entry["CcyMnrUnts"]) for code, entry in raw_table.items() if code}
    exponents = {code: int(units) for code, units in listed.items() if units.isdigit()}
    retired = {code: get_currency_precision(code) for code in list_currencies() if code not in listed}
    return retired | exponents


_EXPONENTS = _read_exponents()


def is_currency(code: str) -> bool:
    """Whether money can be in it: an ISO 4217 code in capitals, current or retired, that has minor units."""
    return code in _EXPONENTS


def exponent(currency: str) -> int:
    """Decimal places of the minor unit (JPY 0, EUR 2, KWD 3, CLF 4). Raises UnknownCurrency."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not a currency of ISO 4217.") from None


def divide_half_even(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest integer, ties to the even one. Raises ZeroDivisionError."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, remainder = divmod(numerator, denominator)
    is_tie = 2 * remainder == denominator
    return quotient + (quotient % 2 if is_tie else 2 * remainder > denominator)


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units, half-even where it has more digits than the currency. Raises Invalid."""
    numerator, denominator = _exact_ratio(amount)
    return _fitting(divide_half_even(numerator * 10 ** exponent(currency), denominator))


def to_decimal(amount_minor: int, currency: str) -> Decimal:
    """The amount in whole units, with exactly as many decimals as the currency has."""
    return Decimal(f"{amount_minor}E-{exponent(currency)}")


def decimal_text(amount_minor: int, currency: str) -> str:
    """The same as text, which is what an answer needs: `12.34`, `-0.05`, `500`."""
    places = exponent(currency)
    if places == 2 and amount_minor >= 0:
        # Most amounts, and an answer may have hundreds.
        return f"{amount_minor // 100}.{amount_minor % 100:02}"
    if not places:
        return str(amount_minor)
    digits = str(abs(amount_minor)).rjust(places + 1, "0")
    return f"{'-' if amount_minor < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def convert(amount_minor: int, source_currency: str, account_currency: str, rate: Decimal, rate_date: date) -> Money:
    """The amount in the account's currency, half-even to its minor unit, with what the source said beside it.

    `rate` is units of the account's currency for one of the source's. Raises Invalid for a rate that is not positive.
    """
    numerator, denominator = _exact_ratio(rate)
    if numerator <= 0:
        raise Invalid("A rate must be greater than zero.")
    converted = divide_half_even(
        amount_minor * numerator * 10 ** exponent(account_currency), denominator * 10 ** exponent(source_currency)
    )
    original = Original(amount_minor, source_currency, rate, rate_date)
    return Money(_fitting(converted), account_currency, original)


def newest_rate(rates: Iterable[Rate], day: date) -> Rate | None:
    """The newest rate not after that day, None where all are later. The rates may come in any order."""
    return max((rate for rate in rates if rate.rate_date <= day), key=lambda rate: rate.rate_date, default=None)


def average(total_minor: int, count: int) -> int | None:
    """The total shared out, half-even, in minor units; None where there is nothing to share it among."""
    return divide_half_even(total_minor, count) if count > 0 else None


def to_text(money: Money) -> str:
    """The canonical text: point decimals, as many as the currency has, and the code: `12.34 EUR`, `500 JPY`."""
    return f"{decimal_text(money.amount_minor, money.currency)} {money.currency}"


def parse(text: str) -> Money:
    """Money from its canonical text; fewer decimals are filled up, more are refused. Raises Invalid."""
    match = _CANONICAL.fullmatch(text)
    if match is None:
        raise Invalid("An amount is written like 12.34 EUR.")
    number, currency = Decimal(match[1]), match[2]
    places = exponent(currency)
    if -int(number.as_tuple().exponent) > places:
        raise Invalid(f"An amount in {currency} has at most {places} decimals.")
    return Money(to_minor(number, currency), currency)


def _exact_ratio(number: Decimal) -> tuple[int, int]:
    """Bounded first: the ratio of 1E+999999 alone would fill the memory."""
    if not number.is_finite():
        raise Invalid("An amount or a rate must be a finite number.")
    if not number:
        return 0, 1
    if number.adjusted() > len(str(LARGEST_MINOR)) or int(number.as_tuple().exponent) < -_MOST_DECIMALS:
        raise Invalid("An amount or a rate has too many digits.")
    return number.as_integer_ratio()


def _fitting(amount_minor: int) -> int:
    if abs(amount_minor) > LARGEST_MINOR:
        raise Invalid("The amount is too large.")
    return amount_minor
