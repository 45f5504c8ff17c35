"""The panel of metrics: what the stored sums mean now, in the account's currency and time zone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from profiles.account import Account, load_account
from profiles.amounts import OrderValueBasis
from profiles.metrics import CustomerMetrics
from profiles.viewer import ALL_SCOPES
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import add, customer_id, people

# Twenty past midnight on the 2nd of March in New York, where the account is; the clocks there go forward on the 8th.
NOW = datetime(2026, 3, 2, 5, 20, tzinfo=UTC)
DAYS = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { metrics {
    daysSinceFirstReceipt daysSinceLastReceipt daysSinceFirstOrder daysSinceLastOrder daysSinceRegistration
  } } }
}
"""
WHOLE = """
fragment Amount on Money { amount currencyCode }
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { metrics {
    receiptCount firstReceiptAt lastReceiptAt daysSinceFirstReceipt daysSinceLastReceipt
    lastReceiptAmount { ...Amount } receiptTotal { ...Amount } averageReceipt { ...Amount }
    averageItemsPerReceipt averageItemPricePerReceipt { ...Amount }
    orderCount attributedOrderCount firstOrderAt secondOrderAt lastOrderAt daysSinceFirstOrder daysSinceLastOrder
    orderTotal { ...Amount } averageOrder { ...Amount } averageItemsPerOrder averageOrderItemPrice { ...Amount }
    lastOrderValue { amount { ...Amount } basis }
    totalSpent { net { ...Amount } ordersTotal { ...Amount } returnsTotal { ...Amount } orderCount returnCount }
    daysSinceRegistration lastActivityAt visitCount firstVisitAt lastVisitAt
  } } }
}
"""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def at(day: int, hour: int = 12, month: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


def sums(customer: int, **columns: Any) -> CustomerMetrics:
    return CustomerMetrics(customer_id=customer, **columns)


async def metrics(gateway: Gateway, query: str = WHOLE) -> dict[str, Any]:
    answer = await gateway.ask(query, {"ids": [customer_id(1)]})
    assert answer.errors == []
    found: dict[str, Any] = answer.data["nodes"][0]["metrics"]
    return found


EVERYTHING: dict[str, Any] = {
    "receipt_count": 3,
    "first_receipt_at": at(1),
    "last_receipt_at": at(27),
    "last_receipt_minor": 999,
    "last_receipt_currency": "CHF",
    "receipt_total_minor": 2005,
    "receipt_total_count": 2,
    "receipt_pieces": 8,
    "receipt_lines_minor": 2005,
    "receipt_lines_pieces": 6,
    "order_count": 4,
    "attributed_order_count": 1,
    "first_order_at": at(2),
    "second_order_at": at(3),
    "last_order_at": at(28),
    "order_total_minor": 10001,
    "order_total_count": 4,
    "order_pieces": 9,
    "order_lines_minor": 9000,
    "order_lines_pieces": 9,
    "last_order_total_minor": 2336,
    "last_order_products_minor": 2000,
    "last_order_currency": "USD",
    "returns_total_minor": 2501,
    "return_count": 1,
    "last_activity_at": at(28, 20),
    "visit_count": 7,
    "first_visit_at": at(4),
    "last_visit_at": at(28, 19),
}


async def test_every_metric_is_derived_from_the_sums(gateway: Gateway) -> None:
    await people(gateway, 1, registered_at=at(20))
    await add(gateway, sums(1, **EVERYTHING))
    assert await metrics(gateway) == {
        "receiptCount": 3,
        "firstReceiptAt": shown(at(1)),
        "lastReceiptAt": shown(at(27)),
        "daysSinceFirstReceipt": 29,
        "daysSinceLastReceipt": 3,
        # No rate was known for it: it stays in its currency, is counted, and is in no sum.
        "lastReceiptAmount": {"amount": "9.99", "currencyCode": "CHF"},
        "receiptTotal": usd("20.05"),
        # 10.025 is rounded half-even.
        "averageReceipt": usd("10.02"),
        "averageItemsPerReceipt": pytest.approx(8 / 3),
        "averageItemPricePerReceipt": usd("3.34"),
        "orderCount": 4,
        "attributedOrderCount": 1,
        "firstOrderAt": shown(at(2)),
        "secondOrderAt": shown(at(3)),
        "lastOrderAt": shown(at(28)),
        "daysSinceFirstOrder": 28,
        "daysSinceLastOrder": 2,
        "orderTotal": usd("100.01"),
        "averageOrder": usd("25.00"),
        "averageItemsPerOrder": 2.25,
        "averageOrderItemPrice": usd("10.00"),
        "lastOrderValue": {"amount": usd("23.36"), "basis": "ORDER_TOTAL"},
        "totalSpent": {
            "net": usd("75.00"),
            "ordersTotal": usd("100.01"),
            "returnsTotal": usd("25.01"),
            "orderCount": 4,
            "returnCount": 1,
        },
        "daysSinceRegistration": 10,
        "lastActivityAt": shown(at(28, 20)),
        "visitCount": 7,
        "firstVisitAt": shown(at(4)),
        "lastVisitAt": shown(at(28, 19)),
    }


@pytest.mark.parametrize("has_row", [True, False], ids=["a row of zeros", "no row yet"])
async def test_a_count_of_nothing_is_zero_and_an_average_or_a_date_of_nothing_is_null(
    gateway: Gateway, has_row: bool
) -> None:
    await people(gateway, 1)
    if has_row:
        await add(gateway, sums(1))
    found = await metrics(gateway)
    zeros = {name: value for name, value in found.items() if value is not None}
    assert zeros == {
        "receiptCount": 0,
        "receiptTotal": usd("0.00"),
        "orderCount": 0,
        "attributedOrderCount": 0,
        "orderTotal": usd("0.00"),
        "totalSpent": {
            "net": usd("0.00"),
            "ordersTotal": usd("0.00"),
            "returnsTotal": usd("0.00"),
            "orderCount": 0,
            "returnCount": 0,
        },
        "visitCount": 0,
    }
    assert len(found) - len(zeros) == 21


async def test_receipts_of_which_none_has_a_rate_have_no_average(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, sums(1, receipt_count=2, receipt_pieces=3))
    found = await metrics(gateway)
    assert (found["receiptCount"], found["averageReceipt"], found["averageItemPricePerReceipt"]) == (2, None, None)
    assert found["averageItemsPerReceipt"] == 1.5


async def test_days_turn_at_midnight_in_the_accounts_time_zone(gateway: Gateway) -> None:
    # Midnight in New York is at 05:00 UTC in winter.
    moments = {
        "first_receipt_at": datetime(2026, 3, 2, 4, 59, 59, 999999, tzinfo=UTC),
        "last_receipt_at": datetime(2026, 3, 2, 5, 0, tzinfo=UTC),
        "first_order_at": datetime(2026, 3, 1, 5, 0, tzinfo=UTC),
        # A year ago the 2nd of March was 365 days away; before it, summer time had come and gone.
        "last_order_at": datetime(2025, 3, 2, 5, 0, tzinfo=UTC),
    }
    await people(gateway, 1, registered_at=datetime(2026, 3, 2, 5, 19, tzinfo=UTC))
    await add(gateway, sums(1, **moments))
    assert await metrics(gateway, DAYS) == {
        "daysSinceFirstReceipt": 1,
        "daysSinceLastReceipt": 0,
        "daysSinceFirstOrder": 1,
        "daysSinceLastOrder": 365,
        "daysSinceRegistration": 0,
    }


CANADIAN = {"currency": "CAD", "rate": "0.74", "rate_date": "2026-02-27"}
LAST = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { metrics {
    lastReceiptAmount { ...Amount } lastOrderValue { amount { ...Amount } basis }
  } } }
}
fragment Amount on Money { amount currencyCode original { amount currencyCode rate rateDate } }
"""


async def test_a_last_amount_that_was_converted_keeps_what_the_source_had_said(gateway: Gateway) -> None:
    await people(gateway, 1)
    converted = {
        **EVERYTHING,
        "last_receipt_currency": "USD",
        "last_receipt_original": {**CANADIAN, "product_total": 1300, "total": 1350},
        "last_order_original": {**CANADIAN, "subtotal": 2703, "total": 3157},
    }
    await add(gateway, sums(1, **converted))
    rate = {"currencyCode": "CAD", "rate": "0.74", "rateDate": "2026-02-27"}
    assert await metrics(gateway, LAST) == {
        "lastReceiptAmount": {**usd("9.99"), "original": {"amount": "13.50", **rate}},
        "lastOrderValue": {"amount": {**usd("23.36"), "original": {"amount": "31.57", **rate}}, "basis": "ORDER_TOTAL"},
    }


async def test_a_last_amount_without_a_rate_is_warned_about_at_its_path(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, sums(1, **{**EVERYTHING, "last_order_currency": "CHF"}))
    answer = await gateway.ask(LAST, {"ids": [customer_id(1)]})
    assert answer.data["nodes"][0]["metrics"]["lastReceiptAmount"]["original"] is None
    path = ["nodes", 0, "metrics"]
    assert [(warning["code"], warning["path"]) for warning in answer.extensions["warnings"]] == [
        ("RATE_MISSING", [*path, "lastReceiptAmount"]),
        ("RATE_MISSING", [*path, "lastOrderValue", "amount"]),
    ]


class TestByProductTotal:
    """An account whose last order's value is that of the products."""

    @pytest.fixture
    def account(self) -> Account:
        default = load_account()
        basis = {"last_order_value_basis": OrderValueBasis.PRODUCT_TOTAL}
        return default.model_copy(update={"settings": default.settings.model_copy(update=basis)})

    async def test_the_last_order_value_follows_the_accounts_basis(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, sums(1, **EVERYTHING))
        expected = {"amount": usd("20.00"), "basis": "PRODUCT_TOTAL"}
        assert (await metrics(gateway))["lastOrderValue"] == expected

    async def test_what_the_source_had_said_follows_the_basis_too(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, sums(1, **EVERYTHING, last_order_original={**CANADIAN, "subtotal": 2703, "total": 3157}))
        amount = (await metrics(gateway, LAST))["lastOrderValue"]["amount"]
        assert (amount["amount"], amount["original"]["amount"]) == ("20.00", "27.03")


class TestInYen:
    """An account whose currency has no cents."""

    @pytest.fixture
    def account(self) -> Account:
        return load_account().model_copy(update={"currency": "JPY", "time_zone": "Asia/Tokyo"})

    async def test_amounts_have_as_many_decimals_as_the_currency(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, sums(1, receipt_count=2, receipt_total_minor=2005, receipt_total_count=2))
        found = await metrics(gateway)
        assert found["receiptTotal"] == {"amount": "2005", "currencyCode": "JPY"}
        assert found["averageReceipt"] == {"amount": "1002", "currencyCode": "JPY"}


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    answer = await gateway.ask(DAYS, {"ids": ids}, scopes=ALL_SCOPES - {"metrics:read"})
    assert (answer.data, answer.codes) == ({"nodes": [{"metrics": None}]}, ["FORBIDDEN"])
    assert answer.errors[0]["path"] == ["nodes", 0, "metrics"]
    assert reads(answer) == {"CustomerById": 1}


async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6))
    await add(gateway, *(sums(customer, receipt_count=customer) for customer in range(1, 5)))
    for asked in (ids[:1], ids):
        answer = await gateway.ask(WHOLE, {"ids": asked})
        assert answer.errors == []
        assert reads(answer) == {"CustomerById": len(asked), "MetricsOf": len(asked)}
        assert len(answer.extensions["profile"]["loaderBatches"]) == 2
    assert [node["metrics"]["receiptCount"] for node in answer.data["nodes"]] == [1, 2, 3, 4, 0]
