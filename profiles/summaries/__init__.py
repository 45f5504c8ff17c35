"""Summaries: metrics, purchased products and purchased stores, computed anew from receipts, orders, visits and events.

The statements are the one place that says what these tables hold. An import runs them for a chunk of customers, a write
for the one it touched; each replaces the rows of its customers inside the caller's transaction. What is largest, the
purchased products, an import sums up itself (`in_hand`), and must come to what the statement would.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Delete, Executable, delete, true

from profiles.account import Account
from profiles.metrics import CustomerMetrics
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.storage.reads import DialectName, among_ids, among_texts, table
from profiles.summaries.metrics import ACTIVITY, metrics
from profiles.summaries.purchases import purchased_products, purchased_stores
from profiles.summaries.terms import Condition

__all__ = ["Runs", "recompute_summaries"]


class Runs(Protocol):
    """What executes a statement inside a transaction: a bulk load, or the session of a write."""

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Any: ...


async def recompute_summaries(
    run: Runs, dialect: DialectName, account: Account, customer_ids: Sequence[int] | None, products: bool = True
) -> None:
    """Replaces the summaries of these customers, or of all where null. Idempotent; their rows must be locked or new.

    Without `products` the purchased products are left as they are: the caller has just inserted them.
    """
    if customer_ids is not None and not customer_ids:
        return
    parameters: dict[str, Any] = {
        "currency": account.currency,
        "counting": list(account.counting_order_statuses),
        "activity": [category.value for category in ACTIVITY],
    }
    if customer_ids is not None:
        parameters["ids"] = list(customer_ids)
    for statement, names in _statements(dialect, customer_ids is None, products):
        await run.execute(statement, {name: parameters[name] for name in names if name in parameters})


@lru_cache(maxsize=8)
def _statements(dialect: DialectName, of_all: bool, products: bool) -> tuple[tuple[Executable, tuple[str, ...]], ...]:
    """The statements in their order, each with the names of its parameters."""

    def owned(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return true() if of_all else among_ids(dialect, column)

    def counting(orders: Any) -> ColumnElement[bool]:
        return among_texts(dialect, orders.status, "counting")

    def active(events: Any) -> ColumnElement[bool]:
        return among_texts(dialect, events.category, "activity")

    of_products: tuple[tuple[Executable, tuple[str, ...]], ...] = (
        (_cleared(PurchasedProduct, owned), ("ids",)),
        (purchased_products(owned, counting), ("ids", "counting")),
    )
    return (
        *(of_products if products else ()),
        (_cleared(PurchasedStore, owned), ("ids",)),
        (purchased_stores(owned), ("ids",)),
        (_cleared(CustomerMetrics, owned), ("ids",)),
        (metrics(owned, counting, active), ("ids", "counting", "activity", "currency")),
    )


def _cleared(model: Any, owned: Condition) -> Delete:
    target = table(model)
    return delete(target).where(owned(target.c.customer_id))
