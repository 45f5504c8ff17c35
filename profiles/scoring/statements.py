"""The statements of scoring: what is looked at, customer by customer, and how what was known makes way."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import (
    Delete,
    Executable,
    Select,
    Update,
    case,
    delete,
    func,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from profiles.columns import Instant
from profiles.customers import Customer
from profiles.lifecycle import Known, Purchases
from profiles.lifecycle.reading import MODEL_COLUMNS, CustomerLifecycle, LifecycleModel
from profiles.metrics import CustomerMetrics
from profiles.orders import Order
from profiles.receipts import Receipt
from profiles.records import record
from profiles.rfm.reading import BOUNDARY_COLUMNS, CustomerRfm, Purchased, RfmBoundaries
from profiles.storage.reads import DialectName, among_ids, among_texts, table


class Runs(Protocol):
    """What executes a statement inside a transaction, and gives its rows: a bulk load, or the connection of a write."""

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Any: ...


@record
class Scored:
    """What one customer is scored by, and what was known of them; `known` is None for who was never scored."""

    customer_id: int
    purchases: Purchases
    net_minor: int
    known: Known | None

    @property
    def purchased(self) -> Purchased:
        """As RFM looks at it."""
        return Purchased(self.purchases.count, self.purchases.last_at, self.net_minor)


@lru_cache(maxsize=2)
def scored(dialect: DialectName) -> Select[Any]:
    """The rows of `scored_of`; parameter `ids`."""
    metrics, lives = table(CustomerMetrics).c, table(CustomerLifecycle).c
    return (
        select(
            metrics.customer_id,
            metrics.purchase_count,
            metrics.first_purchase_at,
            metrics.last_purchase_at,
            (metrics.purchase_total_minor - metrics.returns_total_minor).label("net_minor"),
            lives.stage,
            lives.stage_since,
            lives.last_purchase_at.label("known_last_purchase_at"),
            lives.at_risk_at,
            lives.lapsed_at,
        )
        .select_from(
            table(CustomerMetrics).outerjoin(table(CustomerLifecycle), lives.customer_id == metrics.customer_id)
        )
        .where(among_ids(dialect, metrics.customer_id))
    )


async def scored_of(run: Runs, dialect: DialectName, customer_ids: Sequence[int]) -> list[Scored]:
    """What these customers are scored by; their rows must be locked."""
    rows = await run.execute(scored(dialect), {"ids": list(customer_ids)})
    return [
        Scored(id, Purchases(count, first_at, last_at), net, None if known[0] is None else Known(*known))
        for id, count, first_at, last_at, net, *known in rows
    ]


@lru_cache(maxsize=2)
def moments(dialect: DialectName) -> Executable:
    """Customer and instant of every purchase; parameters `ids` and `counting`."""
    receipts, orders = table(Receipt).c, table(Order).c
    return union_all(
        select(receipts.customer_id, receipts.issued_at).where(among_ids(dialect, receipts.customer_id)),
        select(orders.customer_id, orders.placed_at).where(
            among_ids(dialect, orders.customer_id),
            orders.receipt_id.is_(None),
            among_texts(dialect, orders.status, "counting"),
        ),
    )


@lru_cache(maxsize=1)
def the_model() -> Select[Any]:
    """The model's row."""
    columns = table(LifecycleModel).c
    return select(*(columns[name] for name in MODEL_COLUMNS))


@lru_cache(maxsize=1)
def the_boundaries() -> Select[Any]:
    """The row of boundaries."""
    columns = table(RfmBoundaries).c
    return select(*(columns[name] for name in BOUNDARY_COLUMNS))


@lru_cache(maxsize=4)
def forget_scores(dialect: DialectName, model: type[CustomerLifecycle] | type[CustomerRfm]) -> Delete:
    """Removes the rows of some customers; parameter `ids`."""
    rows = table(model)
    return delete(rows).where(among_ids(dialect, rows.c.customer_id))


@lru_cache(maxsize=1)
def without_first_purchase() -> Select[Any]:
    """Whose metrics are from before the first purchase was kept: their ids, in ascending order."""
    metrics = table(CustomerMetrics).c
    return (
        select(metrics.customer_id)
        .where(metrics.purchase_count > 0, metrics.first_purchase_at.is_(None))
        .order_by(metrics.customer_id)
    )


@lru_cache(maxsize=2)
def first_purchases(dialect: DialectName) -> Update:
    """Sets the first purchase of those of some customers who have none kept; parameters `ids` and `counting`."""
    metrics = table(CustomerMetrics)
    receipts, orders = table(Receipt).c, table(Order).c
    first_receipt = (
        select(func.min(receipts.issued_at))
        .where(receipts.customer_id == metrics.c.customer_id)
        .correlate(metrics)
        .scalar_subquery()
    )
    first_order = (
        select(func.min(orders.placed_at))
        .where(
            orders.customer_id == metrics.c.customer_id,
            orders.receipt_id.is_(None),
            among_texts(dialect, orders.status, "counting"),
        )
        .correlate(metrics)
        .scalar_subquery()
    )
    first = case((or_(first_receipt.is_(None), first_order < first_receipt), first_order), else_=first_receipt)
    return (
        update(metrics)
        .where(
            among_ids(dialect, metrics.c.customer_id),
            metrics.c.purchase_count > 0,
            metrics.c.first_purchase_at.is_(None),
        )
        .values(first_purchase_at=type_coerce(first, Instant()))
    )


@lru_cache(maxsize=1)
def everybody() -> Select[Any]:
    """Who purchased, or was scored before: their ids, in ascending order; erased customers are left out."""
    customers, metrics, lives = table(Customer), table(CustomerMetrics), table(CustomerLifecycle)
    return (
        select(customers.c.id)
        .select_from(
            customers.join(metrics, metrics.c.customer_id == customers.c.id).outerjoin(
                lives, lives.c.customer_id == customers.c.id
            )
        )
        .where(customers.c.erased_at.is_(None), or_(metrics.c.purchase_count > 0, lives.c.customer_id.is_not(None)))
        .order_by(customers.c.id)
    )


@lru_cache(maxsize=1)
def every_purchaser() -> Select[Any]:
    """What each purchaser is scored by: count, first and last purchase, net amount."""
    customers, metrics = table(Customer), table(CustomerMetrics)
    return (
        select(
            metrics.c.purchase_count,
            metrics.c.first_purchase_at,
            metrics.c.last_purchase_at,
            (metrics.c.purchase_total_minor - metrics.c.returns_total_minor).label("net_minor"),
        )
        .select_from(customers.join(metrics, metrics.c.customer_id == customers.c.id))
        .where(
            customers.c.erased_at.is_(None),
            metrics.c.purchase_count > 0,
            metrics.c.last_purchase_at.is_not(None),
        )
    )


@lru_cache(maxsize=2)
def locked(dialect: DialectName) -> Select[Any]:
    """Locks customers in ascending order and gives their number of events; parameter `ids`."""
    customers = table(Customer)
    return (
        select(customers.c.id, customers.c.activity_seq)
        .where(among_ids(dialect, customers.c.id), customers.c.erased_at.is_(None))
        .order_by(customers.c.id)
        .with_for_update()
    )
