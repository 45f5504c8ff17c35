"""The showcase's own carts: one that it left behind some days ago, and one that it is filling when the demo data ends.

The visits of the clickstream come first; these two keep out of their way, so that both are there at any time of day.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from profiles.orders import OrderItem
from profiles.timeline import EventCategory
from profiles.timeline.sessions import ADDED_TO_CART
from sources.rows import ProductFacts
from sources.shape.activity import ABANDONED_AFTER, CartedItem, VisitCart
from sources.shape.draft import Draft
from sources.shape.units import ONLINE, business_unit_id
from sources.shape.walk import product_url
from sources.shop import ONLINE_STORE, SITE, store_id

PRODUCTS = 2
FILLING = timedelta(minutes=20)
"""How long before the end of the demo data the showcase fills its cart."""

LEFT_ON_DAYS = range(2, 22)
"""How many days ago a cart may have been left: what lies in it is shown for some weeks more."""

LEFT_FROM = time(19, 30)
CHOOSING = timedelta(minutes=4)
"""How long the showcase chose, from one product of the cart that it left to the next."""


def left_behind(draft: Draft, steps: Sequence[datetime]) -> VisitCart | None:
    """A cart of products that the showcase never bought, on an evening without any of these other `steps` of carts;
    None where no evening was quiet."""
    bought = {line.product_id for basket in draft.facts.baskets for line in basket.lines} | _ordered(draft)
    fresh = [product for product in draft.world.products if product.price_minor and product.product_id not in bought]
    started_at = next((at for at in _evenings(draft) if _is_quiet(at, steps)), None)
    if started_at is None or not fresh:
        return None
    products = draft.dice("left behind").sample(fresh, min(PRODUCTS, len(fresh)))
    items = [_put(draft, "left", product, 1, started_at + CHOOSING * number) for number, product in enumerate(products)]
    at = items[-1].at + ABANDONED_AFTER
    draft.happen(
        "left",
        EventCategory.CART_ABANDONED,
        "cart_abandoned",
        "Abandoned a cart",
        at,
        description=", ".join(product.name for product in products),
        store_id=store_id(ONLINE_STORE),
        business_unit_id=business_unit_id(ONLINE),
        url=f"{SITE}/cart",
        details={"items": [item.values | {"added_at": item.at.isoformat()} for item in items]},
    )
    return VisitCart("left behind", tuple(items), at)


def last_minute(draft: Draft, steps: Iterable[datetime]) -> VisitCart:
    """What the showcase buys anyway, put into the cart after all these `steps` and before the demo data ends."""
    end = draft.clock.end
    latest = max(steps, default=end - FILLING)
    at = max(end - FILLING, latest + (end - latest) / 2)
    known = draft.world.product_by_id
    lines = (line.product_id for basket in reversed(draft.facts.baskets) for line in basket.lines)
    products = [known[id] for id in dict.fromkeys(lines) if id in known and known[id].price_minor][:PRODUCTS]
    items = [
        _put(draft, "filled", product, number + 1, at + (end - at) * number / (2 * PRODUCTS))
        for number, product in enumerate(products)
    ]
    return VisitCart("showcase", tuple(items), None)


def _put(draft: Draft, cart: str, product: ProductFacts, pieces: int, at: datetime) -> CartedItem:
    """Puts a product into the cart, piece by piece."""
    for piece in range(pieces):
        draft.happen(
            f"{cart}:{product.product_id}:{piece}",
            EventCategory.PAGE_VIEW,
            ADDED_TO_CART,
            "Added to cart",
            at,
            description=product.name,
            product_id=product.product_id,
            url=product_url(product),
        )
    values = {
        "product_id": product.product_id,
        "quantity_milli": 1000 * pieces,
        "price_minor": product.price_minor,
        "currency": draft.world.account.currency,
    }
    return CartedItem(values, at)


def _evenings(draft: Draft) -> Iterable[datetime]:
    zone = draft.clock.zone
    for days in LEFT_ON_DAYS:
        yield datetime.combine(draft.clock.today - timedelta(days=days), LEFT_FROM, zone).astimezone(
            draft.clock.end.tzinfo
        )


def _is_quiet(at: datetime, steps: Sequence[datetime]) -> bool:
    """Whether nothing else changes the cart until it is abandoned."""
    over = at + CHOOSING * PRODUCTS + ABANDONED_AFTER
    return not any(at - ABANDONED_AFTER <= step <= over for step in steps)


def _ordered(draft: Draft) -> set[int]:
    columns, rows = draft.shape.rows.tables.get(OrderItem, (("product_id",), []))
    place = columns.index("product_id")
    return {row[place] for row in rows}
