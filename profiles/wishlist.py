"""Wish lists: the products that a customer wants to remember, and how those of many customers are read at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlmodel import SQLModel

from profiles.account import Account
from profiles.catalog import Product
from profiles.columns import instant, key
from profiles.money import Money
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.viewer import Viewer


class WishlistItem(SQLModel, table=True):
    """A product on a customer's wish list."""

    __tablename__ = "wishlist_items"
    __table_args__ = (Index("ix_wishlist_items_added_at", "customer_id", "added_at", "product_id"),)
    customer_id: int = key(foreign_key="customers.id")
    product_id: int = key(foreign_key="products.id")
    added_at: datetime = instant()


@record
class WishRow:
    """A product on the list at today's price; 0 where none is known."""

    product_id: int
    price: Money
    added_at: datetime


@record
class WishlistRow:
    """A wish list, the newest first; the total is of what is in the account's currency (ruling 5)."""

    total: Money
    wishes: tuple[WishRow, ...]


@shaped()
def _wishes() -> Build:
    wishes, products = table(WishlistItem), table(Product)

    def build(dialect: DialectName) -> Any:
        return (
            select(
                wishes.c.customer_id,
                wishes.c.product_id,
                products.c.price_minor,
                products.c.price_currency,
                wishes.c.added_at,
            )
            .select_from(wishes.join(products, products.c.id == wishes.c.product_id))
            .where(among_ids(dialect, wishes.c.customer_id))
            .order_by(wishes.c.customer_id, wishes.c.added_at.desc(), wishes.c.product_id.desc())
        )

    return build


def wishlists_of(viewer: Viewer, account: Account, customer_ids: Sequence[int]) -> Read[int, WishlistRow]:
    """Each customer's wish list; a customer without one is absent (ruling 23)."""

    def collect(rows: list[Row]) -> Mapping[int, WishlistRow]:
        wishes: dict[int, list[WishRow]] = {}
        for customer_id, product_id, price_minor, currency, added_at in rows:
            is_known = price_minor is not None and currency is not None
            price = Money(price_minor, currency) if is_known else Money(0, account.currency)
            wishes.setdefault(customer_id, []).append(WishRow(product_id, price, added_at))
        return {
            id: WishlistRow(Money(_sum(own, account.currency), account.currency), tuple(own))
            for id, own in wishes.items()
        }

    return Read(_wishes(), {"ids": customer_ids}, collect, BY_CUSTOMER)


def _sum(wishes: Sequence[WishRow], currency: str) -> int:
    return sum(wish.price.amount_minor for wish in wishes if wish.price.currency == currency)
