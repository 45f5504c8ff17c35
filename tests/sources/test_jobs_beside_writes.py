"""Jobs beside writes: whenever a job says how far it has come, somebody else can write."""

import sqlite3
from pathlib import Path

import pytest

from profiles.storage.address import parse_address
from sources.jobs import JOBS
from tests.sources.small_journey import ACCOUNT, NOW, import_small

# Readers and writers of PostgreSQL do not wait for each other; an SQLite file has one writer at a time.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.mark.parametrize("job", JOBS)
async def test_no_job_keeps_writers_out_between_its_steps(database_url: str, small_journey: Path, job: str) -> None:
    await import_small(database_url, small_journey)
    told = []

    def write(step: str, done: int, total: int) -> None:
        with sqlite3.connect(parse_address(database_url).path, timeout=0) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            somebody.execute("UPDATE customers SET updated_at = updated_at + 1")
        somebody.close()
        told.append((step, done, total))

    await JOBS[job](database_url, ACCOUNT, write, NOW)
    assert told
    # The last that is said is that all of it is done.
    assert told[-1][1] == told[-1][2]
