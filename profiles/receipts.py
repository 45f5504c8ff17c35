"""Receipts: the tables, and how a page of them is read for many customers at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import SQLModel

from profiles.columns import document, instant, key, minor, reference, text
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


class Receipt(SQLModel, table=True):
    """A completed purchase. Amounts are in `currency`; `original` holds the source's amounts where it was converted:
    `{"currency": "CAD", "rate": "0.74", "rate_date": "2026-01-31", "product_total": 1234, ...}` (minor units).
    `number_key` is `profiles.folding.stored_key` of the number: null where the number is plain. `attributes` are the
    account's own: canonical text by key."""

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("ix_receipts_issued_at", "customer_id", "issued_at", "id"),
        Index("uq_receipts_external_id", "customer_id", "external_id", unique=True),
    )
    customer_id: int = key()
    id: int = key()
    external_id: str = text()
    number: str = text()
    number_key: str | None = text(nullable=True)
    issued_at: datetime = instant()
    status: str = text()
    payment_status: str = text()
    currency: str = text()
    product_total_minor: int = minor()
    delivery_cost_minor: int | None = minor(nullable=True)
    discount_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)
    store_id: int | None = reference(nullable=True, foreign_key="stores.id")
    attributes: dict[str, str] | None = document(nullable=True)


class ReceiptItem(SQLModel, table=True):
    """One line of a receipt; `quantity_milli` counts thousandths, so that weights stay exact."""

    __tablename__ = "receipt_items"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "receipt_id"], ["receipts.customer_id", "receipts.id"]),)
    customer_id: int = key()
    receipt_id: int = key()
    line: int = key()
    product_id: int | None = reference(nullable=True, foreign_key="products.id")
    product_external_id: str = text()
    name: str = text()
    quantity_milli: int = minor()
    currency: str = text()
    price_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)


@record
class ReceiptRow:
    """A receipt as it is read; `customer_id` says whose."""

    customer_id: int
    id: int
    external_id: str
    number: str
    issued_at: datetime
    status: str
    payment_status: str
    currency: str
    product_total_minor: int
    delivery_cost_minor: int | None
    discount_minor: int
    total_minor: int
    original: Mapping[str, Any] | None
    store_id: int | None
    attributes: Mapping[str, str] | None

    @property
    def position(self) -> Position:
        """Where it stands in the list of receipts."""
        return Position(self.issued_at, self.id)

    @property
    def product_total(self) -> Money:
        """The sum of the lines' totals."""
        return stored_money(self.product_total_minor, self.currency, self.original, "product_total")

    @property
    def delivery_cost(self) -> Money | None:
        """None where the source did not say."""
        if self.delivery_cost_minor is None:
            return None
        return stored_money(self.delivery_cost_minor, self.currency, self.original, "delivery_cost")

    @property
    def discount(self) -> Money:
        """What had been taken off before; information only (ruling 19)."""
        return stored_money(self.discount_minor, self.currency, self.original, "discount")

    @property
    def total(self) -> Money:
        """Products and delivery."""
        return stored_money(self.total_minor, self.currency, self.original, "total")


@record
class ReceiptItemRow:
    """A line of a receipt as it is read."""

    customer_id: int
    receipt_id: int
    line: int
    product_id: int | None
    product_external_id: str
    name: str
    quantity_milli: int
    currency: str
    price_minor: int
    total_minor: int
    original: Mapping[str, Any] | None

    @property
    def quantity(self) -> Decimal:
        """Pieces, or a weight."""
        return exact_quantity(self.quantity_milli)

    @property
    def price(self) -> Money:
        """The price of one."""
        return stored_money(self.price_minor, self.currency, self.original, "price")

    @property
    def total(self) -> Money:
        """What the line cost."""
        return stored_money(self.total_minor, self.currency, self.original, "total")


WHOLE = whole(ReceiptRow)
BRIEF = brief(ReceiptRow, "customer_id", "id", "number", "issued_at", "status", "currency", "total_minor", "original")
WHOLE_ITEM = whole(ReceiptItemRow)
BRIEF_ITEM = brief(
    ReceiptItemRow, "customer_id", "receipt_id", "name", "quantity_milli", "currency", "total_minor", "original"
)


def _wanted(dialect: DialectName, shape: Shape) -> Any:
    return lambda receipt: conditions(dialect, receipt, shape, begins="number", time="issued_at")


@shaped()
def _page(shape: Shape, positioned: bool, columns: tuple[str, ...]) -> Build:
    return lambda dialect: newest(
        dialect,
        table(Receipt),
        order=("issued_at", "id"),
        where=_wanted(dialect, shape),
        columns=columns,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _found(shape: Shape) -> Build:
    return lambda dialect: counted(dialect, table(Receipt), _wanted(dialect, shape))


@shaped()
def _by_id() -> Build:
    return lambda dialect: by_pairs(dialect, table(Receipt), "id", WHOLE.columns)


@shaped()
def _items(columns: tuple[str, ...]) -> Build:
    return lambda dialect: by_pairs(dialect, table(ReceiptItem), "receipt_id", columns, order=("line",))


def latest_receipts(
    viewer: Viewer, customer_ids: Sequence[int], asked: NarrowedPage, cut: Cut[ReceiptRow] = WHOLE
) -> Read[int, Page[ReceiptRow]]:
    """Each customer's receipts, newest first, one page."""
    page = asked.page
    return Read(
        _page(*asked.shape, cut.columns),
        asked.parameters(customer_ids),
        lambda rows: paged(rows, cut.make, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def receipt_counts(viewer: Viewer, customer_ids: Sequence[int], narrowing: Narrowing) -> Read[int, int]:
    """How many (narrowed) receipts each customer has; without any the customer is absent."""
    counting = _found(narrowing.shape) if narrowing.shape else counts_of(Receipt)
    return Read(counting, {"ids": customer_ids, **narrowing.parameters()}, dict, BY_CUSTOMER)


def receipts_by_id(viewer: Viewer, keys: Sequence[Pair]) -> Read[Pair, ReceiptRow]:
    """Single receipts by (customer id, receipt id)."""
    return Read(
        _by_id(), pair_parameters(keys), lambda rows: {(row[0], row[1]): ReceiptRow(*row) for row in rows}, BY_PAIR
    )


def items_of_receipts(
    viewer: Viewer, keys: Sequence[Pair], cut: Cut[ReceiptItemRow] = WHOLE_ITEM
) -> Read[Pair, tuple[ReceiptItemRow, ...]]:
    """The lines of many receipts by (customer id, receipt id), each in the receipt's order."""
    return Read(_items(cut.columns), pair_parameters(keys), lambda rows: by_pair(rows, cut.make), BY_PAIR)
