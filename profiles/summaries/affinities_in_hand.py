"""Affinities in hand: the sums of new customers, made from a load's own rows while the database takes others.

They must equal what is read from the purchases and views themselves: a test sums up an import a second time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from profiles.account import Account
from profiles.affinities.rules import CATEGORY, OF_PRODUCTS, PURCHASE, STORE, VIEW, Sums, begins, weight
from profiles.affinities.tables import stored
from profiles.catalog import Category, Product, Store
from profiles.storage.bulk import Bulk
from profiles.storage.reads import table
from profiles.summaries.in_hand import Sums as ProductSums

View = tuple[int, datetime, int | None, int | None]
"""Customer, when, product, category."""


Amounts = defaultdict[str | None, int]
"""By value; what has none is told apart at the end, which is quicker than to look each time."""


@dataclass(frozen=True, slots=True)
class Names:
    """What is summed up by: of each product its values of the account's attributes, and the names of the others.

    `category_ids` is the category of each product that is in one.
    """

    of_products: tuple[str, ...]
    products: Mapping[int, tuple[str | None, ...]]
    category_ids: Mapping[int, int]
    categories: Mapping[int, str]
    stores: Mapping[int, str]


NO_NAMES = Names((), {}, {}, {}, {})


async def names_of(bulk: Bulk, account: Account) -> Names:
    """The names as the database has them."""
    product, category, store = table(Product), table(Category), table(Store)
    of_products = tuple(name for name in account.affinity_attributes if name in OF_PRODUCTS)
    columns = [product.c[name] for name in of_products if name != CATEGORY]
    categories: dict[int | None, str] = dict(await bulk.execute(select(category.c.id, category.c.name)))
    rows = await bulk.execute(select(product.c.id, product.c.category_id, *columns))
    place = of_products.index(CATEGORY) if CATEGORY in of_products else None
    if place is None:
        products = {row[0]: row[2:] for row in rows}
    else:
        products = {row[0]: (*row[2 : 2 + place], categories.get(row[1]), *row[2 + place :]) for row in rows}
    return Names(
        of_products,
        products,
        {row[0]: row[1] for row in rows if row[1] is not None},
        {id: name for id, name in categories.items() if id is not None},
        dict(await bulk.execute(select(store.c.id, store.c.name))),
    )


class AffinitiesInHand:
    """The sums of some customers, while their purchases and views are added."""

    def __init__(self, account: Account, names: Names, now: datetime) -> None:
        self._attributes = account.affinity_attributes
        self._names = names
        self._window = begins(now)
        self._sums: dict[int, dict[str, Amounts]] = {}

    def line(self, at: datetime) -> int:
        """What a line of a purchase weighs, and the purchase as a whole for its store."""
        return weight(PURCHASE, at) if at > self._window else 0

    def add_stores(self, purchases: Iterable[tuple[int, int | None, int]]) -> None:
        """Of purchases that count: customer, store, and what they weigh."""
        if STORE in self._attributes:
            for customer_id, store_id, amount in purchases:
                if store_id is not None and amount:
                    self._of(customer_id)[STORE][self._names.stores[store_id]] += amount

    def add_products(self, lines: ProductSums) -> None:
        """What the lines of purchases that count weigh, product by product."""
        # Customer by customer, as lines stand, and attribute by attribute: what is at hand is quicker to add to.
        for customer_id, own in groupby(lines.items(), key=_customer):
            weighed = [(product_id, sums[4]) for (_, product_id), sums in own]
            values = [self._names.products[product_id] for product_id, _ in weighed]
            sums_of = self._of(customer_id)
            for place, attribute in enumerate(self._names.of_products):
                amounts = sums_of[attribute]
                for product, (_, amount) in zip(values, weighed, strict=True):
                    amounts[product[place]] += amount

    def add_views(self, views: Iterable[View]) -> None:
        """Views of products and of categories; the category is the one that was seen."""
        others = [(place, name) for place, name in enumerate(self._names.of_products) if name != CATEGORY]
        of_categories = CATEGORY in self._attributes
        for customer_id, at, product_id, category_id in views:
            if at > self._window:
                amount, own = weight(VIEW, at), self._of(customer_id)
                if category_id is not None and of_categories:
                    own[CATEGORY][self._names.categories[category_id]] += amount
                if product_id is not None:
                    values = self._names.products[product_id]
                    for place, name in others:
                        own[name][values[place]] += amount

    def rows(self, customer_ids: Iterable[int]) -> list[tuple[Any, ...]]:
        """The rows of these customers, with the columns of `profiles.affinities.tables`."""
        return [stored(id, self._window, self._named(id)) for id in customer_ids]

    def _of(self, customer_id: int) -> dict[str, Amounts]:
        sums = self._sums.get(customer_id)
        if sums is None:
            sums = self._sums[customer_id] = {attribute: defaultdict(int) for attribute in self._attributes}
        return sums

    def _named(self, customer_id: int) -> Sums:
        return {
            attribute: {value: amount for value, amount in amounts.items() if value is not None}
            for attribute, amounts in self._of(customer_id).items()
        }


def _customer(line: tuple[tuple[int, int], list[Any]]) -> int:
    return line[0][0]
