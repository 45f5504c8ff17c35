"""Kinds of events of imported customers: what an import counts in hand is what the job finds in the database."""

from collections import Counter
from pathlib import Path

from sources.progress import silent
from sources.timeline import recompute_timeline
from tests.sources.small_journey import ACCOUNT, NOW, import_small, rows_of


async def test_an_import_counts_what_the_job_does(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey)
    imported = await rows_of(database_url, "timeline_kinds")
    customers = {row["id"]: row["activity_seq"] for row in await rows_of(database_url, "customers")}
    sums: Counter[int] = Counter()
    for row in imported:
        sums[row["customer_id"]] += row["event_count"]
    assert sums == customers
    assert await recompute_timeline(database_url, ACCOUNT, silent, NOW) == len(customers)
    assert await rows_of(database_url, "timeline_kinds") == imported
    await import_small(database_url, small_journey)
    assert await rows_of(database_url, "timeline_kinds") == imported
