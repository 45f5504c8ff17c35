"""In hand: purchased products of new customers, summed up from a load's own rows while the database takes others.

They must equal what the statement in `profiles/summaries/purchases.py` gives: a test sums up an import again with it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Line = tuple[int, int, int | None, int]
"""Customer, receipt or order, product (null: of no product of ours), quantity in thousandths."""

Times = Mapping[int, tuple[datetime, int]]
"""Of each purchase that counts the moment, and what a line of it weighs for affinities: 0 outside their window."""

Sums = dict[tuple[int, int], list[Any]]
"""Customer and product to quantity in thousandths, number of purchases, the latest's moment, the last's id, and what
all lines weigh."""

COLUMNS = (
    "customer_id",
    "product_id",
    "category_id",
    "quantity_milli",
    "purchase_count",
    "receipt_count",
    "order_count",
    "last_purchased_at",
)


def purchased_products(on_receipts: Sums, in_orders: Sums, categories: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS`; `in_orders` is of counting orders without a receipt alone (ruling 17).

    `categories` says in which category a product is; one that is in none is not among them.
    """
    category = categories.get
    rows: list[tuple[Any, ...]] = [
        (customer_id, product_id, category(product_id), quantity, count, count, 0, latest)
        for (customer_id, product_id), (quantity, count, latest, _, _) in on_receipts.items()
        if (customer_id, product_id) not in in_orders
    ]
    for (customer_id, product_id), (quantity, order_count, latest, _, _) in in_orders.items():
        count = 0
        if (customer_id, product_id) in on_receipts:
            more, count, last_issued, _, _ = on_receipts[customer_id, product_id]
            quantity, latest = quantity + more, max(latest, last_issued)
        counts = count + order_count, count, order_count
        rows.append((customer_id, product_id, category(product_id), quantity, *counts, latest))
    return rows


def summed_up(lines: Iterable[Line], times: Times) -> Sums:
    """What the lines add up to. Those of one purchase stand together."""
    sums: Sums = {}
    for customer_id, purchase_id, product_id, quantity in lines:
        time = times.get(purchase_id)
        if time is None or product_id is None:
            continue
        at, weight = time
        key = customer_id, product_id
        known = sums.get(key)
        if known is None:
            sums[key] = [quantity, 1, at, purchase_id, weight]
            continue
        known[0] += quantity
        known[4] += weight
        if known[3] != purchase_id:  # a product twice in one purchase was purchased once
            known[1] += 1
            known[3] = purchase_id
            if at > known[2]:
                known[2] = at
    return sums
