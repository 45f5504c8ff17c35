"""Orders: the tables, and how a page of them is read for many customers at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from profiles.columns import choice, document, instant, key, minor, reference, text
from profiles.customers import Customer
from profiles.kept_counts import counts_of
from profiles.money import Money
from profiles.narrowing import NarrowedPage, Narrowing, Shape, conditions
from profiles.records import Cut, brief, record, whole
from profiles.storage.keeping import BY_CUSTOMER, BY_PAIR
from profiles.storage.pages import Page, Position, paged
from profiles.storage.pairs import Pair, by_pair, by_pairs, pair_parameters
from profiles.storage.reads import Build, DialectName, Read, counted, newest, shaped, table
from profiles.stored_amounts import exact_quantity, stored_money
from profiles.viewer import Viewer


class OrderOrigin(StrEnum):
    """Where the request to buy was placed."""

    WEB = "WEB"
    MOBILE_APP = "MOBILE_APP"


class Order(SQLModel, table=True):
    """A request to buy. `total = product_cost + tax + shipping`, `product_cost = subtotal - discount` (ruling 19);
    `original` as on receipts. `receipt_id` is the customer's receipt that was issued for it, if any;
    `external_id_key` is `profiles.folding.stored_key` of the external id: null where that is plain; `attributes` as on
    receipts."""

    __tablename__ = "orders"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("ix_orders_placed_at", "customer_id", "placed_at", "id"),
        Index("uq_orders_external_id", "customer_id", "external_id", unique=True),
        Index("ix_orders_receipt", "customer_id", "receipt_id"),
    )
    customer_id: int = key()
    id: int = key()
    external_id: str = text()
    external_id_key: str | None = text(nullable=True)
    number: str = text()
    placed_at: datetime = instant()
    origin: OrderOrigin = choice(OrderOrigin)
    status: str = text()
    delivery_status: str = text()
    payment_status: str = text()
    is_returned: bool = Field(default=False)
    is_attributed: bool = Field(default=False)
    product_count: int = Field(default=0)
    currency: str = text()
    product_cost_minor: int = minor()
    subtotal_minor: int = minor()
    discount_minor: int = minor()
    tax_minor: int = minor()
    shipping_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)
    source: str | None = text(nullable=True)
    coupon_code: str | None = text(nullable=True)
    store_id: int | None = reference(nullable=True, foreign_key="stores.id")
    receipt_id: int | None = reference(nullable=True)
    attributes: dict[str, str] | None = document(nullable=True)


class OrderItem(SQLModel, table=True):
    """One line of an order, at the standard price."""

    __tablename__ = "order_items"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "order_id"], ["orders.customer_id", "orders.id"]),)
    customer_id: int = key()
    order_id: int = key()
    line: int = key()
    product_id: int | None = reference(nullable=True, foreign_key="products.id")
    product_external_id: str = text()
    name: str = text()
    quantity_milli: int = minor()
    currency: str = text()
    unit_price_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)


@record
class OrderRow:
    """An order as it is read; `customer_id` says whose."""

    customer_id: int
    id: int
    external_id: str
    number: str
    placed_at: datetime
    origin: OrderOrigin
    status: str
    delivery_status: str
    payment_status: str
    is_returned: bool
    is_attributed: bool
    product_count: int
    currency: str
    product_cost_minor: int
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    total_minor: int
    original: Mapping[str, Any] | None
    source: str | None
    coupon_code: str | None
    store_id: int | None
    receipt_id: int | None
    attributes: Mapping[str, str] | None

    @property
    def position(self) -> Position:
        """Where it stands in the list of orders."""
        return Position(self.placed_at, self.id)

    @property
    def product_cost(self) -> Money:
        """The products without the discount."""
        return stored_money(self.product_cost_minor, self.currency, self.original, "product_cost")

    @property
    def subtotal(self) -> Money:
        """The products at standard prices."""
        return stored_money(self.subtotal_minor, self.currency, self.original, "subtotal")

    @property
    def discount(self) -> Money:
        """What is taken off the subtotal."""
        return stored_money(self.discount_minor, self.currency, self.original, "discount")

    @property
    def tax(self) -> Money:
        """Added to the product cost."""
        return stored_money(self.tax_minor, self.currency, self.original, "tax")

    @property
    def shipping(self) -> Money:
        """Added to the product cost."""
        return stored_money(self.shipping_minor, self.currency, self.original, "shipping")

    @property
    def total(self) -> Money:
        """Product cost, tax and shipping."""
        return stored_money(self.total_minor, self.currency, self.original, "total")


@record
class OrderItemRow:
    """A line of an order as it is read."""

    customer_id: int
    order_id: int
    line: int
    product_id: int | None
    product_external_id: str
    name: str
    quantity_milli: int
    currency: str
    unit_price_minor: int
    total_minor: int
    original: Mapping[str, Any] | None

    @property
    def quantity(self) -> Decimal:
        """Pieces, or a weight."""
        return exact_quantity(self.quantity_milli)

    @property
    def unit_price(self) -> Money:
        """The standard price of one."""
        return stored_money(self.unit_price_minor, self.currency, self.original, "unit_price")

    @property
    def total(self) -> Money:
        """Standard price times quantity."""
        return stored_money(self.total_minor, self.currency, self.original, "total")


WHOLE = whole(OrderRow)
BRIEF = brief(OrderRow, "customer_id", "id", "number", "placed_at", "status", "currency", "total_minor", "original")
WHOLE_ITEM = whole(OrderItemRow)
BRIEF_ITEM = brief(
    OrderItemRow, "customer_id", "order_id", "name", "quantity_milli", "currency", "total_minor", "original"
)


def _wanted(dialect: DialectName, shape: Shape) -> Any:
    return lambda order: conditions(dialect, order, shape, begins="external_id", time="placed_at")


@shaped()
def _page(shape: Shape, positioned: bool, columns: tuple[str, ...]) -> Build:
    return lambda dialect: newest(
        dialect,
        table(Order),
        order=("placed_at", "id"),
        where=_wanted(dialect, shape),
        columns=columns,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _found(shape: Shape) -> Build:
    return lambda dialect: counted(dialect, table(Order), _wanted(dialect, shape))


@shaped()
def _by_id() -> Build:
    return lambda dialect: by_pairs(dialect, table(Order), "id", WHOLE.columns)


@shaped()
def _items(columns: tuple[str, ...]) -> Build:
    return lambda dialect: by_pairs(dialect, table(OrderItem), "order_id", columns, order=("line",))


def latest_orders(
    viewer: Viewer, customer_ids: Sequence[int], asked: NarrowedPage, cut: Cut[OrderRow] = WHOLE
) -> Read[int, Page[OrderRow]]:
    """Each customer's orders, newest first, one page."""
    page = asked.page
    return Read(
        _page(*asked.shape, cut.columns),
        asked.parameters(customer_ids),
        lambda rows: paged(rows, cut.make, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def order_counts(viewer: Viewer, customer_ids: Sequence[int], narrowing: Narrowing) -> Read[int, int]:
    """How many (narrowed) orders each customer has; without any the customer is absent."""
    counting = _found(narrowing.shape) if narrowing.shape else counts_of(Order)
    return Read(counting, {"ids": customer_ids, **narrowing.parameters()}, dict, BY_CUSTOMER)


def orders_by_id(viewer: Viewer, keys: Sequence[Pair]) -> Read[Pair, OrderRow]:
    """Single orders by (customer id, order id)."""
    return Read(
        _by_id(), pair_parameters(keys), lambda rows: {(row[0], row[1]): OrderRow(*row) for row in rows}, BY_PAIR
    )


def items_of_orders(
    viewer: Viewer, keys: Sequence[Pair], cut: Cut[OrderItemRow] = WHOLE_ITEM
) -> Read[Pair, tuple[OrderItemRow, ...]]:
    """The lines of many orders by (customer id, order id), each in the order's order."""
    return Read(_items(cut.columns), pair_parameters(keys), lambda rows: by_pair(rows, cut.make), BY_PAIR)
