"""Purchase histories for the jobs: baskets and what is in them, of some customers at a time (ruling 17)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Delete, Select, delete, select, union_all

from profiles.account import Account
from profiles.catalog import Product
from profiles.customers import Customer
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.recommendations import Recommendation
from profiles.storage.bulk import Bulk
from profiles.storage.reads import DialectName, Row, among_ids, among_texts, table


@lru_cache
def _baskets(dialect: DialectName) -> CompoundSelect[Any]:
    receipt, order = table(Receipt), table(Order)
    return union_all(
        select(receipt.c.customer_id, receipt.c.id, receipt.c.issued_at).where(
            among_ids(dialect, receipt.c.customer_id)
        ),
        select(order.c.customer_id, order.c.id, order.c.placed_at).where(
            among_ids(dialect, order.c.customer_id),
            order.c.receipt_id.is_(None),
            among_texts(dialect, order.c.status, "statuses"),
        ),
    )


@lru_cache
def _lines(dialect: DialectName) -> CompoundSelect[Any]:
    line, order_line, order = table(ReceiptItem), table(OrderItem), table(Order)
    return union_all(
        select(line.c.receipt_id, line.c.product_id).where(
            among_ids(dialect, line.c.customer_id), line.c.product_id.is_not(None)
        ),
        select(order_line.c.order_id, order_line.c.product_id)
        .select_from(
            order_line.join(
                order, (order.c.customer_id == order_line.c.customer_id) & (order.c.id == order_line.c.order_id)
            )
        )
        .where(
            among_ids(dialect, order_line.c.customer_id),
            order_line.c.product_id.is_not(None),
            order.c.receipt_id.is_(None),
            among_texts(dialect, order.c.status, "statuses"),
        ),
    )


async def customer_ids(bulk: Bulk) -> list[int]:
    """Everyone who is not erased, in ascending order."""
    customer = table(Customer)
    rows = await bulk.execute(select(customer.c.id).where(customer.c.erased_at.is_(None)).order_by(customer.c.id))
    return [row[0] for row in rows]


async def named_product_ids(bulk: Bulk) -> list[int]:
    """The products that have a name of their own: only they are recommended."""
    product = table(Product)
    query: Select[Any] = select(product.c.id).where(product.c.is_named)
    return [row[0] for row in await bulk.execute(query)]


async def histories(bulk: Bulk, account: Account, customer_ids: Sequence[int]) -> tuple[list[Row], list[Row]]:
    """The baskets of these customers (customer, basket, instant), and what is in them (basket, product).

    A basket is a receipt, or a counting order that has no receipt.
    """
    parameters = {"ids": list(customer_ids), "statuses": account.counting_order_statuses}
    baskets = await bulk.execute(_baskets(bulk.dialect), parameters)
    return baskets, await bulk.execute(_lines(bulk.dialect), parameters)


async def replace_recommendations(
    bulk: Bulk, customer_ids: Sequence[int], columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Puts new recommendations in the place of all that these customers have, in the transaction of `bulk`."""
    await bulk.execute(_forgotten(bulk.dialect), {"ids": list(customer_ids)})
    await bulk.insert(Recommendation, columns, rows)


@lru_cache
def _forgotten(dialect: DialectName) -> Delete:
    recommendation = table(Recommendation)
    return delete(recommendation).where(among_ids(dialect, recommendation.c.customer_id))
