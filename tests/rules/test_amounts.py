"""Amounts of purchases add up in one way: rounded by line, summed, and averaged from the sums."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.amounts import (
    OrderAmounts,
    average_item_price,
    items_per,
    net_spent,
    order_amounts,
    order_line_total,
    pieces,
    receipt_amounts,
    receipt_line_price,
)


@pytest.mark.parametrize(
    ("total_minor", "quantity", "price"),
    [
        pytest.param(1000, "4", 250, id="even"),
        pytest.param(1000, "3", 333, id="down"),
        pytest.param(2000, "3", 667, id="up"),
        pytest.param(5, "2", 2, id="a tie stays even"),
        pytest.param(7, "2", 4, id="a tie goes to even"),
        pytest.param(199, "0", 199, id="quantity 0: the total itself"),
        pytest.param(199, "0.000", 199, id="quantity 0 with decimals"),
        pytest.param(199, "0.5", 398, id="a price per kilogram"),
        pytest.param(2893, "11200", 0, id="fuel"),
        pytest.param(0, "2", 0, id="for nothing"),
        pytest.param(-500, "2", -250, id="given back"),
        pytest.param(-500, "-2", 250, id="given back as a negative quantity"),
    ],
)
def test_a_receipt_lines_price_is_its_total_per_quantity(total_minor: int, quantity: str, price: int) -> None:
    assert receipt_line_price(total_minor, Decimal(quantity)) == price


@pytest.mark.parametrize(
    ("unit_price_minor", "quantity", "total_minor"),
    [(250, "4", 1000), (250, "0", 0), (199, "0.5", 100), (201, "0.5", 100), (333, "0.333", 111)],
)
def test_an_order_lines_total_is_its_standard_price_times_quantity(
    unit_price_minor: int, quantity: str, total_minor: int
) -> None:
    assert order_line_total(unit_price_minor, Decimal(quantity)) == total_minor


@pytest.mark.parametrize(
    ("lines", "delivery", "discount", "product_total", "total_minor"),
    [
        pytest.param([250, 199, 0], None, 0, 449, 449, id="no delivery"),
        pytest.param([250, 199], 500, 0, 449, 949, id="delivery is added"),
        pytest.param([250, 199], 0, 120, 449, 449, id="a discount is information only"),
        pytest.param([], None, 0, 0, 0, id="no lines"),
    ],
)
def test_a_receipts_total_is_its_products_and_the_delivery(
    lines: Sequence[int], delivery: int | None, discount: int, product_total: int, total_minor: int
) -> None:
    receipt = receipt_amounts(lines, delivery, discount)
    assert receipt.product_total_minor == product_total
    assert receipt.total_minor == total_minor
    assert receipt.discount_minor == discount
    assert receipt.delivery_cost_minor == delivery


def test_an_order_is_subtotal_less_discount_plus_tax_and_shipping() -> None:
    order = order_amounts([(1000, Decimal(2)), (199, Decimal("0.5"))], 300, 342, 490)
    assert order == OrderAmounts(subtotal_minor=2100, discount_minor=300, tax_minor=342, shipping_minor=490)
    assert order.product_cost_minor == 1800
    assert order.total_minor == 2632


def test_an_orders_lines_are_rounded_before_they_are_summed() -> None:
    order = order_amounts([(3, Decimal("0.5"))] * 2, 0, 0, 0)
    assert order.subtotal_minor == 4  # 1.5 rounds to 2, twice; not 3


@pytest.mark.parametrize(
    ("quantity", "count"),
    [
        pytest.param("1", 1, id="one"),
        pytest.param("2.000", 2, id="a whole number with decimals"),
        pytest.param("1E+1", 10, id="a whole number with an exponent"),
        pytest.param("100", 100, id="the most"),
        pytest.param("101", 1, id="above 100"),
        pytest.param("100.5", 1, id="a fraction above 100"),
        pytest.param("89638", 1, id="fuel"),
        pytest.param("0", 1, id="0"),
        pytest.param("0.75", 1, id="a fraction"),
        pytest.param("2.5", 1, id="a fraction above one"),
        pytest.param("-2", -2, id="two given back"),
        pytest.param("-101", 1, id="a weight given back"),
    ],
)
def test_weights_fuel_and_nothing_count_as_one_piece(quantity: str, count: int) -> None:
    assert pieces(Decimal(quantity)) == count


def test_averages_come_from_sums_and_not_from_means() -> None:
    # One receipt of a single 10.00 and one of nine at 1.00: the mean of means would be 5.50.
    line_totals, piece_count, receipt_count = 1000 + 900, 10, 2
    assert average_item_price(line_totals, piece_count) == 190
    assert items_per(piece_count, receipt_count) == 5.0


def test_averages_of_nothing_are_none() -> None:
    assert average_item_price(0, 0) is None
    assert items_per(0, 0) is None


def test_items_per_receipt_may_be_a_fraction() -> None:
    assert items_per(7, 2) == 3.5


@pytest.mark.parametrize(
    ("orders_total", "returns_total", "net"),
    [
        pytest.param(0, 0, 0, id="nothing"),
        pytest.param(5000, 0, 5000, id="nothing returned"),
        pytest.param(5000, 2000, 3000, id="one order returned"),
        pytest.param(5000, 5000, 0, id="everything returned"),
        pytest.param(-100, 0, -100, id="a discount larger than the order"),
    ],
)
def test_net_is_what_was_ordered_without_what_was_returned(orders_total: int, returns_total: int, net: int) -> None:
    assert net_spent(orders_total, returns_total) == net


QUANTITIES = st.decimals(0, 1000, places=3)
MINORS = st.integers(0, 10**9)


@given(lines=st.lists(st.tuples(MINORS, QUANTITIES), max_size=8), discount=MINORS, tax=MINORS, shipping=MINORS)
def test_an_orders_amounts_come_to_its_total_to_the_minor_unit(
    lines: list[tuple[int, Decimal]], discount: int, tax: int, shipping: int
) -> None:
    order = order_amounts(lines, discount, tax, shipping)
    assert order.subtotal_minor == sum(order_line_total(price, quantity) for price, quantity in lines)
    assert order.total_minor == order.subtotal_minor - discount + tax + shipping


@given(total=MINORS, quantity=st.integers(1, 100))
def test_a_price_times_its_quantity_is_within_half_a_unit_a_piece_of_the_total(total: int, quantity: int) -> None:
    price = receipt_line_price(total, Decimal(quantity))
    assert 2 * abs(price * quantity - total) <= quantity


@given(quantity=st.decimals(-10_000, 10_000, places=3))
def test_a_line_is_never_no_piece_and_never_more_than_a_hundred(quantity: Decimal) -> None:
    assert pieces(quantity) != 0
    assert abs(pieces(quantity)) <= 100
