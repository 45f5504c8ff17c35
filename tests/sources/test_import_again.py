"""Importing again, after a failure, after a kill, and more of it: the same rows, none twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from profiles.errors import SettingsError
from profiles.storage.address import parse_address
from profiles.storage.store import write_engine
from sources.demo import load_demo
from sources.progress import silent
from tests.sources.small_journey import (
    ACCOUNT,
    CHUNK,
    HEAVIEST,
    NOW,
    SHOWCASE,
    SMALL_HOUSEHOLDS,
    customer_id,
    everything,
    import_small,
    migrate,
    order_of,
    rows_of,
)


async def test_importing_twice_inserts_nothing(database_url: str, small_journey: Path) -> None:
    first = await import_small(database_url, small_journey)
    before = await everything(database_url)
    steps: list[str] = []
    again = await import_small(
        database_url, small_journey, now=NOW + timedelta(days=3), progress=lambda step, done, total: steps.append(step)
    )
    assert {name: (count.inserted, count.seen) for name, count in again.tables.items()} == {
        name: (0, count.inserted) for name, count in first.tables.items()
    }
    assert steps == []  # no file was read
    assert await everything(database_url) == before


async def test_an_import_that_failed_goes_on_to_the_same_rows(
    database_url: str, small_journey: Path, tmp_path: Path
) -> None:
    """The database refuses one row in the middle of the second chunk: a real failure inside the transaction."""
    order = order_of(small_journey)
    refused = customer_id(order[CHUNK + CHUNK // 2])
    await _execute(database_url, *_refusing(database_url, refused))
    with pytest.raises(Exception, match="refused by the test"):
        await import_small(database_url, small_journey)
    loaded = {row["external_id"] for row in await rows_of(database_url, "customers")}
    first, third = set(map(str, order[:CHUNK])), set(map(str, order[2 * CHUNK :]))
    assert loaded in (first, first | third)  # the third may be on its way beside the second
    await _execute(database_url, *_accepting(database_url))
    # The next day: the dates still lead up to the day of the first run.
    summary = await import_small(database_url, small_journey, now=NOW + timedelta(days=1))
    customers = summary.tables["customers"]
    assert (customers.inserted, customers.seen) == (len(order) - len(loaded), len(loaded))
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    await migrate(whole)
    await import_small(whole, small_journey)
    assert await everything(database_url) == await everything(whole)


async def test_an_import_that_was_killed_goes_on_to_the_same_rows(
    database_url: str, small_journey: Path, tmp_path: Path
) -> None:
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    await migrate(whole)
    _kill_in_second_chunk(database_url, small_journey)
    # The kill may come after the third chunk, which is loaded beside the second, but not after both.
    assert CHUNK <= len(await rows_of(database_url, "customers")) < len(SMALL_HOUSEHOLDS)
    await import_small(database_url, small_journey)
    await import_small(whole, small_journey)
    assert await everything(database_url) == await everything(whole)


async def test_the_demo_reads_its_files_and_computes_recommendations_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'profiles.db'}"
    await migrate(url)
    steps: list[str] = []
    first = await load_demo(url, ACCOUNT, 2, silent, NOW)
    again = await load_demo(url, ACCOUNT, 2, lambda step, done, total: steps.append(step), NOW + timedelta(days=1))
    assert first.tables["recommendations"].inserted == len(await rows_of(url, "recommendations")) > 0
    assert {count.inserted for count in again.tables.values()} == {0}
    assert again.tables["recommendations"].seen == first.tables["recommendations"].inserted
    assert steps == []
    opened = {row["external_id"] for row in await rows_of(url, "customers")}
    assert opened == {str(HEAVIEST), str(SHOWCASE)}


async def test_more_households_join_those_that_are_there(database_url: str, small_journey: Path) -> None:
    few = await import_small(database_url, small_journey, 5)
    assert few.tables["customers"].inserted == 5
    assert {row["external_id"] for row in await rows_of(database_url, "customers")} == set(
        map(str, order_of(small_journey)[:5])
    )
    more = await import_small(database_url, small_journey)
    total = len(SMALL_HOUSEHOLDS)
    assert (more.tables["customers"].inserted, more.tables["customers"].seen) == (total - 5, 5)
    lines = pd.read_parquet(small_journey / "transactions.parquet")
    assert len(await rows_of(database_url, "receipt_items")) == len(lines)
    fewer = await import_small(database_url, small_journey, 5)
    assert fewer.tables["customers"].inserted == 0


async def test_what_staff_changed_is_left_as_it_is(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey, 5)
    await _execute(database_url, "DELETE FROM notes", "UPDATE customers SET first_name = 'Edited'")
    await import_small(database_url, small_journey)
    customers = {row["external_id"]: row["first_name"] for row in await rows_of(database_url, "customers")}
    assert [customers[str(household)] for household in order_of(small_journey)[:5]] == ["Edited"] * 5
    first = {customer_id(household) for household in order_of(small_journey)[:5]}
    assert not first & {row["customer_id"] for row in await rows_of(database_url, "notes")}


async def test_other_settings_are_refused_and_nothing_is_written(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey, 5)
    before = await everything(database_url)
    with pytest.raises(SettingsError, match=r"another setting of: keep_dates;"):
        await import_small(database_url, small_journey, keep_dates=True)
    with pytest.raises(SettingsError, match=r"another setting of: generated;"):
        await import_small(database_url, small_journey, shape=False)
    assert await everything(database_url) == before


async def _execute(database_url: str, *statements: str) -> None:
    engine = write_engine(parse_address(database_url))
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


def _refusing(database_url: str, customer_id: int) -> Iterator[str]:
    """A trigger that refuses a customer's items, which come after the chunk's customers and receipts."""
    if database_url.startswith("sqlite"):
        yield (
            f"CREATE TRIGGER refusal BEFORE INSERT ON receipt_items WHEN NEW.customer_id = {customer_id} "
            "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
        )
        return
    yield (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$"
    )
    yield (
        "CREATE TRIGGER refusal BEFORE INSERT ON receipt_items FOR EACH ROW "
        f"WHEN (NEW.customer_id = {customer_id}) EXECUTE FUNCTION refuse()"
    )


def _accepting(database_url: str) -> Iterator[str]:
    if database_url.startswith("sqlite"):
        yield "DROP TRIGGER refusal"
        return
    yield "DROP TRIGGER refusal ON receipt_items"
    yield "DROP FUNCTION refuse"


_IMPORTER = """
import asyncio, sys
from pathlib import Path
from tests.sources.small_journey import import_small
def tell(step, done, total):
    print(step, done, flush=True)
asyncio.run(import_small(sys.argv[1], Path(sys.argv[2]), progress=tell))
"""


def _kill_in_second_chunk(url: str, directory: Path) -> None:
    """Starts an import of its own process and kills it as soon as it says that the second chunk has begun."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", _IMPORTER, url, str(directory)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == f"Households {CHUNK}":
                process.kill()
        assert process.wait(timeout=60) == -signal.SIGKILL
