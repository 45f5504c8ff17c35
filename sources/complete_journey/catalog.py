"""Catalog: products, their categories and usual prices, from the products file and from what was sold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from profiles.catalog import Category, Product
from profiles.folding import stored_key
from profiles.ids import imported_id
from sources.complete_journey.columns import INTEGER, TEXT, Columns, read_columns
from sources.complete_journey.transactions import Transactions
from sources.rejects import Rejects
from sources.rows import SOURCE, ProductFacts, Rows

TYPES = {
    "product_id": INTEGER,
    "manufacturer_id": INTEGER,
    "department": TEXT,
    "brand": TEXT,
    "product_category": TEXT,
    "product_type": TEXT,
    "package_size": TEXT,
}
OPTIONAL = frozenset(TYPES) - {"product_id"}

_WORD = re.compile(r"[^\W\d_]+('[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class ProductColumns:
    """The products as arrays, in ascending order of their numbers, from which the columns of lines are taken."""

    numbers: Any
    product_ids: Any
    external_ids: Any
    names: Any
    category_ids: Any


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every product by its number in the source: those of the products file, and those that were only ever sold."""

    by_number: Mapping[int, ProductFacts]
    sold: Sequence[ProductFacts]
    category_names: Mapping[int, str]
    package_sizes: Mapping[int, str | None]
    columns: ProductColumns

    def places_of(self, numbers: Any) -> Any:
        """Where these products stand in `columns`; each must be known."""
        return np.searchsorted(self.columns.numbers, numbers)

    def rows(self, currency: str, site: str | None) -> Rows:
        """Categories and products. Products have a page and a picture at `site`, where there is one."""
        rows = Rows()
        # Two thousand names for ninety thousand products.
        keys = {name: stored_key(name) for name in {product.name for product in self.by_number.values()}}
        rows.add(
            Category,
            ("id", "name", "name_key"),
            [(id, name, stored_key(name)) for id, name in sorted(self.category_names.items())],
        )
        rows.add(
            Product,
            (
                "id",
                "external_id",
                "name",
                "name_key",
                "is_named",
                "brand",
                "department",
                "package_size",
                "category_id",
                "price_minor",
                "price_currency",
                "url",
                "image_url",
            ),
            [
                (
                    product.product_id,
                    product.external_id,
                    product.name,
                    keys[product.name],
                    product.is_named,
                    product.brand,
                    product.department,
                    self.package_sizes.get(number),
                    product.category_id,
                    product.price_minor,
                    None if product.price_minor is None else currency,
                    None if site is None else f"{site}/products/{product.external_id}",
                    None if site is None else f"{site}/pictures/{product.external_id}.jpg",
                )
                for number, product in self.by_number.items()
            ],
        )
        return rows


def read_catalog(directory: Path, transactions: Transactions, rejects: Rejects) -> Catalog:
    """The catalog. A product named only by a line is known by its id alone (ruling 27)."""
    columns = read_columns(directory / "products.parquet", TYPES, rejects, OPTIONAL, _repeated)
    prices = usual_prices(transactions)
    products: dict[int, ProductFacts] = {}
    sizes: dict[int, str | None] = {}
    categories: dict[str, int] = {}
    for number, manufacturer, department, kind, category, type_, size in zip(
        *(columns[name].tolist() for name in TYPES), strict=True
    ):
        category_id = None
        if category is not None:
            category_name = readable(category)
            if category_name not in categories:
                categories[category_name] = imported_id(SOURCE, "category", category_name)
            category_id = categories[category_name]
        external_id = str(number)
        products[number] = ProductFacts(
            product_id=imported_id(SOURCE, "product", external_id),
            external_id=external_id,
            name=readable(type_) if type_ else external_id,
            is_named=bool(type_),
            brand=f"Manufacturer {manufacturer} ({kind.lower()} brand)" if kind else None,
            department=readable(department) if department else None,
            category_id=category_id,
            price_minor=prices.get(number),
        )
        sizes[number] = " ".join(size.split()) if size else None
    sold_numbers = np.unique(transactions.product_id).tolist()
    for number in sold_numbers:
        if number not in products:
            external_id = str(number)
            id = imported_id(SOURCE, "product", external_id)
            products[number] = ProductFacts(id, external_id, external_id, False, None, None, None, None)
    sold = sorted((products[number] for number in sold_numbers if products[number].is_named), key=_external_id)
    names = {id: name for name, id in categories.items()}
    return Catalog(products, sold, names, sizes, _columns(products))


def _columns(products: Mapping[int, ProductFacts]) -> ProductColumns:
    numbers = sorted(products)
    ordered = [products[number] for number in numbers]
    return ProductColumns(
        numbers=np.array(numbers, dtype=np.int64),
        product_ids=np.array([product.product_id for product in ordered], dtype=np.int64),
        external_ids=np.array([product.external_id for product in ordered], dtype=object),
        names=np.array([product.name for product in ordered], dtype=object),
        category_ids=np.array([product.category_id for product in ordered], dtype=object),
    )


def usual_prices(transactions: Transactions) -> dict[int, int]:
    """The median price of each product in cents, over lines that cost something (of two in the middle the lower)."""
    paid = np.flatnonzero((transactions.price_minor > 0) & (transactions.quantity > 0))
    numbers, prices = transactions.product_id[paid], transactions.price_minor[paid]
    order = np.lexsort((prices, numbers))
    found, first, count = np.unique(numbers[order], return_index=True, return_counts=True)
    middle = prices[order][first + (count - 1) // 2]
    return dict(zip(found.tolist(), middle.tolist(), strict=True))


@cache  # a few thousand texts stand in ninety thousand rows
def readable(shouted: str) -> str:
    """`BREAD:ITALIAN/FRENCH` as a person writes it: `Bread: Italian/French`."""
    spaced = re.sub(r"\s*:\s*", ": ", " ".join(shouted.split()))
    return _WORD.sub(lambda word: word[0].capitalize(), spaced).strip()


def _repeated(columns: Columns) -> dict[str, Any]:
    numbers = columns["product_id"]
    _, first = np.unique(numbers, return_index=True)
    mask = np.ones(len(numbers), dtype=bool)
    mask[first] = False
    return {"product_id was already in an earlier row": mask}


def _external_id(product: ProductFacts) -> tuple[int, str]:
    return len(product.external_id), product.external_id
