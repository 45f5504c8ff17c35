"""The source as a whole: read once, then handed out as the world that all share and the facts of some households."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from sources.complete_journey.campaigns import Campaigns, read_campaigns
from sources.complete_journey.catalog import Catalog, read_catalog
from sources.complete_journey.households import (
    Households,
    Shelves,
    household_order,
    households_of,
    read_demographics,
)
from sources.complete_journey.transactions import Transactions, read_transactions
from sources.progress import Progress
from sources.rejects import Rejects
from sources.rows import Demographics

FILES = 7
STEP = "Reading the files"


@dataclass(frozen=True, slots=True)
class CompleteJourney:
    """The files' sound rows. `household_ids` are the chosen households in the order in which they are loaded; their
    lines are sorted alike, each household's up to its border. Days are naive, of all households' baskets."""

    transactions: Transactions
    catalog: Catalog
    campaigns: Campaigns
    demographics: Mapping[int, Demographics]
    household_ids: Sequence[int]
    borders: Sequence[int]
    household_count: int
    store_external_ids: Sequence[str]
    first_day: date
    last_day: date

    def households(self, start: int, end: int, shelves: Shelves) -> Households:
        """The households from one place in the order up to another."""
        first = self.borders[start - 1] if start else 0
        return households_of(self.transactions.taken(slice(first, self.borders[end - 1])), start, shelves)


def read_complete_journey(
    directory: Path, count: int | None, rejects: Rejects, progress: Progress, leading: Sequence[int] = ()
) -> CompleteJourney:
    """Reads all files but the promotions, and keeps `count` households (null: all), `leading` ones first.

    Raises SettingsError where a file cannot be read.
    """
    progress(STEP, 0, FILES)
    transactions = read_transactions(directory, rejects)
    progress(STEP, 1, FILES)
    catalog = read_catalog(directory, transactions, rejects)
    progress(STEP, 2, FILES)
    campaigns = read_campaigns(directory, rejects)
    progress(STEP, FILES - 1, FILES)
    demographics = read_demographics(directory, rejects)
    order = household_order(transactions, demographics, leading)
    chosen = order[:count]
    sorted_lines = transactions.of_households(chosen)
    ends = np.flatnonzero(sorted_lines.household_id[1:] != sorted_lines.household_id[:-1]) + 1
    progress(STEP, FILES, FILES)
    return CompleteJourney(
        transactions=sorted_lines,
        catalog=catalog,
        campaigns=campaigns,
        demographics=demographics,
        household_ids=chosen,
        borders=[*ends.tolist(), len(sorted_lines)],
        household_count=len(order),
        store_external_ids=[str(number) for number in np.unique(transactions.store_id).tolist()],
        first_day=transactions.time.min().astype("datetime64[D]").item(),
        last_day=transactions.time.max().astype("datetime64[D]").item(),
    )
