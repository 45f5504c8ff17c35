"""The metrics that the gateway answers are those that pandas computes from the original files."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pandas as pd
from sqlalchemy import select

from profiles.calendar import days_between
from profiles.money import Rate, convert, newest_rate
from profiles.storage.bulk import bulk_load
from profiles.tables import METADATA
from sources.complete_journey import data_directory
from sources.shape import CANADIAN_STORE
from tests.demo.conftest import ACCOUNT, HOUSEHOLDS, NOW
from tests.gateway_client import Gateway

LIST = """query List($after: String) { customers(first: 100, after: $after, filter: { kind: CUSTOMER }) {
    nodes { id externalId } pageInfo { hasNextPage endCursor } } }"""
METRICS = """query Metrics($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { externalId metrics {
    receiptCount firstReceiptAt lastReceiptAt daysSinceFirstReceipt daysSinceLastReceipt
    lastReceiptAmount { amount currencyCode } receiptTotal { amount currencyCode }
    averageReceipt { amount currencyCode } averageItemsPerReceipt averageItemPricePerReceipt { amount }
} } } }"""


async def test_the_metrics_of_twenty_random_households_equal_what_pandas_computes(
    gateway: Gateway, database_url: str
) -> None:
    customers = await _all_customers(gateway)
    assert len(customers) == HOUSEHOLDS
    chosen = Random(7).sample(sorted(customers), 20)
    answer = await gateway.ask(METRICS, {"ids": [customers[household] for household in chosen]})
    assert answer.errors == []
    rates = await _rates(database_url)
    lines = pd.read_parquet(data_directory() / "transactions.parquet")
    shift = NOW.astimezone(ACCOUNT.zone).date() - lines.transaction_timestamp.max().date()
    for household, node in zip(chosen, answer.data["nodes"], strict=True):
        own = lines[lines.household_id == int(household)].copy()
        own["time"] = [_instant(moment, shift) for moment in own.transaction_timestamp.dt.to_pydatetime()]
        own["cents"] = [
            _in_dollars(round(value * 100), store, moment, rates)
            for value, store, moment in zip(own.sales_value, own.store_id, own.time, strict=True)
        ]
        own["pieces"] = own.quantity.where((own.quantity > 0) & (own.quantity <= 100), 1)
        baskets = own.groupby("basket_id").agg(total=("cents", "sum"), time=("time", "first"))
        total, pieces = int(own.cents.sum()), int(own.pieces.sum())
        assert node["externalId"] == household
        assert node["metrics"] == {
            "receiptCount": len(baskets),
            "firstReceiptAt": _text(baskets.time.min()),
            "lastReceiptAt": _text(baskets.time.max()),
            "daysSinceFirstReceipt": days_between(baskets.time.min(), NOW, ACCOUNT.zone),
            "daysSinceLastReceipt": days_between(baskets.time.max(), NOW, ACCOUNT.zone),
            "lastReceiptAmount": _dollars(int(baskets.total[baskets.time.idxmax()])),
            "receiptTotal": _dollars(total),
            "averageReceipt": _dollars(round(Decimal(total) / len(baskets))),
            "averageItemsPerReceipt": pieces / len(baskets),
            "averageItemPricePerReceipt": {"amount": _amount(round(Decimal(total) / pieces))},
        }


async def _all_customers(gateway: Gateway) -> dict[str, str]:
    found: dict[str, str] = {}
    after = None
    while True:
        page = (await gateway.ask(LIST, {"after": after})).data["customers"]
        found |= {node["externalId"]: node["id"] for node in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def _rates(database_url: str) -> list[Rate]:
    rates = METADATA.tables["exchange_rates"]
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        rows = await bulk.execute(select(rates.c.day, rates.c.rate).where(rates.c.currency == "CAD"))
    return [Rate(datetime.fromisoformat(day).date(), Decimal(rate)) for day, rate in rows]


def _instant(local: datetime, shift: timedelta) -> datetime:
    return (local.replace(tzinfo=None) + shift).replace(tzinfo=ACCOUNT.zone).astimezone(UTC)


def _in_dollars(cents: int, store: int, moment: datetime, rates: list[Rate]) -> int:
    if str(store) != CANADIAN_STORE:
        return cents
    rate = newest_rate(rates, moment.astimezone(ACCOUNT.zone).date())
    assert rate is not None
    return convert(cents, "CAD", "USD", rate.rate, rate.rate_date).amount_minor


def _text(moment: datetime) -> str:
    return pd.Timestamp(moment).to_pydatetime().isoformat().replace("+00:00", "Z")


def _amount(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def _dollars(cents: int) -> dict[str, str]:
    return {"amount": _amount(cents), "currencyCode": "USD"}
