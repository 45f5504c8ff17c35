"""Lines: what stands on the receipts of many households, as columns; a basket's own lines are made when looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from profiles.stored_amounts import Conversion
from sources.complete_journey.catalog import Catalog
from sources.complete_journey.transactions import Transactions
from sources.rows import HouseholdFacts, Line


@dataclass(frozen=True, slots=True)
class LineColumns:
    """Lists of one length, in the order of the lines; `starts` says at which line each basket begins.

    Amounts are in the currency of the basket as it is kept; `originals` is what the source said of a converted line.
    """

    starts: Any
    numbers: list[int]
    product_ids: list[int]
    external_ids: list[str]
    names: list[str]
    category_ids: list[int | None]
    quantities_milli: list[int]
    totals: list[int]
    prices: list[int]
    originals: list[dict[str, Any] | None]

    def convert(self, start: int, end: int, exchange: Conversion) -> None:
        """Converts the lines of a basket, which are in another currency."""
        for place in range(start, end):
            total, price = self.totals[place], self.prices[place]
            self.originals[place] = exchange.original(total=total, price=price)
            self.totals[place], self.prices[place] = exchange.kept(total), exchange.kept(price)

    def item_rows(self, households: Sequence[HouseholdFacts]) -> list[tuple[Any, ...]]:
        """The rows of `stored.ITEM_COLUMNS`. `households` are all to whom the lines belong, in their order."""
        counts = np.diff(np.append(self.starts, len(self.numbers)))
        owners = np.array([facts.customer_id for facts in households for _ in facts.baskets], dtype=np.int64)
        receipts = np.array([basket.receipt_id for facts in households for basket in facts.baskets], dtype=np.int64)
        currencies = np.array([basket.currency for facts in households for basket in facts.baskets], dtype=object)
        return list(
            zip(
                np.repeat(owners, counts).tolist(),
                np.repeat(receipts, counts).tolist(),
                self.numbers,
                self.product_ids,
                self.external_ids,
                self.names,
                self.quantities_milli,
                np.repeat(currencies, counts).tolist(),
                self.prices,
                self.totals,
                self.originals,
                strict=True,
            )
        )


class BasketLines(Sequence[Line]):
    """The lines of one basket, made from the columns when they are first looked at: most never are."""

    __slots__ = ("_columns", "_end", "_made", "_start")

    def __init__(self, columns: LineColumns, start: int, end: int) -> None:
        self._columns, self._start, self._end = columns, start, end
        self._made: list[Line] | None = None

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Line]: ...
    def __getitem__(self, place: int | slice) -> Line | Sequence[Line]:
        if self._made is None:
            lines, own = self._columns, slice(self._start, self._end)
            self._made = list(
                map(
                    Line,
                    lines.product_ids[own],
                    lines.external_ids[own],
                    lines.names[own],
                    lines.category_ids[own],
                    lines.quantities_milli[own],
                    lines.totals[own],
                    lines.prices[own],
                    lines.originals[own],
                )
            )
        return self._made[place]


def line_columns(transactions: Transactions, starts: Any, catalog: Catalog) -> LineColumns:
    """The columns of these lines, nothing converted yet; `starts` are the places at which baskets begin."""
    count = len(transactions)
    place = catalog.places_of(transactions.product_id)
    lengths = np.diff(np.append(starts, count))
    return LineColumns(
        starts=starts,
        numbers=(np.arange(1, count + 1) - np.repeat(starts, lengths)).tolist(),
        product_ids=catalog.columns.product_ids[place].tolist(),
        external_ids=catalog.columns.external_ids[place].tolist(),
        names=catalog.columns.names[place].tolist(),
        category_ids=catalog.columns.category_ids[place].tolist(),
        quantities_milli=(transactions.quantity * 1000).tolist(),
        totals=transactions.total_minor.tolist(),
        prices=transactions.price_minor.tolist(),
        originals=[None] * count,
    )


def runs(values: Any) -> tuple[Any, Any]:
    """Where equal neighbours begin, and where they end: two arrays."""
    borders = np.flatnonzero(values[1:] != values[:-1]) + 1
    if not len(values):
        return borders, borders
    return np.append(0, borders), np.append(borders, len(values))
