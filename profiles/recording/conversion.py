"""Conversion: amounts of one currency and day as the account keeps them, with what the source said (ruling 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import col, select

from profiles.account import Account
from profiles.calendar import local_day
from profiles.catalog import ExchangeRate
from profiles.money import Rate
from profiles.storage.unit import Unit
from profiles.stored_amounts import Conversion

CurrencyDay = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Conversions:
    """The conversions of a call: the newest rate not after each day that its amounts have."""

    account: Account
    rates: Mapping[CurrencyDay, Rate | None]

    def of(self, currency: str, moment: datetime) -> Conversion:
        """How amounts of that moment are kept."""
        # Of the account's own currency there are no rates.
        rate = self.rates.get((currency, local_day(moment, self.account.zone)))
        return Conversion.of(currency, self.account.currency, rate)


async def conversions(
    unit: Unit, account: Account, currencies: Iterable[str], moments: Iterable[datetime]
) -> Conversions:
    """The conversions of amounts in any of these currencies at any of these moments."""
    days = sorted({local_day(moment, account.zone) for moment in moments})
    foreign = sorted(set(currencies) - {account.currency})
    return Conversions(
        account, {(currency, day): await _newest_rate(unit, currency, day) for currency in foreign for day in days}
    )


async def _newest_rate(unit: Unit, currency: str, day: date) -> Rate | None:
    found = await unit.session.exec(
        select(col(ExchangeRate.day), col(ExchangeRate.rate))
        .where(col(ExchangeRate.currency) == currency, col(ExchangeRate.day) <= day.isoformat())
        .order_by(col(ExchangeRate.day).desc())
        .limit(1)
    )
    row = found.first()
    return None if row is None else Rate(date.fromisoformat(row[0]), Decimal(row[1]))
