"""The reference rows that recorded events name: stores, products, categories, mailings; missing products are made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from profiles.catalog import Category, Product, Store
from profiles.folding import stored_key
from profiles.ids import new_id
from profiles.mailings import Mailing
from profiles.recording.inputs import RecordedEvent
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory

CATEGORY_KEY = "category"
MAILING_KEY = "mailingExternalId"


@dataclass(frozen=True, slots=True)
class ShelfProduct:
    """What is needed of a product."""

    id: int
    name: str
    category_id: int | None
    price_minor: int | None
    price_currency: str | None


@dataclass(frozen=True, slots=True)
class Shelves:
    """What the events of a call name, by the names they use; categories by name."""

    products: Mapping[str, ShelfProduct]
    categories: Mapping[str, int]


def category_seen(event: RecordedEvent) -> str | None:
    """The name of the category of a category's view; None where it says none."""
    name = event.said.get(CATEGORY_KEY, "") if event.category is EventCategory.CATEGORY_VIEW else ""
    return name.strip() or None


async def business_units_of_stores(unit: Unit, events: Iterable[RecordedEvent]) -> Mapping[int, int | None]:
    """The business unit of each store that is known."""
    ids = {event.store_id for event in events if event.store_id is not None}
    if not ids:
        return {}
    found = await unit.session.exec(
        select(col(Store.id), col(Store.business_unit_id)).where(col(Store.id).in_(sorted(ids)))
    )
    return dict(found.all())


async def mailing_ids(unit: Unit, events: Iterable[RecordedEvent]) -> Mapping[str, int]:
    """The mailings that are known, by external id."""
    names = {name for event in events if (name := event.said.get(MAILING_KEY)) is not None}
    if not names:
        return {}
    found = await unit.session.exec(
        select(col(Mailing.external_id), col(Mailing.id)).where(col(Mailing.external_id).in_(sorted(names)))
    )
    return dict(found.all())


async def fill_shelves(unit: Unit, events: Iterable[RecordedEvent]) -> Shelves:
    """Products and categories that the events name; one that is not known yet gets a row (ruling 27)."""
    products: set[str] = set()
    categories: set[str] = set()
    for event in events:
        products |= {item.product_external_id for item in event.items}
        if event.product_external_id is not None:
            products.add(event.product_external_id)
        if (name := category_seen(event)) is not None:
            categories.add(name)
    return Shelves(await _products(unit, products), await _categories(unit, categories))


async def _products(unit: Unit, external_ids: set[str]) -> Mapping[str, ShelfProduct]:
    known = await _known_products(unit, external_ids)
    missing = sorted(external_ids - known.keys())
    if not missing:
        return known
    await _insert(
        unit,
        Product,
        [
            {
                "id": new_id(),
                "external_id": external_id,
                "name": external_id,
                "name_key": stored_key(external_id),
                "is_named": False,
            }
            for external_id in missing
        ],
    )
    return await _known_products(unit, external_ids)


async def _known_products(unit: Unit, external_ids: set[str]) -> dict[str, ShelfProduct]:
    if not external_ids:
        return {}
    found = await unit.session.exec(select(Product).where(col(Product.external_id).in_(sorted(external_ids))))
    return {
        product.external_id: ShelfProduct(
            product.id, product.name, product.category_id, product.price_minor, product.price_currency
        )
        for product in found
    }


async def _categories(unit: Unit, names: set[str]) -> Mapping[str, int]:
    if not names:
        return {}
    query = select(col(Category.name), col(Category.id)).where(col(Category.name).in_(sorted(names)))
    known: dict[str, int] = dict((await unit.session.exec(query)).all())
    missing = sorted(names - known.keys())
    if not missing:
        return known
    await _insert(unit, Category, [{"id": new_id(), "name": name} for name in missing])
    return dict((await unit.session.exec(query)).all())


async def _insert(unit: Unit, model: Any, rows: list[dict[str, Any]]) -> None:
    """Rows that another call may be making too; sorted, so that two calls never wait for each other in a circle."""
    insert = postgresql.insert if unit.dialect == "postgresql" else sqlite.insert
    await unit.session.exec(insert(table(model)).values(rows).on_conflict_do_nothing())
