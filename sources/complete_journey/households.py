"""Households: the fixed order in which they are loaded, and all that the files say about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path

import numpy as np

from profiles.ids import imported_id
from profiles.money import Rate, newest_rate
from profiles.stored_amounts import Conversion
from sources.complete_journey.calendar import Moments
from sources.complete_journey.campaigns import Campaigns
from sources.complete_journey.catalog import Catalog
from sources.complete_journey.columns import INTEGER, TEXT, read_columns
from sources.complete_journey.lines import BasketLines, LineColumns, line_columns, runs
from sources.complete_journey.transactions import Transactions
from sources.rejects import Rejects
from sources.rows import SOURCE, Basket, Demographics, HouseholdFacts, StoreFacts

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


@dataclass(frozen=True, slots=True)
class Households:
    """Some households, and the lines of all their baskets."""

    facts: Sequence[HouseholdFacts]
    lines: LineColumns


def households_of(transactions: Transactions, first_position: int, shelves: Shelves) -> Households:
    """The households of lines that are sorted by household, time and basket; the first is at `first_position`."""
    lines, baskets = _baskets(transactions, shelves)
    facts = []
    first = 0
    numbers = transactions.household_id[lines.starts].tolist() if len(transactions) else []
    for position, (household, found) in enumerate(groupby(numbers), first_position):
        count = sum(1 for _ in found)
        facts.append(_facts(household, position, baskets[first : first + count], shelves))
        first += count
    return Households(facts, lines)


def _facts(
    household: int, position: int, baskets: Sequence[tuple[datetime, Basket]], shelves: Shelves
) -> HouseholdFacts:
    """Baskets come with their naive times, in order."""
    # The first of a day, for coupons that were redeemed on it.
    basket_on = {datetime.combine(naive, time.min): naive for naive, _ in reversed(baskets)}
    mailings = shelves.campaigns.mailings_of(household, shelves.moments)
    seen = [baskets[0][1].issued_at, baskets[-1][1].issued_at, *(mailing.sent_at for mailing in mailings)]
    return HouseholdFacts(
        household_id=household,
        customer_id=imported_id(SOURCE, "household", str(household)),
        external_id=str(household),
        position=position,
        demographics=shelves.demographics.get(household),
        baskets=[basket for _, basket in baskets],
        mailings=mailings,
        promo_codes=shelves.campaigns.codes_of(household, shelves.moments, basket_on),
        first_seen=min(seen),
        last_seen=max(seen),
    )


def _baskets(transactions: Transactions, shelves: Shelves) -> tuple[LineColumns, list[tuple[datetime, Basket]]]:
    """The lines as columns, and each basket with its naive time. Everything that is the same for all lines is done with
    whole columns; only the few baskets of a store in another currency are looked into line by line."""
    starts, ends = runs(transactions.basket_id)
    lines = line_columns(transactions, starts, shelves.catalog)
    discounts = (np.add.reduceat(transactions.discount_minor, starts) if len(starts) else starts).tolist()
    baskets = []
    for start, end, number, store_id, naive, discount in zip(
        starts.tolist(),
        ends.tolist(),
        transactions.basket_id[starts].tolist(),
        transactions.store_id[starts].tolist(),
        transactions.time[starts].tolist(),
        discounts,
        strict=True,
    ):
        store = shelves.stores[store_id]
        issued_at = shelves.moments.instant(naive)
        currency, original = store.currency, None
        if store.currency != shelves.currency:
            rate = newest_rate(shelves.rates.get(store.currency, ()), _day(issued_at, shelves))
            if rate is not None:
                exchange = Conversion(store.currency, shelves.currency, rate)
                said = sum(lines.totals[start:end])
                original = exchange.original(product_total=said, discount=discount, total=said)
                lines.convert(start, end, exchange)
                currency, discount = shelves.currency, exchange.kept(discount)
        external_id = str(number)
        basket = Basket(
            receipt_id=imported_id(SOURCE, "receipt", external_id),
            external_id=external_id,
            number=f"R-{external_id}",
            issued_at=issued_at,
            store_id=store.store_id,
            business_unit_id=store.business_unit_id,
            currency=currency,
            product_total_minor=sum(lines.totals[start:end]),
            discount_minor=discount,
            lines=BasketLines(lines, start, end),
            original=original,
        )
        baskets.append((naive, basket))
    return lines, baskets


def _day(issued_at: datetime, shelves: Shelves) -> date:
    """The day in the account's zone, whose rate counts."""
    return issued_at.astimezone(shelves.moments.zone).date()
