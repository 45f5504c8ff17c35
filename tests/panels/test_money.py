"""Money from the recording to the page: rates by day, exponents of 0, 2 and 3, returns, and days across midnight."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from profiles.account import Account, load_account
from profiles.catalog import ExchangeRate, Product
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.people import add, customer_id, people

NOW = datetime(2026, 6, 10, 16, tzinfo=UTC)
RECORD = (
    "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { code message } } }"
)
PAGE = """
fragment Amount on Money { amount currencyCode original { amount currencyCode rate rateDate } }
query ($id: ID!) {
  customer(by: { id: $id }) {
    receipts { nodes {
      total { ...Amount } productTotal { ...Amount } items { total { ...Amount } price { ...Amount } }
    } }
    metrics {
      receiptCount receiptTotal { ...Amount } averageReceipt { ...Amount } lastReceiptAmount { ...Amount }
      averageItemsPerReceipt daysSinceLastReceipt
      totalSpent {
        net { ...Amount } ordersTotal { ...Amount } returnsTotal { ...Amount } orderCount returnCount
      }
      lastOrderValue { amount { ...Amount } }
    }
  }
}
"""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


async def shop(gateway: Gateway, **rates: str) -> None:
    """Somebody, a product, and rates written as `CAD_2026_06_01="0.74"`."""
    await people(gateway, 1)
    dated = [(name[:3], name[4:].replace("_", "-"), rate) for name, rate in rates.items()]
    await add(
        gateway,
        Product(id=71, external_id="green", name="Green tea"),
        *(ExchangeRate(currency=currency, day=day, rate=rate) for currency, day, rate in dated),
    )


def sold(
    name: str, category: str, at: datetime, *lines: tuple[str, str], currency: str | None = None, **said: str
) -> dict[str, Any]:
    """A receipt or an order; lines are (quantity, price of one)."""
    return {
        "customer": {"id": customer_id(1)},
        "externalId": name,
        "category": category,
        "type": "receipt_issued" if category == "RECEIPT" else "order_placed",
        "occurredAt": at.isoformat(),
        "items": [
            {"productExternalId": "green", "quantity": quantity, "unitPrice": price, "currencyCode": currency}
            for quantity, price in lines
        ],
        "payload": [{"key": key, "value": value} for key, value in said.items()],
    }


async def page(gateway: Gateway, *events: dict[str, Any]) -> tuple[dict[str, Any], list[list[Any]]]:
    """What the customer's page shows after these, and the paths at which a rate is missing."""
    recorded = await gateway.ask(RECORD, {"input": {"events": list(events)}})
    assert recorded.data["recordEvents"] == {"recorded": len(events), "userErrors": []}
    answer = await gateway.ask(PAGE, {"id": customer_id(1)})
    assert answer.errors == []
    warnings = answer.extensions.get("warnings", [])
    assert {warning["code"] for warning in warnings} <= {"RATE_MISSING"}
    return answer.data["customer"], [warning["path"] for warning in warnings]


def shown(amount: str, currency: str = "USD", original: dict[str, str] | None = None) -> dict[str, Any]:
    return {"amount": amount, "currencyCode": currency, "original": original}


@pytest.mark.parametrize(
    ("at", "rate_date", "rate", "amount"),
    [
        pytest.param("2026-06-05T12:00:00-04:00", "2026-06-05", "0.75", "7.50", id="a rate of the day itself"),
        pytest.param("2026-06-07T12:00:00-04:00", "2026-06-05", "0.75", "7.50", id="no rate at the weekend: Friday's"),
        pytest.param("2026-06-08T12:00:00-04:00", "2026-06-08", "0.80", "8.00", id="the next rate from its day on"),
        pytest.param(
            "2026-06-07T23:59:59-04:00", "2026-06-05", "0.75", "7.50", id="just before the account's midnight"
        ),
        pytest.param("2026-06-08T00:00:00-04:00", "2026-06-08", "0.80", "8.00", id="at the account's midnight"),
        pytest.param("2026-06-04T23:59:59-04:00", None, None, None, id="before the first rate: it stays"),
    ],
)
async def test_the_rate_is_the_newest_not_after_the_day_in_the_accounts_zone(
    gateway: Gateway, at: str, rate_date: str | None, rate: str | None, amount: str | None
) -> None:
    await shop(gateway, CAD_2026_06_05="0.75", CAD_2026_06_08="0.80", EUR_2026_06_01="2")
    found, missing = await page(gateway, sold("r", "RECEIPT", datetime.fromisoformat(at), ("1", "10"), currency="CAD"))
    (receipt,), metrics = found["receipts"]["nodes"], found["metrics"]
    assert metrics["receiptCount"] == 1
    if amount is None or rate is None or rate_date is None:
        stays = shown("10.00", "CAD")
        assert receipt["total"] == receipt["items"][0]["price"] == metrics["lastReceiptAmount"] == stays
        assert (metrics["receiptTotal"], metrics["averageReceipt"]) == (shown("0.00"), None)
        line = ["customer", "receipts", "nodes", 0]
        assert sorted(missing, key=str) == sorted(
            [
                [*line, "total"],
                [*line, "productTotal"],
                [*line, "items", 0, "total"],
                [*line, "items", 0, "price"],
                ["customer", "metrics", "lastReceiptAmount"],
            ],
            key=str,
        )
        return
    said = {"amount": "10.00", "currencyCode": "CAD", "rate": rate, "rateDate": rate_date}
    assert (
        receipt["total"] == receipt["items"][0]["price"] == metrics["lastReceiptAmount"] == shown(amount, "USD", said)
    )
    assert metrics["receiptTotal"] == metrics["averageReceipt"] == shown(amount)
    assert missing == []


async def test_each_line_is_rounded_half_even_before_it_is_summed(gateway: Gateway) -> None:
    await shop(gateway, CAD_2026_06_01="0.5")
    # The half of each is a tie; half of their sum would be 0.09.
    lines = [("1", "0.01"), ("1", "0.03"), ("1", "0.05"), ("1", "0.09")]
    found, _ = await page(gateway, sold("r", "RECEIPT", NOW, *lines, currency="CAD"))
    (receipt,) = found["receipts"]["nodes"]
    amounts = [item["total"]["amount"] for item in receipt["items"]]
    assert amounts == ["0.00", "0.02", "0.02", "0.04"]
    assert receipt["total"]["amount"] == receipt["productTotal"]["amount"] == "0.08"
    assert receipt["total"]["original"]["amount"] == "0.18"
    assert found["metrics"]["receiptTotal"]["amount"] == "0.08"


class TestInAnotherCurrency:
    """Accounts in currencies of 0, 2 and 3 decimals, sold to in each of the others."""

    @pytest.fixture(params=["JPY", "EUR", "KWD"])
    def account(self, request: pytest.FixtureRequest) -> Account:
        return load_account().model_copy(update={"currency": request.param})

    @pytest.mark.parametrize(("source", "price"), [("JPY", "1235"), ("EUR", "12.35"), ("KWD", "1.235")])
    async def test_amounts_have_the_decimals_of_their_currency(
        self, gateway: Gateway, account: Account, source: str, price: str
    ) -> None:
        rate, places = Decimal("0.5"), {"JPY": 0, "EUR": 2, "KWD": 3}
        await shop(gateway, **{} if source == account.currency else {f"{source}_2026_06_01": str(rate)})
        found, missing = await page(gateway, sold("r", "RECEIPT", NOW, ("1", price), ("2", price), currency=source))
        unit = Decimal(1).scaleb(-places[account.currency])
        factor = Decimal(1) if source == account.currency else rate
        # Quantize rounds half-even, as the rule does.
        expected = [str((Decimal(price) * pieces * factor).quantize(unit)) for pieces in (1, 2)]
        (receipt,) = found["receipts"]["nodes"]
        assert [item["total"]["amount"] for item in receipt["items"]] == expected
        total = str(sum(Decimal(each) for each in expected))
        assert (receipt["total"]["amount"], receipt["total"]["currencyCode"]) == (total, account.currency)
        original = receipt["total"]["original"]
        said = None if source == account.currency else str(Decimal(price) * 3)
        assert (original["amount"] if original else None) == said
        assert found["metrics"]["receiptTotal"] == shown(total, account.currency)
        assert missing == []


@pytest.mark.parametrize(
    ("orders", "spent"),
    [
        pytest.param([], ("0.00", "0.00", "0.00", 0, 0), id="no order"),
        pytest.param([("CONFIRMED", "10", None)], ("10.00", "10.00", "0.00", 1, 0), id="one order"),
        pytest.param(
            [("CONFIRMED", "10", None), ("RETURNED", "4", None)],
            ("10.00", "14.00", "4.00", 2, 1),
            id="a returned order is in both totals",
        ),
        pytest.param([("RETURNED", "4", None)], ("0.00", "4.00", "4.00", 1, 1), id="everything returned"),
        pytest.param(
            [("CONFIRMED", "10", None), ("CANCELLED", "4", None)],
            ("10.00", "10.00", "0.00", 1, 0),
            id="a cancelled order is in none",
        ),
        pytest.param([("NEW", "4", None)], ("0.00", "0.00", "0.00", 0, 0), id="a status that does not count"),
        pytest.param(
            [("CONFIRMED", "10", None), ("RETURNED", "4", "CHF")],
            ("10.00", "10.00", "0.00", 2, 1),
            id="a return without a rate is counted and in no sum",
        ),
        pytest.param(
            [("CONFIRMED", "10", "CAD"), ("RETURNED", "4", "CAD")],
            ("5.00", "7.00", "2.00", 2, 1),
            id="converted orders and returns",
        ),
    ],
)
async def test_total_spent_tells_orders_and_returns_apart(
    gateway: Gateway, orders: list[tuple[str, str, str | None]], spent: tuple[str, str, str, int, int]
) -> None:
    await shop(gateway, CAD_2026_06_01="0.5")
    sent = [
        sold(f"o-{at}", "ORDER", NOW - timedelta(hours=at), ("1", price), currency=currency, status=status)
        for at, (status, price, currency) in enumerate(orders)
    ]
    found = (await page(gateway, *sent))[0]["metrics"]["totalSpent"]
    net, ordered, returned, order_count, return_count = spent
    assert found == {
        "net": shown(net),
        "ordersTotal": shown(ordered),
        "returnsTotal": shown(returned),
        "orderCount": order_count,
        "returnCount": return_count,
    }


async def test_weights_and_fuel_are_one_piece_each(gateway: Gateway) -> None:
    await shop(gateway)
    lines = [("2", "1"), ("0.75", "4"), ("100", "0.10"), ("101", "0.10"), ("0", "3")]
    found, _ = await page(gateway, sold("r", "RECEIPT", NOW, *lines))
    assert found["metrics"]["averageItemsPerReceipt"] == 2 + 1 + 100 + 1 + 1


class TestHalfHourZones:
    """Days turn at the account's own midnight, also where that is at half past in UTC or the clocks go meanwhile."""

    @pytest.fixture(params=["Asia/Kolkata", "America/St_Johns", "Australia/Adelaide"])
    def account(self, request: pytest.FixtureRequest) -> Account:
        return load_account().model_copy(update={"time_zone": request.param})

    async def test_a_receipt_just_before_midnight_was_yesterday(self, gateway: Gateway, account: Account) -> None:
        await shop(gateway)
        today = NOW.astimezone(account.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        assert today.astimezone(UTC).minute == 30
        yesterday = sold("r", "RECEIPT", today - timedelta(microseconds=1), ("1", "1"))
        found, _ = await page(gateway, yesterday)
        assert found["metrics"]["daysSinceLastReceipt"] == 1
        found, _ = await page(gateway, sold("s", "RECEIPT", today, ("1", "1")))
        assert found["metrics"]["daysSinceLastReceipt"] == 0
