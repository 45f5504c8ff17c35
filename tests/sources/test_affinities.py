"""Affinities of imported customers: what an import sums up in hand is what the job finds in the database."""

import json
from pathlib import Path
from typing import Any

from profiles.affinities.rules import ATTRIBUTES, affinities
from profiles.affinities.tables import loaded
from sources.affinities import recompute_affinities
from sources.progress import silent
from tests.sources.small_journey import ACCOUNT, NOW, SHOWCASE, import_small, rows_of


async def _kept(url: str) -> list[dict[str, Any]]:
    """The rows, with documents whose values have no order."""
    return [
        {name: json.loads(value) if name in ATTRIBUTES and value is not None else value for name, value in row.items()}
        for row in await rows_of(url, "customer_affinities")
    ]


async def test_an_import_sums_up_what_the_job_does(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey)
    imported = await _kept(database_url)
    assert len(imported) == len(await rows_of(database_url, "customers"))
    assert await recompute_affinities(database_url, ACCOUNT, silent, NOW) == len(imported)
    assert await _kept(database_url) == imported
    listed = set(ACCOUNT.affinity_attributes)
    assert all((row[name] is not None) == (name in listed) for row in imported for name in ATTRIBUTES)


async def test_the_household_to_open_has_affinities_to_each_attribute(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey)
    (showcase,) = [row["id"] for row in await rows_of(database_url, "customers") if row["external_id"] == str(SHOWCASE)]
    (row,) = [row for row in await rows_of(database_url, "customer_affinities") if row["customer_id"] == showcase]
    sums = loaded(ACCOUNT.affinity_attributes, [row[name] for name in ACCOUNT.affinity_attributes])
    found = {name: len(affinities({name: amounts}, 10)) for name, amounts in sums.items()}
    assert found.keys() == set(ACCOUNT.affinity_attributes)
    assert min(found.values()) >= 1
    assert found["category"] == found["brand"] == 10
