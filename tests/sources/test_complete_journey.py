"""Complete Journey: the tables hold what the files say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from profiles.amounts import receipt_line_price
from profiles.customers import IdentifierKind
from profiles.money import Rate, convert, newest_rate
from sources.complete_journey import data_directory
from sources.complete_journey.calendar import Moments, clock_of
from sources.complete_journey.catalog import readable
from sources.complete_journey.households import household_order, read_demographics
from sources.complete_journey.transactions import line_prices, read_transactions
from sources.rejects import Rejects
from sources.shape import CANADIAN_STORE
from tests.sources.small_journey import (
    ACCOUNT,
    HEAVIEST,
    LATE_SHOPPER,
    NOW,
    RANDOM_HOUSEHOLDS,
    SHOWCASE,
    SMALL_HOUSEHOLDS,
    customer_id,
    import_small,
    rows_of,
)

ZONE = ACCOUNT.zone


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
    for id, last in customers.items():
        own = sorted(events[id], key=lambda event: (event["occurred_at"], event["id"]))
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
    late = [row for row in receipts if row["customer_id"] == customer_id(LATE_SHOPPER)]
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
        found = metrics[customer_id(household)]
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
        "stores",
        "timeline_events",
    }
    customers = await rows_of(database_url, "customers")
    assert {(row["first_name"], row["email"], row["phone"]) for row in customers} == {(None, None, None)}
    assert {row["currency"] for row in await rows_of(database_url, "receipts")} == {"USD"}
    opened = {row["value"]: row["customer_id"] for row in await rows_of(database_url, "identifiers")}
    assert opened == {str(household): customer_id(household) for household in SMALL_HOUSEHOLDS}
    assert {row["kind"] for row in await rows_of(database_url, "identifiers")} == {IdentifierKind.EXTERNAL_ID}


def test_times_of_a_day_that_is_still_going_on_keep_theirorder_of() -> None:
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
