"""Recommendations measured: how often ten of them hit the household's next basket, against plain popularity.

    python benchmarks/recommendations.py

Real data (the Complete Journey, from the installed package). Each household's last basket is held out; model and
popularity are fitted on all other baskets, and for both the same products are left out: those that the household
purchased less than 30 days before the held-out basket, and those without a name. The hit rate is the share of all
households whose held-out basket holds at least one of their ten products. The last line is the ratio of the two.

The model's constants were chosen with `--held-out 2`, `3` and `4` (the second last basket and so on, everything later
removed). `--strict` learns, for the baskets held out within 30 days, from what was before those 30 days alone, so that
nothing of the future, not even of other households, is known; not the default, as it leaves the first with nothing.
`--new` leaves out all that the household ever purchased, for both: whether the model finds what is new to them.
"Own habits" is the model without what it knows of products bought together.
"""

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sources.complete_journey import data_directory
from sources.recommendations import PAUSE_DAYS, BasketModel, Integers, Purchases, fit, recommend

TOP = 10
DAY_MICROSECONDS = 24 * 60 * 60 * 1_000_000
EVER_DAYS = 100_000

Lists = list[set[int]]
"""Products by household."""

Method = Callable[[BasketModel, Purchases, Integers, int], Lists]


@dataclass(frozen=True, slots=True)
class Split:
    """What came before the held-out baskets, and them: `now` and `truth` by household, in the order of `households`."""

    before: Purchases
    now: Integers
    truth: Lists


def read() -> tuple[Purchases, NDArray[np.bool_]]:
    """All lines, customers and products numbered from 0, and which products have a name."""
    lines = pq.ParquetFile(data_directory() / "transactions.parquet")

    def column(name: str) -> NDArray[Any]:
        return np.asarray(lines.read(columns=[name]).column(name).to_numpy())

    numbers, product = np.unique(column("product_id"), return_inverse=True)
    _, customer = np.unique(column("household_id"), return_inverse=True)
    at = column("transaction_timestamp").astype("datetime64[us]").astype(np.int64)
    catalog = pq.read_table(data_directory() / "products.parquet", columns=["product_id", "product_type"])
    named = [id for id, name in zip(*(catalog.column(i).to_pylist() for i in (0, 1)), strict=True) if name]
    return Purchases(customer, column("basket_id").astype(np.int64), product, at), np.isin(numbers, named)


def hold_out(purchases: Purchases, nth_last: int) -> Split:
    """Holds out each household's nth last basket; it and everything after it is removed from what is learned.

    Households with fewer baskets take no part.
    """
    baskets, first, basket = np.unique(purchases.basket, return_index=True, return_inverse=True)
    # A basket's time is its last line's, and baskets of one time go by their number.
    at = np.zeros(len(baskets), dtype=np.int64)
    np.maximum.at(at, basket, purchases.at)
    owner = purchases.customer[first]
    order = np.lexsort((baskets, at, owner))
    per_owner = np.bincount(owner)
    place = np.empty(len(baskets), dtype=np.int64)
    place[order] = np.concatenate([np.arange(count, 0, -1) for count in per_owner])
    held = np.flatnonzero(place == nth_last)
    row_of = np.full(len(per_owner), -1)
    row_of[owner[held]] = np.arange(len(held))
    truth: Lists = [set() for _ in held]
    hidden = place[basket] == nth_last
    for row, product in zip(row_of[purchases.customer[hidden]], purchases.product[hidden], strict=True):
        truth[row].add(int(product))
    # Whoever has an earlier basket has a held-out one, so nobody's number is missing.
    numbered = Purchases(row_of[purchases.customer], purchases.basket, purchases.product, at[basket])
    return Split(numbered.where(place[basket] > nth_last), at[held], truth)


def popular(model: BasketModel, before: Purchases, now: Integers, pause_days: int) -> Lists:
    """The products in the most baskets, less what each household purchased lately."""
    lately: Lists = [set() for _ in now]
    recent = now[before.customer] - before.at < pause_days * DAY_MICROSECONDS
    for household, product in zip(before.customer[recent].tolist(), before.product[recent].tolist(), strict=True):
        lately[household].add(product)
    ranking = model.by_popularity.tolist()
    lists = ([id for id in ranking[: TOP + len(without)] if id not in without] for without in lately)
    return [set(listed[:TOP]) for listed in lists]


def modelled(model: BasketModel, before: Purchases, now: Integers, pause_days: int) -> Lists:
    """What the model recommends to each household."""
    lists: Lists = [set() for _ in now]
    for row in recommend(model, before, len(now), now, TOP, pause_days):
        lists[row.customer].add(row.product)
    return lists


def habits(model: BasketModel, before: Purchases, now: Integers, pause_days: int) -> Lists:
    """What the model would recommend if it did not know what is bought together: the household's own habits."""
    return modelled(replace(model, together=model.together * 0.0), before, now, pause_days)


def hit_rate(lists: Lists, truth: Lists) -> float:
    """The share of households whose basket holds at least one product of their list."""
    return sum(not listed.isdisjoint(basket) for listed, basket in zip(lists, truth, strict=True)) / len(truth)


def by_month(method: Method, split: Split, named: NDArray[np.bool_], pause_days: int) -> Lists:
    """The lists of a method fitted, for the households held out within 30 days, on what was before those 30 days."""
    lists: Lists = [set() for _ in split.now]
    month = (split.now - split.before.at.min()) // (30 * DAY_MICROSECONDS)
    for number in np.unique(month):
        start = split.before.at.min() + number * 30 * DAY_MICROSECONDS
        known = split.before.where(split.before.at < start)
        households = np.flatnonzero(month == number)
        theirs = np.isin(split.before.customer, households)
        history = split.before.where(theirs)
        history = replace(history, customer=np.searchsorted(households, history.customer))
        model = fit(known.basket, known.product, named)
        for household, listed in zip(
            households, method(model, history, split.now[households], pause_days), strict=True
        ):
            lists[household] = listed
    return lists


def main() -> None:
    """Prints the hit rates, what they cost, and last the ratio."""
    arguments = argparse.ArgumentParser(description="Hit rate at 10 of the recommendations on held-out baskets.")
    arguments.add_argument("--held-out", type=int, default=1, metavar="N", help="hold out the Nth last basket")
    arguments.add_argument("--new", action="store_true", help="leave out everything that the household ever purchased")
    arguments.add_argument("--strict", action="store_true", help="fit on what was before the month of the basket")
    options = arguments.parse_args()
    purchases, named = read()
    split = hold_out(purchases, options.held_out)
    pause_days = EVER_DAYS if options.new else PAUSE_DAYS

    started = time.perf_counter()
    model = fit(split.before.basket, split.before.product, named)
    fitted = time.perf_counter()
    rates = {}
    for name, method in {"popularity": popular, "own habits": habits, "model": modelled}.items():
        began = time.perf_counter()
        if options.strict:
            lists = by_month(method, split, named, pause_days)
        else:
            lists = method(model, split.before, split.now, pause_days)
        seconds = time.perf_counter() - began
        rates[name] = hit_rate(lists, split.truth)
        print(f"hit rate at {TOP}, {name:10}  {rates[name]:.4f}  ({len(split.now):,} households, {seconds:.1f} s)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"fitted in {fitted - started:.1f} s on {len(np.unique(split.before.basket)):,} baskets; peak {peak:.0f} MiB")
    print(f"{rates['model'] / rates['popularity']:.2f} times")


if __name__ == "__main__":
    main()
