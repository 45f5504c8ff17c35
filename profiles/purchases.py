"""Purchases summed up per product and per store, kept by the writes, so that a long history costs no more to read."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Index, bindparam, exists, literal_column
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from profiles.catalog import Product
from profiles.columns import instant, key, minor, reference
from profiles.customers import Customer
from profiles.folding import folded
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.pages import Page, Position, SearchedPage, paged
from profiles.storage.reads import Build, Read, Row, counted, newest, shaped, table
from profiles.stored_amounts import exact_quantity
from profiles.text import LIKE_ESCAPE, search_parameter
from profiles.viewer import Viewer

LEAST_PURCHASES_OF_A_FAVORITE = 2


class PurchasedProduct(SQLModel, table=True):
    """How often and when last a customer purchased a product (ruling 17). `category_id` repeats the product's, so that
    the last purchase in a category needs no join."""

    __tablename__ = "purchased_products"
    __table_args__ = (
        Index("ix_purchased_products_latest", "customer_id", "last_purchased_at", "product_id"),
        # Favorites alone: three of four products were purchased once.
        Index(
            "ix_purchased_products_count",
            "customer_id",
            "purchase_count",
            "last_purchased_at",
            "product_id",
            sqlite_where=sql(f"purchase_count >= {LEAST_PURCHASES_OF_A_FAVORITE}"),
            postgresql_where=sql(f"purchase_count >= {LEAST_PURCHASES_OF_A_FAVORITE}"),
        ),
        Index("ix_purchased_products_product", "product_id", "customer_id"),
        Index("ix_purchased_products_category", "customer_id", "category_id", "last_purchased_at"),
    )
    customer_id: int = key(foreign_key="customers.id")
    product_id: int = key(foreign_key="products.id")
    category_id: int | None = reference(nullable=True, foreign_key="categories.id")
    quantity_milli: int = minor()
    purchase_count: int = Field(default=0)
    receipt_count: int = Field(default=0)
    order_count: int = Field(default=0)
    last_purchased_at: datetime = instant()


class PurchasedStore(SQLModel, table=True):
    """How many receipts a customer has at a store."""

    __tablename__ = "purchased_stores"
    __table_args__ = (Index("ix_purchased_stores_store", "store_id", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    store_id: int = key(foreign_key="stores.id")
    receipt_count: int = Field(default=0)
    last_receipt_at: datetime = instant()


@record
class PurchasedProductRow:
    """What a customer purchased of one product."""

    customer_id: int
    product_id: int
    quantity_milli: int
    purchase_count: int
    receipt_count: int
    order_count: int
    last_purchased_at: datetime

    @property
    def position(self) -> Position:
        """Where it stands in the list of purchased products."""
        return Position(self.last_purchased_at, self.product_id)

    @property
    def quantity(self) -> Decimal:
        """Over all purchases."""
        return exact_quantity(self.quantity_milli)


@record
class PurchasedStoreRow:
    """How many receipts a customer has at one store."""

    customer_id: int
    store_id: int
    receipt_count: int
    last_receipt_at: datetime


PRODUCT_COLUMNS = tuple(PurchasedProductRow.__dataclass_fields__)
STORE_COLUMNS = tuple(PurchasedStoreRow.__dataclass_fields__)


def _wanted(searched: bool) -> Any:
    product = table(Product).alias("named")

    def where(purchased: Any) -> list[Any]:
        if not searched:
            return []
        name = folded(product.c.name, product.c.name_key)
        return [
            exists().where(product.c.id == purchased.product_id, name.like(bindparam("search"), escape=LIKE_ESCAPE))
        ]

    return where


@shaped()
def _page(searched: bool, positioned: bool) -> Build:
    return lambda dialect: newest(
        dialect,
        table(PurchasedProduct),
        order=("last_purchased_at", "product_id"),
        where=_wanted(searched),
        columns=PRODUCT_COLUMNS,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _count(searched: bool) -> Build:
    return lambda dialect: counted(dialect, table(PurchasedProduct), _wanted(searched))


@shaped()
def _favorite_products() -> Build:
    # Written out: behind a parameter neither planner would know that the index of favorites holds all that are wanted.
    least: ColumnElement[int] = literal_column(str(LEAST_PURCHASES_OF_A_FAVORITE))
    return lambda dialect: newest(
        dialect,
        table(PurchasedProduct),
        order=("purchase_count", "last_purchased_at", "product_id"),
        where=lambda purchased: [purchased.purchase_count >= least],
        columns=PRODUCT_COLUMNS,
        customers=table(Customer),
    )


@shaped()
def _favorite_stores() -> Build:
    return lambda dialect: newest(
        dialect,
        table(PurchasedStore),
        order=("receipt_count", "last_receipt_at", "store_id"),
        columns=STORE_COLUMNS,
        customers=table(Customer),
    )


def purchased_products(
    viewer: Viewer, customer_ids: Sequence[int], asked: SearchedPage
) -> Read[int, Page[PurchasedProductRow]]:
    """The products each customer purchased, the latest purchase first, one page."""
    page = asked.page
    return Read(
        _page(asked.search is not None, page.after is not None),
        page.parameters(customer_ids) | search_parameter(asked.search),
        lambda rows: paged(rows, PurchasedProductRow, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def purchased_product_counts(viewer: Viewer, customer_ids: Sequence[int], search: str | None) -> Read[int, int]:
    """How many products each customer purchased (whose name contains `search`); without any the customer is absent."""
    return Read(_count(search is not None), {"ids": customer_ids} | search_parameter(search), dict, BY_CUSTOMER)


def favorite_products(
    viewer: Viewer, customer_ids: Sequence[int], first: int
) -> Read[int, tuple[PurchasedProductRow, ...]]:
    """The products each customer purchased at least twice: by number of purchases, then the latest (ruling 31)."""

    def collect(rows: list[Row]) -> dict[int, tuple[PurchasedProductRow, ...]]:
        return {id: page.rows for id, page in paged(rows, PurchasedProductRow, first, False).items()}

    return Read(_favorite_products(), {"ids": customer_ids, "limit": first}, collect, BY_CUSTOMER)


def favorite_stores(
    viewer: Viewer, customer_ids: Sequence[int], first: int
) -> Read[int, tuple[PurchasedStoreRow, ...]]:
    """The stores each customer purchased at: by number of receipts, then the latest (ruling 31)."""

    def collect(rows: list[Row]) -> dict[int, tuple[PurchasedStoreRow, ...]]:
        return {id: page.rows for id, page in paged(rows, PurchasedStoreRow, first, False).items()}

    return Read(_favorite_stores(), {"ids": customer_ids, "limit": first}, collect, BY_CUSTOMER)
