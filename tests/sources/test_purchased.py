"""Products purchased, summed up from a load's rows: by the rules that the statement follows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from profiles.account import load_account
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.summaries.affinities_in_hand import Names
from profiles.summaries.in_hand import COLUMNS
from sources.purchased import summed_up_in
from sources.rows import Rows

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
ADA, BEN = 1, 2
SOAP, WINE = 11, 12
ACCOUNT = load_account().model_copy(update={"counting_order_statuses": ("COMPLETED", "RETURNED")})
OF_PRODUCTS = ("category", "brand", "department")
NAMES = Names(OF_PRODUCTS, {SOAP: (None,) * 3, WINE: ("Drinks", None, "Cellar")}, {WINE: 5}, {5: "Drinks"}, {})


def _rows(
    receipts: dict[int, tuple[datetime, list[tuple[int, int | None, int]]]],
    orders: dict[int, tuple[datetime, str, int | None, list[tuple[int, int | None, int]]]] | None = None,
) -> Rows:
    """Purchases by id: when, (an order's state and receipt,) and lines of (customer, product, thousandths)."""
    rows = Rows()
    for id, (at, lines) in receipts.items():
        customer_id = lines[0][0] if lines else ADA
        rows.add(Receipt, ("customer_id", "id", "issued_at", "store_id"), [(customer_id, id, at, None)])
        items: list[tuple[Any, ...]] = [(customer, id, product, quantity) for customer, product, quantity in lines]
        rows.add(ReceiptItem, ("customer_id", "receipt_id", "product_id", "quantity_milli"), items)
    for id, (at, status, receipt_id, lines) in (orders or {}).items():
        columns = ("customer_id", "id", "placed_at", "store_id", "status", "receipt_id")
        rows.add(Order, columns, [(lines[0][0] if lines else ADA, id, at, None, status, receipt_id)])
        items = [(customer, id, product, quantity) for customer, product, quantity in lines]
        rows.add(OrderItem, ("customer_id", "order_id", "product_id", "quantity_milli"), items)
    return rows


def _purchased(rows: Rows) -> dict[tuple[int, int], tuple[Any, ...]]:
    """By customer and product: category, quantity, purchases, receipts, orders, the latest."""
    assert COLUMNS[:3] == ("customer_id", "product_id", "category_id")
    return {row[:2]: row[2:] for row in summed_up_in(rows, ACCOUNT, NAMES, NOON).purchased}


def test_a_product_twice_on_one_receipt_was_purchased_once() -> None:
    later = NOON + timedelta(days=1)
    lines = [(ADA, SOAP, 1000), (ADA, WINE, 500), (ADA, SOAP, 2000)]
    found = _purchased(_rows({7: (later, lines), 8: (NOON, [(ADA, SOAP, 1000)]), 9: (NOON, [(BEN, SOAP, 1000)])}))
    assert found == {
        (ADA, SOAP): (None, 4000, 2, 2, 0, later),
        (ADA, WINE): (5, 500, 1, 1, 0, later),
        (BEN, SOAP): (None, 1000, 1, 1, 0, NOON),
    }


def test_orders_that_count_and_have_no_receipt_are_purchases_too() -> None:
    later, last = NOON + timedelta(days=1), NOON + timedelta(days=2)
    orders = {
        # The same number as the receipt's is another purchase all the same.
        7: (later, "COMPLETED", None, [(ADA, SOAP, 1000), (ADA, SOAP, 1000), (ADA, WINE, 3000)]),
        21: (last, "COMPLETED", 7, [(ADA, SOAP, 9000)]),
        22: (last, "CANCELLED", None, [(ADA, SOAP, 9000), (BEN, WINE, 9000)]),
    }
    found = _purchased(_rows({7: (NOON, [(ADA, SOAP, 1000)])}, orders))
    assert found == {(ADA, SOAP): (None, 3000, 2, 1, 1, later), (ADA, WINE): (5, 3000, 1, 0, 1, later)}


def test_a_line_of_no_product_of_ours_is_left_out() -> None:
    assert _purchased(_rows({7: (NOON, [(ADA, None, 1000)])}, {8: (NOON, "RETURNED", None, [(ADA, None, 1)])})) == {}
    assert _purchased(Rows()) == {}
