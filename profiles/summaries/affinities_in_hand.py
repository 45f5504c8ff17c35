"""Affinities in hand: the sums of new customers, made from a load's own rows while the database takes others.

They must equal what is read from the purchases and views themselves: a test sums up an import a second time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from profiles.account import Account
from profiles.affinities.rules import OF_PRODUCTS, PURCHASE, STORE, VIEW, Sums, begins, weight
from profiles.affinities.tables import stored
from profiles.catalog import Category, Product, Store
from profiles.storage.bulk import Bulk
from profiles.storage.reads import table

Purchase = tuple[int, int, datetime, int | None]
"""Customer, receipt or order, when, store."""
Line = tuple[int, int, int | None]
"""Customer, receipt or order, product (null: of no product of ours)."""
View = tuple[int, datetime, int | None, int | None]
"""Customer, when, product, category."""


@dataclass(frozen=True, slots=True)
class Names:
    """What is summed up by: of each product its values of the account's attributes, and the names of the others."""

    of_products: tuple[str, ...]
    products: Mapping[int, tuple[str | None, ...]]
    categories: Mapping[int, str]
    stores: Mapping[int, str]


async def names_of(bulk: Bulk, account: Account) -> Names:
    """The names as the database has them."""
    product, category, store = table(Product), table(Category), table(Store)
    of_products = tuple(name for name in account.affinity_attributes if name in OF_PRODUCTS)
    columns = [category.c.name if name == "category" else product.c[name] for name in of_products]
    joined = product.outerjoin(category, category.c.id == product.c.category_id)
    rows = await bulk.execute(select(product.c.id, *columns).select_from(joined))
    return Names(
        of_products,
        {row[0]: row[1:] for row in rows},
        dict(await bulk.execute(select(category.c.id, category.c.name))),
        dict(await bulk.execute(select(store.c.id, store.c.name))),
    )


class AffinitiesInHand:
    """The sums of some customers, while their purchases and views are added."""

    def __init__(self, account: Account, names: Names, now: datetime) -> None:
        self._attributes = account.affinity_attributes
        self._names = names
        self._window = begins(now)
        self._sums: dict[int, Sums] = defaultdict(lambda: {attribute: {} for attribute in self._attributes})

    def add_purchases(self, purchases: Iterable[Purchase], lines: Iterable[Line]) -> None:
        """Receipts, or counting orders without a receipt, with their lines; lines of others do not count."""
        amounts: dict[int, int] = {}
        for customer_id, id, at, store_id in purchases:
            if at > self._window:
                amount = amounts[id] = weight(PURCHASE, at)
                if store_id is not None and STORE in self._attributes:
                    _add(self._sums[customer_id][STORE], self._names.stores[store_id], amount)
        of_products: dict[tuple[int, int], int] = {}
        for customer_id, purchase_id, product_id in lines:
            amount = amounts.get(purchase_id, 0)
            if amount and product_id is not None:
                key = customer_id, product_id
                of_products[key] = of_products.get(key, 0) + amount
        # A product that was bought often is looked up once.
        for (customer_id, product_id), amount in of_products.items():
            self._add_product(customer_id, product_id, amount)

    def add_views(self, views: Iterable[View]) -> None:
        """Views of products and of categories; the category is the one that was seen."""
        for customer_id, at, product_id, category_id in views:
            if at > self._window:
                amount = weight(VIEW, at)
                if product_id is not None:
                    self._add_product(customer_id, product_id, amount, without="category")
                if category_id is not None and "category" in self._attributes:
                    _add(self._sums[customer_id]["category"], self._names.categories[category_id], amount)

    def rows(self, customer_ids: Iterable[int]) -> list[tuple[Any, ...]]:
        """The rows of these customers, with the columns of `profiles.affinities.tables`."""
        return [stored(id, self._window, self._sums[id]) for id in customer_ids]

    def _add_product(self, customer_id: int, product_id: int, amount: int, without: str = "") -> None:
        sums = self._sums[customer_id]
        for attribute, value in zip(self._names.of_products, self._names.products[product_id], strict=True):
            if value is not None and attribute != without:
                _add(sums[attribute], value, amount)


def _add(amounts: dict[str, int], value: str, amount: int) -> None:
    amounts[value] = amounts.get(value, 0) + amount
