"""Complete Journey: the tables hold what the files say, however often and however interrupted it is imported."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_journey import (
    ACCOUNT,
    CHUNK,
    HEAVIEST,
    LATE_SHOPPER,
    NOW,
    RANDOM_HOUSEHOLDS,
    SHOWCASE,
    SMALL_HOUSEHOLDS,
    everything,
    import_small,
    rows_of,
)
from sqlalchemy import text

from profiles.amounts import receipt_line_price
from profiles.customers import IdentifierKind
from profiles.errors import SettingsError
from profiles.ids import imported_id
from profiles.money import Rate, convert, newest_rate
from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade
from profiles.storage.store import write_engine
from sources.complete_journey import data_directory
from sources.complete_journey.calendar import Moments, clock_of
from sources.complete_journey.catalog import readable
from sources.complete_journey.households import household_order, read_demographics
from sources.complete_journey.transactions import line_prices, read_transactions
from sources.demo import load_demo
from sources.progress import silent
from sources.rejects import Rejects
from sources.rows import SOURCE
from sources.shape import CANADIAN_STORE

ZONE = ACCOUNT.zone


def _customer_id(household: int) -> int:
    return imported_id(SOURCE, "household", str(household))


def test_the_files_hold_what_their_description_says(tmp_path: Path) -> None:
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        lines = read_transactions(data_directory(), rejects)
        order = household_order(lines, read_demographics(data_directory(), rejects), (SHOWCASE,))
    assert len(lines) == 1_469_307
    assert int(lines.total_minor.sum()) == 459_603_958
    assert len(np.unique(lines.basket_id)) == 155_848
    assert int((lines.quantity == 0).sum()) == 8_869
    # 11,226 are 0; twenty more are 0 but for the dust that a subtraction of doubles left.
    assert int((lines.total_minor == 0).sum()) == 11_246
    assert len(order) == len(set(order)) == 2_469
    assert order[:2] == [HEAVIEST, SHOWCASE]
    assert rejects.count == 0
    assert not rejects.path.exists()


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)), min_size=1, max_size=20))
def test_prices_over_arrays_are_those_of_the_rule(lines: list[tuple[int, int]]) -> None:
    totals, quantities = np.array(lines).T
    expected = [receipt_line_price(total, Decimal(quantity)) for total, quantity in lines]
    assert line_prices(totals, quantities).tolist() == expected


def test_names_are_written_as_a_person_would() -> None:
    assert readable("BREAD:ITALIAN/FRENCH") == "Bread: Italian/French"
    assert readable("PNT  BTR/JELLY/JAMS") == "Pnt Btr/Jelly/Jams"
    assert readable("MEN'S CARE") == "Men's Care"


async def test_every_line_of_every_basket_arrives(database_url: str, small_journey: Path) -> None:
    lines = pd.read_parquet(small_journey / "transactions.parquet")
    summary = await import_small(database_url, small_journey)
    assert {count.seen for count in summary.tables.values()} == {0}
    assert summary.tables["customers"].inserted == len(SMALL_HOUSEHOLDS)
    assert summary.tables["receipts"].inserted == lines.basket_id.nunique()
    assert summary.tables["receipt_items"].inserted == len(lines)
    assert (summary.rejects, summary.rejects_file) == (0, None)
    items = await rows_of(database_url, "receipt_items")
    assert sum(_source_total(item) for item in items) == round(lines.sales_value.sum() * 100)
    unnamed = {row["external_id"]: row for row in await rows_of(database_url, "products") if not row["is_named"]}
    known = set(pq.read_table(data_directory() / "products.parquet", columns=["product_id"])["product_id"].to_pylist())
    unknown = set(lines.product_id) - known
    assert len(unknown) > 0
    for number in unknown:
        product = unnamed[str(number)]
        assert product["name"] == str(number)
        assert (product["brand"], product["category_id"], product["price_minor"]) == (None, None, None)


async def test_events_are_numbered_without_gaps_in_the_order_of_their_time(
    database_url: str, small_journey: Path
) -> None:
    await import_small(database_url, small_journey)
    customers = {row["id"]: row["activity_seq"] for row in await rows_of(database_url, "customers")}
    events: dict[int, list[Any]] = {}
    for event in await rows_of(database_url, "timeline_events"):
        events.setdefault(event["customer_id"], []).append(event)
    for customer_id, last in customers.items():
        own = sorted(events[customer_id], key=lambda event: (event["occurred_at"], event["id"]))
        assert [event["activity_seq"] for event in own] == list(range(1, last + 1))


async def test_the_last_day_is_today_and_nothing_is_in_the_future(database_url: str, small_journey: Path) -> None:
    # A quarter past midnight: most of the source's last day would still be to come.
    now = datetime(2026, 5, 7, 0, 15, tzinfo=ZONE).astimezone(UTC)
    await import_small(database_url, small_journey, now=now)
    events = await rows_of(database_url, "timeline_events")
    assert max(event["occurred_at"] for event in events) <= now
    assert max(event["received_at"] for event in events) <= now
    receipts = await rows_of(database_url, "receipts")
    assert max(receipt["issued_at"] for receipt in receipts).astimezone(ZONE).date() == now.astimezone(ZONE).date()
    late = [row for row in receipts if row["customer_id"] == _customer_id(LATE_SHOPPER)]
    lines = pd.read_parquet(small_journey / "transactions.parquet").query("household_id == @LATE_SHOPPER")
    expected = lines.sort_values("transaction_timestamp").basket_id.astype(str).unique().tolist()
    assert [row["external_id"] for row in sorted(late, key=lambda row: row["issued_at"])] == expected


async def test_dates_that_are_kept_are_those_of_the_files(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey, keep_dates=True)
    lines = pd.read_parquet(small_journey / "transactions.parquet").drop_duplicates("basket_id")
    expected = dict(zip(lines.basket_id.astype(str), lines.transaction_timestamp, strict=True))
    for receipt in await rows_of(database_url, "receipts"):
        local = receipt["issued_at"].astimezone(ZONE).replace(tzinfo=None)
        assert local == expected[receipt["external_id"]].to_pydatetime()


async def test_the_metrics_of_twenty_random_households_equal_what_pandas_computes(
    database_url: str, small_journey: Path
) -> None:
    """The issue's promise, at the level of the tables: from the original files, all of them, with nothing of ours."""
    await import_small(database_url, small_journey)
    rates = [
        Rate(datetime.fromisoformat(row["day"]).date(), Decimal(row["rate"]))
        for row in await rows_of(database_url, "exchange_rates")
    ]
    metrics = {row["customer_id"]: row for row in await rows_of(database_url, "customer_metrics")}
    lines = pd.read_parquet(data_directory() / "transactions.parquet")
    shift = NOW.astimezone(ZONE).date() - lines.transaction_timestamp.max().date()
    for household in RANDOM_HOUSEHOLDS:
        own = lines[lines.household_id == household].copy()
        own["cents"] = (own.sales_value * 100).round().astype(int)
        own["time"] = [_shifted(moment, shift) for moment in own.transaction_timestamp.dt.to_pydatetime()]
        own["cents"] = [
            _in_dollars(cents, store, moment, rates)
            for cents, store, moment in zip(own.cents, own.store_id, own.time, strict=True)
        ]
        own["pieces"] = own.quantity.where((own.quantity > 0) & (own.quantity <= 100), 1)
        baskets = own.groupby("basket_id").agg(total=("cents", "sum"), time=("time", "first"))
        found = metrics[_customer_id(household)]
        assert found["receipt_count"] == len(baskets)
        assert found["receipt_total_minor"] == found["receipt_lines_minor"] == own.cents.sum()
        assert found["receipt_total_count"] == len(baskets)
        assert found["receipt_pieces"] == found["receipt_lines_pieces"] == own.pieces.sum()
        assert found["first_receipt_at"] == baskets.time.min()
        assert found["last_receipt_at"] == baskets.time.max()
        assert found["last_receipt_minor"] == baskets.total[baskets.time.idxmax()]
        assert found["last_receipt_currency"] == "USD"


async def test_a_store_that_sells_in_another_currency_keeps_what_it_said(
    database_url: str, small_journey: Path
) -> None:
    await import_small(database_url, small_journey)
    stores = {row["id"]: row["external_id"] for row in await rows_of(database_url, "stores")}
    receipts = await rows_of(database_url, "receipts")
    converted = [row for row in receipts if row["original"] is not None]
    assert {stores[row["store_id"]] for row in converted} == {CANADIAN_STORE}
    assert len(converted) == sum(1 for row in receipts if stores[row["store_id"]] == CANADIAN_STORE) > 20
    items: dict[int, list[Any]] = {}
    for item in await rows_of(database_url, "receipt_items"):
        items.setdefault(item["receipt_id"], []).append(item)
    for receipt in converted:
        original = receipt["original"]
        own = items[receipt["id"]]
        assert (receipt["currency"], original["currency"]) == ("USD", "CAD")
        assert original["total"] == original["product_total"] == sum(item["original"]["total"] for item in own)
        assert receipt["total_minor"] == sum(item["total_minor"] for item in own)
        assert original["rate_date"] <= receipt["issued_at"].astimezone(ZONE).date().isoformat()


async def test_coupons_are_issued_once_and_every_redemption_is_kept(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey, shape=False)
    redeemed = pd.read_parquet(small_journey / "coupon_redemptions.parquet")
    expected = redeemed.drop_duplicates(["household_id", "coupon_upc", "campaign_id"])
    codes = await rows_of(database_url, "promo_codes")
    assert len(expected) > 0
    assert sum(1 for code in codes if code["redeemed_at"] is not None) == len(expected)
    assert len({(code["customer_id"], code["code"], code["origin_id"]) for code in codes}) == len(codes)
    assert all(code["redeemed_at"] is None or code["redeemed_at"] >= code["issued_at"] for code in codes)
    personal = {row["id"] for row in await rows_of(database_url, "campaigns") if row["name"].endswith("(type a)")}
    issued: dict[tuple[int, int], int] = {}
    for code in codes:
        if code["origin_id"] in personal:
            pair = code["customer_id"], code["origin_id"]
            issued[pair] = issued.get(pair, 0) + 1
    assert set(issued.values()) == {16}


async def test_bare_households_hold_only_what_the_files_say(database_url: str, small_journey: Path) -> None:
    summary = await import_small(database_url, small_journey, shape=False)
    assert {name for name, count in summary.tables.items() if count.inserted} == {
        "business_units",
        "campaigns",
        "categories",
        "customer_attributes",
        "customer_sources",
        "customers",
        "data_sources",
        "identifiers",
        "mailing_participations",
        "mailings",
        "products",
        "promo_codes",
        "receipt_items",
        "receipts",
        "segment_memberships",
        "segments",
        "stores",
        "timeline_events",
    }
    customers = await rows_of(database_url, "customers")
    assert {(row["first_name"], row["email"], row["phone"]) for row in customers} == {(None, None, None)}
    assert {row["currency"] for row in await rows_of(database_url, "receipts")} == {"USD"}
    opened = {row["value"]: row["customer_id"] for row in await rows_of(database_url, "identifiers")}
    assert opened == {str(household): _customer_id(household) for household in SMALL_HOUSEHOLDS}
    assert {row["kind"] for row in await rows_of(database_url, "identifiers")} == {IdentifierKind.EXTERNAL_ID}


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
    order = _order(small_journey)
    refused = _customer_id(order[CHUNK + CHUNK // 2])
    await _execute(database_url, *_refusing(database_url, refused))
    with pytest.raises(Exception, match="refused by the test"):
        await import_small(database_url, small_journey)
    assert {row["external_id"] for row in await rows_of(database_url, "customers")} == set(map(str, order[:CHUNK]))
    await _execute(database_url, *_accepting(database_url))
    # The next day: the dates still lead up to the day of the first run.
    summary = await import_small(database_url, small_journey, now=NOW + timedelta(days=1))
    assert (summary.tables["customers"].inserted, summary.tables["customers"].seen) == (len(order) - CHUNK, CHUNK)
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    await _migrate(whole)
    await import_small(whole, small_journey)
    assert await everything(database_url) == await everything(whole)


async def test_an_import_that_was_killed_goes_on_to_the_same_rows(small_journey: Path, tmp_path: Path) -> None:
    url, whole = f"sqlite:///{tmp_path / 'killed.db'}", f"sqlite:///{tmp_path / 'whole.db'}"
    await _migrate(url)
    await _migrate(whole)
    _kill_in_second_chunk(url, small_journey)
    assert len(await rows_of(url, "customers")) == CHUNK
    await import_small(url, small_journey)
    await import_small(whole, small_journey)
    assert await everything(url) == await everything(whole)


async def test_the_demo_reads_its_files_and_computes_recommendations_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'profiles.db'}"
    await _migrate(url)
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
        map(str, _order(small_journey)[:5])
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
    assert [customers[str(household)] for household in _order(small_journey)[:5]] == ["Edited"] * 5
    first = {_customer_id(household) for household in _order(small_journey)[:5]}
    assert not first & {row["customer_id"] for row in await rows_of(database_url, "notes")}


async def test_other_settings_are_refused_and_nothing_is_written(database_url: str, small_journey: Path) -> None:
    await import_small(database_url, small_journey, 5)
    before = await everything(database_url)
    with pytest.raises(SettingsError, match=r"another setting of: keep_dates;"):
        await import_small(database_url, small_journey, keep_dates=True)
    with pytest.raises(SettingsError, match=r"another setting of: generated;"):
        await import_small(database_url, small_journey, shape=False)
    assert await everything(database_url) == before


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
    await _migrate(url)
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
    await _migrate(url)
    with pytest.raises(SettingsError) as refusal:
        await import_small(url, directory)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert await rows_of(url, "customers") == []


def test_times_of_a_day_that_is_still_going_on_keep_their_order() -> None:
    now = datetime(2026, 5, 7, 0, 1, tzinfo=ZONE)
    moments = Moments(clock_of(datetime(2018, 1, 1).date(), ZONE, now.astimezone(UTC), keep_dates=False))
    naive = [datetime(2018, 1, 1) + timedelta(minutes=minutes) for minutes in range(0, 24 * 60, 7)]
    instants = [moments.instant(moment) for moment in naive]
    assert instants == sorted(instants)
    assert len(set(instants)) == len(instants)
    assert instants[-1] <= now
    assert instants[0].astimezone(ZONE) == datetime(2026, 5, 7, tzinfo=ZONE)
    yesterday = moments.instant(datetime(2017, 12, 31, 23, 59))
    assert yesterday.astimezone(ZONE) == datetime(2026, 5, 6, 23, 59, tzinfo=ZONE)


def _order(directory: Path) -> list[int]:
    with Rejects(directory / "rejects.jsonl") as rejects:
        known = read_demographics(directory, rejects)
        return household_order(read_transactions(directory, rejects), known, (SHOWCASE,))


def _source_total(item: dict[str, Any]) -> int:
    total: int = item["total_minor"] if item["original"] is None else item["original"]["total"]
    return total


def _shifted(naive: datetime, shift: timedelta) -> datetime:
    """Of no use for the source's last day, part of which is still to come; the random households did not shop then."""
    return (naive + shift).replace(tzinfo=ZONE).astimezone(UTC)


def _in_dollars(cents: int, store: int, moment: datetime, rates: list[Rate]) -> int:
    if str(store) != CANADIAN_STORE:
        return cents
    rate = newest_rate(rates, moment.astimezone(ZONE).date())
    assert rate is not None
    return convert(cents, "CAD", "USD", rate.rate, rate.rate_date).amount_minor


def _write(path: Path, sound: pa.Table, broken: list[dict[str, Any]]) -> None:
    pq.write_table(pa.concat_tables([sound, pa.Table.from_pylist(broken, schema=sound.schema)]), path)


async def _migrate(url: str) -> None:
    await upgrade(parse_address(url))


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
from small_journey import import_small
def tell(step, done, total):
    print(step, done, flush=True)
asyncio.run(import_small(sys.argv[1], Path(sys.argv[2]), progress=tell))
"""


def _kill_in_second_chunk(url: str, directory: Path) -> None:
    """Starts an import of its own process and kills it as soon as it says that the second chunk has begun."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{Path(__file__).parent}"}
    with subprocess.Popen(
        [sys.executable, "-c", _IMPORTER, url, str(directory)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == f"Households {CHUNK}":
                process.kill()
        assert process.wait(timeout=60) == -signal.SIGKILL
