"""The households that the tests import, how they import them, and how they read a database whole."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import select

from profiles.account import load_account
from profiles.ids import imported_id
from profiles.storage.address import parse_address
from profiles.storage.bulk import bulk_load
from profiles.storage.migrations import upgrade
from profiles.tables import METADATA
from sources.complete_journey import data_directory
from sources.complete_journey.households import household_order, read_demographics
from sources.complete_journey.transactions import read_transactions
from sources.demo import import_complete_journey
from sources.progress import Progress, silent
from sources.rejects import Rejects
from sources.rows import SOURCE
from sources.summary import Summary

ACCOUNT = load_account()
NOW = datetime(2026, 5, 6, 21, 4, 5, 678, tzinfo=UTC)
HEAVIEST, SHOWCASE, LATE_SHOPPER = 2337, 58, 1197

_HOUSEHOLDS = pq.read_table(data_directory() / "transactions.parquet", columns=["household_id"])[
    "household_id"
].unique()
RANDOM_HOUSEHOLDS = Random(20).sample(sorted(_HOUSEHOLDS.to_pylist()), 20)
SMALL_HOUSEHOLDS = sorted({HEAVIEST, SHOWCASE, LATE_SHOPPER, *RANDOM_HOUSEHOLDS})
CHUNK = 8
"""Three chunks of the small files, the last not full."""

# The generation counts the loads, also those that find nothing new.
OF_THE_RUN = {"import_chunks": {"finished_at"}, "account_generations": {"generation"}}


async def import_small(
    database_url: str,
    directory: Path,
    households: int | None = None,
    *,
    keep_dates: bool = False,
    now: datetime = NOW,
    shape: bool = True,
    progress: Progress = silent,
) -> Summary:
    """Imports the small files; rejects go to `rejects.jsonl` beside them."""
    return await import_complete_journey(
        database_url,
        ACCOUNT,
        households,
        keep_dates,
        progress,
        now,
        shape=shape,
        directory=directory,
        rejects_file=directory / "rejects.jsonl",
        chunk_size=CHUNK,
    )


async def rows_of(database_url: str, name: str) -> list[dict[str, Any]]:
    """All rows of a table, by primary key."""
    table = METADATA.tables[name]
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        rows = await bulk.execute(select(table).order_by(*table.primary_key.columns))
    return [dict(zip(table.c.keys(), row, strict=True)) for row in rows]


async def everything(database_url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but for what only says when a run wrote them, and how often there was one."""
    found = {}
    for name in METADATA.tables:
        left_out = OF_THE_RUN.get(name, set())
        rows = await rows_of(database_url, name)
        found[name] = [{key: value for key, value in row.items() if key not in left_out} for row in rows]
    return found


def customer_id(household: int) -> int:
    """The customer that a household becomes."""
    return imported_id(SOURCE, "household", str(household))


def order_of(directory: Path) -> list[int]:
    """The households of the files in the order in which they are loaded."""
    with Rejects(directory / "rejects.jsonl") as rejects:
        known = read_demographics(directory, rejects)
        return household_order(read_transactions(directory, rejects), known, (SHOWCASE,))


async def migrate(url: str) -> None:
    """Makes the tables."""
    await upgrade(parse_address(url))
