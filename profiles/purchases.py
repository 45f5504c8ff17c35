"""Purchases summed up per product and per store, kept by the writes, so that a long history costs no more to read."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from profiles.columns import instant, key, minor, reference


class PurchasedProduct(SQLModel, table=True):
    """How often and when last a customer purchased a product (ruling 17). `category_id` repeats the product's, so that
    the last purchase in a category needs no join."""

    __tablename__ = "purchased_products"
    __table_args__ = (
        Index("ix_purchased_products_latest", "customer_id", "last_purchased_at", "product_id"),
        Index("ix_purchased_products_count", "customer_id", "purchase_count", "last_purchased_at", "product_id"),
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
