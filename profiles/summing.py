"""Summing: what a selection of customers adds up to, over the rows of their metrics."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func

from profiles.account import Account
from profiles.money import Money, average


@dataclass(frozen=True, slots=True)
class Sums:
    """Over one selection, in minor units of the account's currency; amounts without a rate are in none of them."""

    customer_count: int
    order_count: int
    receipt_count: int
    purchase_total_minor: int
    returns_total_minor: int
    receipt_total_minor: int
    receipt_total_count: int

    def revenue(self, account: Account) -> Money:
        """Receipts, and counting orders that have none, less what was returned."""
        return Money(self.purchase_total_minor - self.returns_total_minor, account.currency)

    def average_receipt(self, account: Account) -> Money | None:
        """Over all receipts of all customers, not a mean of their means; None without a receipt."""
        minor = average(self.receipt_total_minor, self.receipt_total_count)
        return None if minor is None else Money(minor, account.currency)


NO_SUMS = Sums(0, 0, 0, 0, 0, 0, 0)


def sum_columns(customers: Any, metrics: Any) -> list[ColumnElement[Any]]:
    """The columns of `Sums`. PostgreSQL sums bigints to numeric, so sums are cast back."""
    names = list(Sums.__dataclass_fields__)[1:]
    return [
        func.count(customers.id),
        *(cast(func.coalesce(func.sum(metrics[name]), 0), BigInteger) for name in names),
    ]
