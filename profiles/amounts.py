"""Amounts: what a receipt, an order and their lines add up to; all integers are minor units of one currency.

Amounts in another currency are converted (`profiles.money`) before they come here: each is rounded before it is summed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from profiles.money import average, divide_half_even

MOST_PIECES_OF_A_LINE = 100
"""A larger quantity is a weight or a volume (fuel), not pieces."""


class OrderValueBasis(StrEnum):
    """What the last order's value means, by account."""

    ORDER_TOTAL = "ORDER_TOTAL"
    PRODUCT_TOTAL = "PRODUCT_TOTAL"


@dataclass(frozen=True, slots=True)
class ReceiptAmounts:
    """`discount_minor` had been taken off before and is information only; a delivery cost of None was not said."""

    product_total_minor: int
    delivery_cost_minor: int | None
    discount_minor: int

    @property
    def total_minor(self) -> int:
        return self.product_total_minor + (self.delivery_cost_minor or 0)


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """`subtotal_minor` is at standard prices; the discount is what is taken off it, as a positive amount."""

    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int

    @property
    def product_cost_minor(self) -> int:
        return self.subtotal_minor - self.discount_minor

    @property
    def total_minor(self) -> int:
        return self.product_cost_minor + self.tax_minor + self.shipping_minor


def receipt_line_price(total_minor: int, quantity: Decimal) -> int:
    """The price of one: total / quantity, half-even; the total itself where the quantity is 0."""
    if not quantity:
        return total_minor
    numerator, denominator = quantity.as_integer_ratio()
    return divide_half_even(total_minor * denominator, numerator)


def order_line_total(unit_price_minor: int, quantity: Decimal) -> int:
    """The standard price times the quantity, half-even where the quantity is a fraction."""
    numerator, denominator = quantity.as_integer_ratio()
    return divide_half_even(unit_price_minor * numerator, denominator)


def receipt_amounts(
    line_totals_minor: Iterable[int], delivery_cost_minor: int | None, discount_minor: int
) -> ReceiptAmounts:
    """A receipt from its lines' totals, as the source gives them."""
    return ReceiptAmounts(sum(line_totals_minor), delivery_cost_minor, discount_minor)


def order_amounts(
    lines: Iterable[tuple[int, Decimal]], discount_minor: int, tax_minor: int, shipping_minor: int
) -> OrderAmounts:
    """An order from its lines: (standard unit price, quantity) each. A line is rounded before it is summed."""
    subtotal_minor = sum(order_line_total(unit_price_minor, quantity) for unit_price_minor, quantity in lines)
    return OrderAmounts(subtotal_minor, discount_minor, tax_minor, shipping_minor)


def pieces(quantity: Decimal) -> int:
    """How many things a line is; 0, a fraction and more than 100 (weights, fuel) count as one."""
    is_count = 0 < abs(quantity) <= MOST_PIECES_OF_A_LINE and quantity == quantity.to_integral_value()
    return int(quantity) if is_count else 1


def net_spent(orders_total_minor: int, returns_total_minor: int) -> int:
    """What is left of the orders without those that were returned, each of which is in both totals (ruling 18)."""
    return orders_total_minor - returns_total_minor


def items_per(piece_count: int, count: int) -> float | None:
    """Pieces per receipt (or order), over all of them; None where there is none."""
    return piece_count / count if count else None


def average_item_price(line_totals_minor: int, piece_count: int) -> int | None:
    """The sum of all line totals over all pieces, half-even: not a mean of means; None without a piece."""
    return average(line_totals_minor, piece_count)
