"""In hand: purchased products of new customers, summed up from a load's own rows while the database takes others.

They must equal what the statement in `profiles/summaries/purchases.py` gives: a test sums up an import again with it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Line = tuple[int, int, int | None, int]
"""Customer, receipt or order, product (null: of no product of ours), quantity in thousandths."""

Sums = dict[tuple[int, int], tuple[int, int, datetime]]
"""Customer and product to quantity in thousandths, number of purchases, the latest of them."""

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
    rows: list[tuple[Any, ...]] = []
    for key, (quantity, count, latest) in on_receipts.items():
        customer_id, product_id = key
        ordered, order_count = 0, 0
        if key in in_orders:
            ordered, order_count, last_placed = in_orders[key]
            latest = max(latest, last_placed)
        counts = count + order_count, count, order_count
        rows.append((customer_id, product_id, categories.get(product_id), quantity + ordered, *counts, latest))
    for key in in_orders.keys() - on_receipts.keys():
        customer_id, product_id = key
        quantity, count, latest = in_orders[key]
        rows.append((customer_id, product_id, categories.get(product_id), quantity, count, 0, count, latest))
    return rows


def summed_up(lines: Iterable[Line], times: Mapping[int, datetime]) -> Sums:
    """What the lines add up to. Those of one purchase stand together; `times` are the purchases that count, with their
    moments."""
    sums: dict[tuple[int, int], list[Any]] = {}
    for customer_id, purchase_id, product_id, quantity in lines:
        at = times.get(purchase_id)
        if at is None or product_id is None:
            continue
        known = sums.get((customer_id, product_id))
        if known is None:
            sums[customer_id, product_id] = [quantity, 1, at, purchase_id]
            continue
        known[0] += quantity
        if known[3] != purchase_id:  # a product twice in one purchase was purchased once
            known[1] += 1
            known[3] = purchase_id
            if at > known[2]:
                known[2] = at
    return {key: (quantity, count, latest) for key, (quantity, count, latest, _) in sums.items()}
