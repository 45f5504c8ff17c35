"""Metrics: one row of sums per customer, kept by the writes, so that reading it costs the same for any history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlmodel import Field, SQLModel

from profiles.account import Account
from profiles.amounts import OrderValueBasis, average_item_price, items_per, net_spent
from profiles.calendar import days_between
from profiles.columns import document, instant, key, minor
from profiles.customers import CustomerKind
from profiles.money import Money, average
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, among_ids, shaped, table
from profiles.stored_amounts import stored_money
from profiles.viewer import Viewer


class CustomerMetrics(SQLModel, table=True):
    """Sums and dates over a customer's receipts, orders and visits, in the account's currency (ruling 5).

    `last_..._original` is that row's own document of source amounts, where it was converted.
    """

    __tablename__ = "customer_metrics"
    __table_args__ = (
        Index("ix_customer_metrics_last_receipt_at", "last_receipt_at", "customer_id"),
        Index("ix_customer_metrics_receipt_total", "receipt_total_minor", "customer_id"),
        Index("ix_customer_metrics_receipt_count", "receipt_count", "customer_id"),
        Index("ix_customer_metrics_order_total", "order_total_minor", "customer_id"),
        Index("ix_customer_metrics_last_activity_at", "last_activity_at", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    receipt_count: int = Field(default=0)
    first_receipt_at: datetime | None = instant(nullable=True)
    last_receipt_at: datetime | None = instant(nullable=True)
    last_receipt_minor: int | None = minor(nullable=True)
    last_receipt_currency: str | None = Field(default=None)
    last_receipt_original: dict[str, Any] | None = document(nullable=True)
    receipt_total_minor: int = minor(default=0)
    receipt_total_count: int = Field(default=0, description="receipts that are in receipt_total_minor")
    receipt_pieces: int = minor(default=0)
    receipt_lines_minor: int = minor(default=0)
    receipt_lines_pieces: int = minor(default=0)
    order_count: int = Field(default=0)
    attributed_order_count: int = Field(default=0)
    first_order_at: datetime | None = instant(nullable=True)
    second_order_at: datetime | None = instant(nullable=True)
    last_order_at: datetime | None = instant(nullable=True)
    order_total_minor: int = minor(default=0)
    order_total_count: int = Field(default=0, description="orders that are in order_total_minor")
    order_pieces: int = minor(default=0)
    order_lines_minor: int = minor(default=0)
    order_lines_pieces: int = minor(default=0)
    last_order_total_minor: int | None = minor(nullable=True)
    last_order_products_minor: int | None = minor(nullable=True)
    last_order_currency: str | None = Field(default=None)
    last_order_original: dict[str, Any] | None = document(nullable=True)
    returns_total_minor: int = minor(default=0)
    return_count: int = Field(default=0)
    purchase_count: int = Field(default=0, description="receipts, and counting orders without one (ruling 17)")
    purchase_total_minor: int = minor(default=0)
    first_purchase_at: datetime | None = instant(nullable=True)
    last_purchase_at: datetime | None = instant(nullable=True)
    last_activity_at: datetime | None = instant(nullable=True)
    visit_count: int = Field(default=0)
    first_visit_at: datetime | None = instant(nullable=True)
    last_visit_at: datetime | None = instant(nullable=True)


@record
class MetricsRow:
    """The sums as they are stored; a customer without any is all zeros and nulls (ruling 3)."""

    customer_id: int
    receipt_count: int = 0
    first_receipt_at: datetime | None = None
    last_receipt_at: datetime | None = None
    last_receipt_minor: int | None = None
    last_receipt_currency: str | None = None
    last_receipt_original: Mapping[str, Any] | None = None
    receipt_total_minor: int = 0
    receipt_total_count: int = 0
    receipt_pieces: int = 0
    receipt_lines_minor: int = 0
    receipt_lines_pieces: int = 0
    order_count: int = 0
    attributed_order_count: int = 0
    first_order_at: datetime | None = None
    second_order_at: datetime | None = None
    last_order_at: datetime | None = None
    order_total_minor: int = 0
    order_total_count: int = 0
    order_pieces: int = 0
    order_lines_minor: int = 0
    order_lines_pieces: int = 0
    last_order_total_minor: int | None = None
    last_order_products_minor: int | None = None
    last_order_currency: str | None = None
    last_order_original: Mapping[str, Any] | None = None
    returns_total_minor: int = 0
    return_count: int = 0
    purchase_count: int = 0
    last_purchase_at: datetime | None = None
    last_activity_at: datetime | None = None
    visit_count: int = 0
    first_visit_at: datetime | None = None
    last_visit_at: datetime | None = None

    @property
    def kind(self) -> CustomerKind:
        """A contact has never purchased, a customer has (ruling 17)."""
        return CustomerKind.CUSTOMER if self.purchase_count else CustomerKind.CONTACT


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the sums mean now, in this account: averages, days, values."""

    row: MetricsRow
    account: Account
    now: datetime

    def money(self, minor: int) -> Money:
        """A sum, which is always in the account's currency."""
        return Money(minor, self.account.currency)

    def optional_money(self, minor: int | None) -> Money | None:
        """An average of nothing is null."""
        return None if minor is None else self.money(minor)

    def days_since(self, moment: datetime | None) -> int | None:
        """Calendar days in the account's time zone (ruling 4)."""
        return None if moment is None else days_between(moment, self.now, self.account.zone)

    @property
    def last_receipt_amount(self) -> Money | None:
        """The last receipt's total, in the currency in which it is kept."""
        row = self.row
        if row.last_receipt_minor is None or row.last_receipt_currency is None:
            return None
        return stored_money(row.last_receipt_minor, row.last_receipt_currency, row.last_receipt_original, "total")

    @property
    def average_receipt(self) -> Money | None:
        """Over the receipts that are in the sum."""
        return self.optional_money(average(self.row.receipt_total_minor, self.row.receipt_total_count))

    @property
    def average_items_per_receipt(self) -> float | None:
        """Pieces per receipt (ruling 20)."""
        return items_per(self.row.receipt_pieces, self.row.receipt_count)

    @property
    def average_item_price_per_receipt(self) -> Money | None:
        """The sum of all receipt lines over all their pieces (ruling 20)."""
        return self.optional_money(average_item_price(self.row.receipt_lines_minor, self.row.receipt_lines_pieces))

    @property
    def average_order(self) -> Money | None:
        """Over the orders that are in the sum."""
        return self.optional_money(average(self.row.order_total_minor, self.row.order_total_count))

    @property
    def average_items_per_order(self) -> float | None:
        """Pieces per order (ruling 20)."""
        return items_per(self.row.order_pieces, self.row.order_count)

    @property
    def average_order_item_price(self) -> Money | None:
        """The sum of all order lines over all their pieces (ruling 20)."""
        return self.optional_money(average_item_price(self.row.order_lines_minor, self.row.order_lines_pieces))

    @property
    def net_spent(self) -> Money:
        """Counting orders less the returned ones among them (rulings 6 and 18)."""
        return self.money(net_spent(self.row.order_total_minor, self.row.returns_total_minor))

    @property
    def last_order_value(self) -> Money | None:
        """The last order's value on the account's basis (ruling 7)."""
        row = self.row
        with_charges = self.account.settings.last_order_value_basis == OrderValueBasis.ORDER_TOTAL
        minor, name = (
            (row.last_order_total_minor, "total") if with_charges else (row.last_order_products_minor, "subtotal")
        )
        if minor is None or row.last_order_currency is None:
            return None
        return stored_money(minor, row.last_order_currency, row.last_order_original, name)


COLUMNS = tuple(MetricsRow.__dataclass_fields__)


@shaped()
def _of() -> Build:
    metrics = table(CustomerMetrics)

    def build(dialect: DialectName) -> Any:
        return select(*[metrics.c[name] for name in COLUMNS]).where(among_ids(dialect, metrics.c.customer_id))

    return build


def metrics_of(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, MetricsRow]:
    """Each customer's sums."""
    return Read(_of(), {"ids": customer_ids}, lambda rows: {row[0]: MetricsRow(*row) for row in rows}, BY_CUSTOMER)
