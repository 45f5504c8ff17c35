"""Broken rows and files: rejected by line with the reason, the rest loaded; a broken file is one sentence."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profiles.errors import SettingsError
from tests.sources.small_journey import (
    SHOWCASE,
    import_small,
    migrate,
    rows_of,
)


async def test_broken_rows_are_rejected_by_their_line_and_the_rest_is_loaded(
    database_url: str, small_journey: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "broken"
    shutil.copytree(small_journey, directory)
    sound = pq.read_table(small_journey / "transactions.parquet")
    first = sound.slice(0, 1).to_pylist()[0]
    broken = [
        {**first, "basket_id": None},
        {**first, "quantity": -3},
        {**first, "sales_value": float("nan"), "product_id": None},
        {**first, "sales_value": -0.5},
        {**first, "household_id": first["household_id"] + 1},
    ]
    _write(directory / "transactions.parquet", sound, broken)
    products = pq.read_table(small_journey / "products.parquet")
    _write(directory / "products.parquet", products, [{**products.slice(0, 1).to_pylist()[0], "brand": "Other"}])
    campaigns = pq.read_table(small_journey / "campaigns.parquet")
    _write(directory / "campaigns.parquet", campaigns, [{"campaign_id": 99, "household_id": SHOWCASE}])
    summary = await import_small(database_url, directory)
    rejected = [json.loads(line) for line in (directory / "rejects.jsonl").read_text().splitlines()]
    line = len(sound)
    assert [(entry["file"], entry["line"], entry["reason"]) for entry in rejected] == [
        ("transactions.parquet", line + 1, "basket_id is missing"),
        ("transactions.parquet", line + 2, "quantity is negative or not a sensible number"),
        (
            "transactions.parquet",
            line + 3,
            "product_id is missing; sales_value is negative or not a sensible number",
        ),
        ("transactions.parquet", line + 4, "sales_value is negative or not a sensible number"),
        ("transactions.parquet", line + 5, "household_id differs from that of the basket's first line"),
        ("products.parquet", len(products) + 1, "product_id was already in an earlier row"),
        ("campaigns.parquet", len(campaigns) + 1, "campaign_id is not described"),
    ]
    assert rejected[1]["row"]["quantity"] == -3
    assert (summary.rejects, summary.rejects_file) == (7, directory / "rejects.jsonl")
    assert summary.tables["receipt_items"].inserted == len(sound)


async def test_a_run_without_rejects_removes_the_rejects_of_an_earlier_one(small_journey: Path, tmp_path: Path) -> None:
    directory = tmp_path / "journey"
    shutil.copytree(small_journey, directory)
    (directory / "rejects.jsonl").write_text("{}\n")
    url = f"sqlite:///{tmp_path / 'profiles.db'}"
    await migrate(url)
    await import_small(url, directory, 1)
    assert not (directory / "rejects.jsonl").exists()


@pytest.mark.parametrize("damage", ["absent", "garbage", "column"])
async def test_a_file_that_cannot_be_read_is_named_in_one_sentence(
    small_journey: Path, tmp_path: Path, damage: str
) -> None:
    directory = tmp_path / "journey"
    shutil.copytree(small_journey, directory)
    path = directory / "products.parquet"
    match damage:
        case "absent":
            path.unlink()
        case "garbage":
            path.write_bytes(b"not a Parquet file")
        case _:
            pq.write_table(pq.read_table(path).drop_columns(["brand"]), path)
    url = f"sqlite:///{tmp_path / 'profiles.db'}"
    await migrate(url)
    with pytest.raises(SettingsError) as refusal:
        await import_small(url, directory)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert await rows_of(url, "customers") == []


def _write(path: Path, sound: pa.Table, broken: list[dict[str, Any]]) -> None:
    pq.write_table(pa.concat_tables([sound, pa.Table.from_pylist(broken, schema=sound.schema)]), path)
