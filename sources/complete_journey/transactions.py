"""Transactions: every line of every basket, checked and in cents, sorted by household and time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sources.complete_journey.columns import INTEGER, NUMBER, TIME, Columns, read_columns
from sources.rejects import Rejects

TYPES = {
    "household_id": INTEGER,
    "store_id": INTEGER,
    "basket_id": INTEGER,
    "product_id": INTEGER,
    "quantity": INTEGER,
    "sales_value": NUMBER,
    "retail_disc": NUMBER,
    "coupon_disc": NUMBER,
    "coupon_match_disc": NUMBER,
    "transaction_timestamp": TIME,
}


@dataclass(frozen=True, slots=True)
class Transactions:
    """Lines as arrays of one length. Amounts are in cents; times are naive, in the account's zone."""

    household_id: Any
    store_id: Any
    basket_id: Any
    product_id: Any
    quantity: Any
    total_minor: Any
    price_minor: Any
    discount_minor: Any
    time: Any

    def __len__(self) -> int:
        return len(self.household_id)

    def taken(self, chosen: Any) -> "Transactions":
        """The lines of a slice, a mask or an index."""
        return Transactions(*(getattr(self, name)[chosen] for name in Transactions.__slots__))

    def of_households(self, household_ids: Sequence[int]) -> "Transactions":
        """The lines of these households, in their order, each household's by time, basket and place in the file."""
        wanted = np.asarray(household_ids, dtype=np.int64)
        by_id = np.argsort(wanted)
        found = np.searchsorted(wanted[by_id], self.household_id)
        found[found == len(wanted)] = 0
        kept = np.flatnonzero(wanted[by_id][found] == self.household_id)
        position = by_id[found[kept]]
        order = np.lexsort((self.basket_id[kept], self.time[kept], position))
        return self.taken(kept[order])


def read_transactions(directory: Path, rejects: Rejects) -> Transactions:
    """All sound lines, in the file's order."""
    columns = read_columns(directory / "transactions.parquet", TYPES, rejects, checks=_contradictions)
    total = _cents(columns.pop("sales_value"))
    discount = sum(_cents(columns.pop(name)) for name in ("retail_disc", "coupon_disc", "coupon_match_disc"))
    return Transactions(
        household_id=columns["household_id"],
        store_id=columns["store_id"],
        basket_id=columns["basket_id"],
        product_id=columns["product_id"],
        quantity=columns["quantity"],
        total_minor=total,
        price_minor=line_prices(total, columns["quantity"]),
        discount_minor=discount,
        time=columns["transaction_timestamp"],
    )


def line_prices(total_minor: Any, quantity: Any) -> Any:
    """`profiles.amounts.receipt_line_price` over arrays: half-even, the total itself where the quantity is 0."""
    divisor = np.where(quantity == 0, 1, quantity)
    quotient, remainder = np.divmod(total_minor, divisor)
    twice = 2 * remainder
    return quotient + ((twice > divisor) | ((twice == divisor) & (quotient % 2 == 1)))


def _contradictions(columns: Columns) -> Mapping[str, Any]:
    """A basket is one household's, in one store, at one time; a line that disagrees with its first is broken."""
    _, first, basket = np.unique(columns["basket_id"], return_index=True, return_inverse=True)
    return {
        f"{name} differs from that of the basket's first line": columns[name] != columns[name][first][basket]
        for name in ("household_id", "store_id", "transaction_timestamp")
    }


def _cents(amounts: Any) -> Any:
    """The source has two decimals in doubles; rounding finds them again exactly. Broken rows are already out."""
    return np.rint(amounts * 100).astype(np.int64)
