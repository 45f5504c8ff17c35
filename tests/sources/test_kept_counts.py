"""Counts of imported customers: what an import counts in hand is what the job finds in the database."""

from pathlib import Path

from profiles.kept_counts import COUNTED
from sources.counts import recompute_counts
from sources.progress import silent
from tests.sources.small_journey import ACCOUNT, NOW, import_small, rows_of


async def test_an_import_counts_what_the_job_does(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey)
    imported = await rows_of(database_url, "kept_counts")
    for name in COUNTED:
        own = sum(row["row_count"] for row in imported if row["list_name"] == name)
        assert own == len(await rows_of(database_url, name))
    assert {row["list_name"] for row in imported} >= {"receipts", "orders", "mailing_participations", "notes"}
    customers = await rows_of(database_url, "customers")
    assert await recompute_counts(database_url, ACCOUNT, silent, NOW) == len(customers)
    assert await rows_of(database_url, "kept_counts") == imported
    await import_small(database_url, small_journey)
    assert await rows_of(database_url, "kept_counts") == imported
