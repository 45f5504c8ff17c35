"""Metrics are derived from sums: days, averages, the last order's value both ways, and what was spent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.account import load_account
from profiles.amounts import OrderValueBasis
from profiles.customers import CustomerKind
from profiles.metrics import Metrics, MetricsRow
from profiles.money import Money
from profiles.stored_amounts import lacks_rate

NOW = datetime(2026, 3, 8, 16, tzinfo=UTC)
DEFAULT = load_account()
ORDER_TOTAL, PRODUCT_TOTAL = OrderValueBasis.ORDER_TOTAL, OrderValueBasis.PRODUCT_TOTAL
CANADIAN = {"currency": "CAD", "rate": "0.5", "rate_date": "2026-03-01", "subtotal": 4000, "total": 4672}


def metrics(
    basis: OrderValueBasis = ORDER_TOTAL, currency: str = "USD", zone: str = "America/New_York", **sums: Any
) -> Metrics:
    settings = DEFAULT.settings.model_copy(update={"last_order_value_basis": basis})
    account = DEFAULT.model_copy(update={"settings": settings, "currency": currency, "time_zone": zone})
    return Metrics(MetricsRow(1, **sums), account, NOW)


def last_order(total: int | None, products: int | None, currency: str | None = "USD", **more: Any) -> dict[str, Any]:
    return {
        "last_order_total_minor": total,
        "last_order_products_minor": products,
        "last_order_currency": currency,
        **more,
    }


@pytest.mark.parametrize(
    ("sums", "with_charges", "products_alone"),
    [
        pytest.param(last_order(None, None, None), None, None, id="no order"),
        pytest.param(last_order(2336, 2000), 2336, 2000, id="charges above the discount"),
        pytest.param(last_order(1700, 2000), 1700, 2000, id="a discount above the charges"),
        pytest.param(last_order(2000, 2000), 2000, 2000, id="neither charges nor a discount"),
        pytest.param(last_order(500, 0), 500, 0, id="products for nothing, and their shipping"),
        pytest.param(last_order(-100, 2000), -100, 2000, id="a discount above everything"),
        pytest.param(last_order(2336, 2000, last_order_original=CANADIAN), 2336, 2000, id="converted"),
        pytest.param(last_order(4672, 4000, "CAD"), 4672, 4000, id="without a rate"),
    ],
)
def test_the_last_orders_value_is_with_charges_or_of_the_products_alone(
    sums: dict[str, Any], with_charges: int | None, products_alone: int | None
) -> None:
    for basis, minor, name in ((ORDER_TOTAL, with_charges, "total"), (PRODUCT_TOTAL, products_alone, "subtotal")):
        value = metrics(basis, **sums).last_order_value
        if minor is None:
            assert value is None
            continue
        assert value is not None
        assert (value.amount_minor, value.currency) == (minor, sums["last_order_currency"])
        original = sums.get("last_order_original")
        assert (value.original.amount_minor if value.original else None) == (original[name] if original else None)
        assert lacks_rate(value, "USD") is (value.currency == "CAD")


@pytest.mark.parametrize(
    ("orders", "returns", "net"),
    [
        pytest.param(0, 0, 0, id="no orders"),
        pytest.param(10001, 2501, 7500, id="one returned"),
        pytest.param(2501, 2501, 0, id="all returned"),
    ],
)
def test_net_is_in_the_accounts_currency(orders: int, returns: int, net: int) -> None:
    spent = metrics(order_total_minor=orders, returns_total_minor=returns).net_spent
    assert spent == Money(net, "USD")


@pytest.mark.parametrize(
    ("total", "number", "expected"),
    [
        pytest.param(0, 0, None, id="of nothing"),
        pytest.param(0, 2, 0, id="of nothing paid"),
        pytest.param(2005, 2, 1002, id="a tie stays even"),
        pytest.param(2007, 2, 1004, id="a tie goes to even"),
        pytest.param(1000, 3, 333, id="a third"),
    ],
)
def test_averages_round_half_even_over_what_is_in_the_sum(total: int, number: int, expected: int | None) -> None:
    found = metrics(
        receipt_count=number + 5,  # those without a rate are in no sum, and so in no average
        receipt_total_minor=total,
        receipt_total_count=number,
        receipt_lines_minor=total,
        receipt_lines_pieces=number,
        order_count=number + 5,
        order_total_minor=total,
        order_total_count=number,
        order_lines_minor=total,
        order_lines_pieces=number,
    )
    money = None if expected is None else Money(expected, "USD")
    assert found.average_receipt == found.average_order == money
    assert found.average_item_price_per_receipt == found.average_order_item_price == money


def test_items_per_purchase_count_those_without_a_rate_too() -> None:
    found = metrics(receipt_count=2, receipt_pieces=7, order_count=4, order_pieces=9)
    assert (found.average_items_per_receipt, found.average_items_per_order) == (3.5, 2.25)
    nothing = metrics()
    assert (nothing.average_items_per_receipt, nothing.average_items_per_order) == (None, None)


@pytest.mark.parametrize(
    ("zone", "moment", "days"),
    [
        pytest.param("America/New_York", None, None, id="never"),
        pytest.param("America/New_York", NOW, 0, id="now"),
        pytest.param("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC), 0, id="at midnight of a short day"),
        pytest.param("America/New_York", datetime(2026, 3, 8, 4, 59, tzinfo=UTC), 1, id="a minute before it"),
        pytest.param("Asia/Kolkata", NOW - timedelta(hours=21, minutes=30), 0, id="Kolkata: at midnight, 18:30 UTC"),
        pytest.param("Asia/Kolkata", NOW - timedelta(hours=21, minutes=31), 1, id="Kolkata: a minute before it"),
        pytest.param("America/St_Johns", datetime(2026, 3, 8, 3, 30, tzinfo=UTC), 0, id="St John's: at midnight"),
        pytest.param("America/St_Johns", datetime(2026, 3, 8, 3, 29, tzinfo=UTC), 1, id="St John's: just before it"),
    ],
)
def test_days_turn_at_the_accounts_midnight(zone: str, moment: datetime | None, days: int | None) -> None:
    assert metrics(zone=zone).days_since(moment) == days


@pytest.mark.parametrize(("purchases", "kind"), [(0, CustomerKind.CONTACT), (1, CustomerKind.CUSTOMER)])
def test_the_first_purchase_makes_a_customer(purchases: int, kind: CustomerKind) -> None:
    assert MetricsRow(1, purchase_count=purchases).kind is kind
    # A cancelled order is in no count of purchases, and so makes nobody a customer.
    assert MetricsRow(1).kind is CustomerKind.CONTACT
