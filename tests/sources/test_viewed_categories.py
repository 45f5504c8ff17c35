"""Views of imported customers: what an import keeps in hand is what the job finds, and what the events say."""

from collections import defaultdict
from pathlib import Path

from profiles.columns import seconds_in
from profiles.timeline.viewed import MOST_VIEWS
from sources.progress import silent
from sources.timeline import recompute_timeline
from tests.sources.small_journey import ACCOUNT, NOW, import_small, rows_of


async def test_an_import_keeps_what_the_events_say_and_what_the_job_does(
    database_url: str, small_journey: Path
) -> None:
    await import_small(database_url, small_journey)
    imported = await rows_of(database_url, "category_views")
    views = defaultdict(list)
    for row in await rows_of(database_url, "timeline_events"):
        if row["viewed_category_id"] is not None:
            views[row["customer_id"]].append((row["occurred_at"].timestamp(), row["viewed_category_id"]))
    said = {
        (customer_id, category_id, at)
        for customer_id, own in views.items()
        for at, category_id in sorted(own)[-MOST_VIEWS:]
    }
    assert {
        (row["customer_id"], row["category_id"], at) for row in imported for at in seconds_in(row["viewed_at"])
    } == said
    assert len(said) > 100
    assert all(row["last_viewed_at"].timestamp() == max(seconds_in(row["viewed_at"])) for row in imported)
    await recompute_timeline(database_url, ACCOUNT, silent, NOW)
    assert await rows_of(database_url, "category_views") == imported
    await import_small(database_url, small_journey)
    assert await rows_of(database_url, "category_views") == imported
