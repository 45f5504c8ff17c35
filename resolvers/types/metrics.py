"""Metrics, as the schema shows them; sums are loaded once, each average and day count is derived when asked for."""

from datetime import datetime
from typing import Any

import strawberry

from profiles.metrics import Metrics
from profiles.money import Money as StoredMoney
from resolvers.context import Info
from resolvers.types.amount import amount
from resolvers.types.money import Money, shape_money
from resolvers.types.order_value_basis import OrderValueBasis


@strawberry.type(description="The last order's value, and what it includes.")
class LastOrderValue:
    value: strawberry.Private[StoredMoney]
    amount: Money = amount(lambda self: self.value, Money, description="The value.")
    basis: OrderValueBasis = strawberry.field(description="What it includes, by the account's setting.")


@strawberry.type(description="Money spent in orders over the whole known history; cancelled orders never count.")
class TotalSpent:
    net: Money = strawberry.field(description="`ordersTotal` less `returnsTotal`.")
    orders_total: Money = strawberry.field(description="Totals of all counting orders, returned ones included.")
    returns_total: Money = strawberry.field(description="Totals of the returned orders.")
    order_count: int = strawberry.field(description="How many orders.")
    return_count: int = strawberry.field(description="How many of them were returned.")


def _stored(name: str, type: Any, description: str) -> Any:
    def resolve(self: "CustomerMetrics") -> Any:
        return getattr(self.metrics.row, name)

    resolve.__annotations__["return"] = type
    return strawberry.field(resolver=resolve, description=description)


def _days(name: str, description: str) -> Any:
    def resolve(self: "CustomerMetrics") -> int | None:
        return self.metrics.days_since(getattr(self.metrics.row, name))

    return strawberry.field(resolver=resolve, description=description)


def _sum(name: str, description: str) -> Any:
    def resolve(self: "CustomerMetrics") -> Money:
        return shape_money(self.metrics.money(getattr(self.metrics.row, name)))

    return strawberry.field(resolver=resolve, description=description)


def _derived_money(name: str, description: str) -> Any:
    return amount(lambda self: getattr(self.metrics, name), Money | None, description=description)


def _derived(name: str, type: Any, description: str) -> Any:
    def resolve(self: "CustomerMetrics") -> Any:
        return getattr(self.metrics, name)

    resolve.__annotations__["return"] = type
    return strawberry.field(resolver=resolve, description=description)


@strawberry.type(
    description="Statistics of a customer. A count of nothing is 0; an average or a date of nothing is null. Days are "
    "calendar days in the account's time zone; amounts are in the account's currency."
)
class CustomerMetrics:
    metrics: strawberry.Private[Metrics]

    receipt_count: int = _stored("receipt_count", int, "How many receipts.")
    first_receipt_at: datetime | None = _stored("first_receipt_at", datetime | None, "The first receipt's instant.")
    last_receipt_at: datetime | None = _stored("last_receipt_at", datetime | None, "The last receipt's instant.")
    days_since_first_receipt: int | None = _days("first_receipt_at", "Whole days since the first receipt.")
    days_since_last_receipt: int | None = _days("last_receipt_at", "Whole days since the last receipt.")
    last_receipt_amount: Money | None = _derived_money("last_receipt_amount", "The last receipt's total.")
    receipt_total: Money = _sum("receipt_total_minor", "The sum of all receipts' totals.")
    average_receipt: Money | None = _derived_money("average_receipt", "The mean of the receipts' totals.")
    average_items_per_receipt: float | None = _derived(
        "average_items_per_receipt", float | None, "Pieces per receipt; weights and fuel count as one piece."
    )
    average_item_price_per_receipt: Money | None = _derived_money(
        "average_item_price_per_receipt", "The sum of all receipt lines over all their pieces."
    )
    order_count: int = _stored("order_count", int, "How many orders count.")
    attributed_order_count: int = _stored("attributed_order_count", int, "How many of them marketing has won.")
    first_order_at: datetime | None = _stored("first_order_at", datetime | None, "The first order's instant.")
    second_order_at: datetime | None = _stored("second_order_at", datetime | None, "The second order's instant.")
    last_order_at: datetime | None = _stored("last_order_at", datetime | None, "The last order's instant.")
    days_since_first_order: int | None = _days("first_order_at", "Whole days since the first order.")
    days_since_last_order: int | None = _days("last_order_at", "Whole days since the last order.")
    order_total: Money = _sum("order_total_minor", "The sum of all counting orders' totals.")
    average_order: Money | None = _derived_money("average_order", "The mean of the orders' totals.")
    average_items_per_order: float | None = _derived(
        "average_items_per_order", float | None, "Pieces per order; weights and fuel count as one piece."
    )
    average_order_item_price: Money | None = _derived_money(
        "average_order_item_price", "The sum of all order lines over all their pieces."
    )
    last_activity_at: datetime | None = _stored(
        "last_activity_at", datetime | None, "The newest action on a site or with an email; being sent one is none."
    )
    visit_count: int = _stored("visit_count", int, "How many visits to a site or app.")
    first_visit_at: datetime | None = _stored("first_visit_at", datetime | None, "The first visit's instant.")
    last_visit_at: datetime | None = _stored("last_visit_at", datetime | None, "The last visit's instant.")

    @strawberry.field(description="Whole days since registration; null without one.")
    async def days_since_registration(self, info: Info) -> int | None:
        customer = await info.context.loaders.customer_by_id.ask(self.metrics.row.customer_id, None)
        return self.metrics.days_since(customer.registered_at) if customer else None

    @strawberry.field(description="The last order's value; null without an order.")
    def last_order_value(self) -> LastOrderValue | None:
        value = self.metrics.last_order_value
        basis = self.metrics.account.settings.last_order_value_basis
        return None if value is None else LastOrderValue(value=value, basis=basis)

    @strawberry.field(description="Money spent in orders, returns told apart.")
    def total_spent(self) -> TotalSpent:
        metrics, row = self.metrics, self.metrics.row
        return TotalSpent(
            net=shape_money(metrics.net_spent),
            orders_total=shape_money(metrics.money(row.order_total_minor)),
            returns_total=shape_money(metrics.money(row.returns_total_minor)),
            order_count=row.order_count,
            return_count=row.return_count,
        )
