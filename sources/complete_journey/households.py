"""Households: the fixed order in which they are loaded, and all that the files say about each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from profiles.ids import imported_id
from profiles.money import Rate, newest_rate
from profiles.stored_amounts import Conversion
from sources.complete_journey.calendar import Moments
from sources.complete_journey.campaigns import Campaigns
from sources.complete_journey.catalog import Catalog
from sources.complete_journey.columns import INTEGER, TEXT, read_columns
from sources.complete_journey.transactions import Transactions
from sources.rejects import Rejects
from sources.rows import SOURCE, Basket, Demographics, HouseholdFacts, Line, ProductFacts, StoreFacts

DEMOGRAPHICS = {
    "household_id": INTEGER,
    "age": TEXT,
    "income": TEXT,
    "home_ownership": TEXT,
    "marital_status": TEXT,
    "household_size": TEXT,
    "household_comp": TEXT,
    "kids_count": TEXT,
}


def read_demographics(directory: Path, rejects: Rejects) -> dict[int, Demographics]:
    """What is known of 801 households, by household."""
    optional = frozenset(DEMOGRAPHICS) - {"household_id"}
    columns = read_columns(directory / "demographics.parquet", DEMOGRAPHICS, rejects, optional)
    rows = zip(*(columns[name].tolist() for name in DEMOGRAPHICS), strict=True)
    return {household: Demographics(*known) for household, *known in rows}


def household_order(
    transactions: Transactions, known: Mapping[int, Demographics], leading: Sequence[int] = ()
) -> list[int]:
    """All households in the order in which they are loaded: any number of them begins with all smaller numbers.

    The one with the most baskets, the `leading` ones, then those with demographics, then the others, each by id.
    """
    baskets, first = np.unique(transactions.basket_id, return_index=True)
    households, counts = np.unique(transactions.household_id[first], return_counts=True)
    if not len(baskets):
        return []
    heaviest = int(households[np.argmax(counts)])
    return sorted(households.tolist(), key=lambda id: (id != heaviest, id not in leading, id not in known, id))


@dataclass(frozen=True, slots=True)
class Shelves:
    """What is looked up while households are put together; rates are account currency per unit of the store's."""

    catalog: Catalog
    stores: Mapping[int, StoreFacts]
    campaigns: Campaigns
    demographics: Mapping[int, Demographics]
    moments: Moments
    currency: str
    rates: Mapping[str, Sequence[Rate]]


def households_of(transactions: Transactions, first_position: int, shelves: Shelves) -> Iterator[HouseholdFacts]:
    """The facts of each household in lines that are sorted by household, time and basket."""
    for position, (start, end) in enumerate(_runs(transactions.household_id), first_position):
        lines = transactions.taken(slice(start, end))
        household = int(lines.household_id[0])
        times: list[datetime] = lines.time.tolist()
        starts = [start for start, _ in _runs(lines.basket_id)]
        baskets = _baskets(lines, times, shelves)
        # The first of a day, for coupons that were redeemed on it.
        basket_on = {datetime.combine(times[start], time.min): times[start] for start in reversed(starts)}
        mailings = shelves.campaigns.mailings_of(household, shelves.moments)
        seen = [baskets[0].issued_at, baskets[-1].issued_at, *(mailing.sent_at for mailing in mailings)]
        yield HouseholdFacts(
            household_id=household,
            customer_id=imported_id(SOURCE, "household", str(household)),
            external_id=str(household),
            position=position,
            demographics=shelves.demographics.get(household),
            baskets=baskets,
            mailings=mailings,
            promo_codes=shelves.campaigns.codes_of(household, shelves.moments, basket_on),
            first_seen=min(seen),
            last_seen=max(seen),
        )


def _baskets(lines: Transactions, times: Sequence[datetime], shelves: Shelves) -> list[Basket]:
    products = shelves.catalog.by_number
    bought = [products[number] for number in lines.product_id.tolist()]
    quantities = (lines.quantity * 1000).tolist()
    totals, prices, discounts = lines.total_minor.tolist(), lines.price_minor.tolist(), lines.discount_minor.tolist()
    baskets = []
    for start, end in _runs(lines.basket_id):
        store = shelves.stores[int(lines.store_id[start])]
        issued_at = shelves.moments.instant(times[start])
        rate = None
        if store.currency != shelves.currency:
            rate = newest_rate(shelves.rates.get(store.currency, ()), _day(issued_at, shelves))
        span = slice(start, end)
        arguments = (bought[span], quantities[span], totals[span], prices[span])
        external_id = str(int(lines.basket_id[start]))
        discount = sum(discounts[span])
        original = None
        if rate is None:
            own = [_line(*line) for line in zip(*arguments, strict=True)]
            currency = store.currency
        else:
            exchange = Conversion(store.currency, shelves.currency, rate)
            own = [_converted(exchange, *line) for line in zip(*arguments, strict=True)]
            currency = shelves.currency
            original = exchange.original(product_total=sum(totals[span]), discount=discount, total=sum(totals[span]))
            discount = exchange.kept(discount)
        baskets.append(
            Basket(
                receipt_id=imported_id(SOURCE, "receipt", external_id),
                external_id=external_id,
                number=f"R-{external_id}",
                issued_at=issued_at,
                store_id=store.store_id,
                business_unit_id=store.business_unit_id,
                currency=currency,
                product_total_minor=sum(line.total_minor for line in own),
                discount_minor=discount,
                lines=own,
                original=original,
            )
        )
    return baskets


def _day(issued_at: datetime, shelves: Shelves) -> date:
    """The day in the account's zone, whose rate counts."""
    return issued_at.astimezone(shelves.moments.zone).date()


def _line(product: ProductFacts, quantity_milli: int, total_minor: int, price_minor: int) -> Line:
    return Line(
        product.product_id,
        product.external_id,
        product.name,
        product.category_id,
        quantity_milli,
        total_minor,
        price_minor,
        None,
    )


def _converted(
    exchange: Conversion, product: ProductFacts, quantity_milli: int, total_minor: int, price_minor: int
) -> Line:
    original = exchange.original(total=total_minor, price=price_minor)
    line = _line(product, quantity_milli, exchange.kept(total_minor), exchange.kept(price_minor))
    return line._replace(original=original)


def _runs(values: Any) -> list[tuple[int, int]]:
    """Where equal neighbours begin and end."""
    borders = np.flatnonzero(values[1:] != values[:-1]) + 1
    return list(pairwise([0, *borders.tolist(), len(values)]))
