"""Activity: the visits of a user of the clickstream as a household's own, and what they ended in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from profiles.timeline import EventCategory, Session, SessionState
from sources.rows import ProductFacts
from sources.shape.clickstream import Clickstream, Visit, clickstream
from sources.shape.draft import SHOWCASE_HOUSEHOLD, Draft
from sources.shape.units import ONLINE, business_unit_id
from sources.shape.walk import Walk, choose, follow
from sources.shop import ONLINE_STORE, SITE, store_id

ABANDONED_AFTER = timedelta(minutes=60)
ARRIVES_AFTER_SECONDS = (300, 600)
"""A visit arrives when it ends, and 5 to 10 minutes later (ruling 10)."""

SHOWCASE_USER = 371
"""The user (by place) whose visits the showcase gets: purchases, an abandoned cart, a chat, some of it this month."""

SESSION_COLUMNS = (
    "customer_id",
    "id",
    "external_id",
    "state",
    "started_at",
    "last_seen_at",
    "ended_at",
    "current_url",
    "store_id",
    "order_id",
)


@dataclass(frozen=True, slots=True)
class SitePurchase:
    """A visit that ended in an order of these products, each once."""

    key: str
    session_id: int
    at: datetime
    received_at: datetime
    platform: str
    products: tuple[ProductFacts, ...]


class CartedItem(NamedTuple):
    """A product in the cart, as its event says it (`profiles.timeline.details`), and since when."""

    values: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class VisitCart:
    """What a visit put into the cart, the earliest first; and when it is said to have been abandoned, if it is."""

    key: str
    items: tuple[CartedItem, ...]
    abandoned_at: datetime | None


@dataclass(frozen=True, slots=True)
class SiteActivity:
    """What a household did on the site: its purchases, whose orders are still to be made, what its visits put into the
    cart, and from what it came."""

    purchases: tuple[SitePurchase, ...]
    carts: tuple[VisitCart, ...]
    platforms: frozenset[str]


def visit_site(draft: Draft) -> SiteActivity:
    """Adds sessions and their events, carts left behind included.

    There are 600 users: households further back in the fixed order never visited the site.
    """
    stream = clickstream()
    visits = _visits(draft, stream)
    own = _bought(draft)
    sessions, purchases, carts, platforms = [], [], [], set()
    for visit in visits:
        start = _started_at(draft, visit, stream)
        if start < draft.facts.first_seen:
            continue  # nobody knew them yet
        dice = draft.dice(f"visit:{visit.key}")
        ended = start + timedelta(seconds=visit.seconds)
        received = ended + timedelta(seconds=dice.randint(*ARRIVES_AFTER_SECONDS))
        walk = Walk(draft, dice, visit, draft.id("session", visit.key), start, received, own)
        follow(walk)
        purchase = _end(walk, ended)
        if purchase is not None:
            purchases.append(purchase)
        if walk.cart:
            carts.append(_carted(walk, ended, purchase is not None))
        platforms.add(visit.platform)
        sessions.append(_session_row(walk, ended, purchase))
    draft.add(Session, SESSION_COLUMNS, sessions)
    return SiteActivity(tuple(purchases), tuple(carts), frozenset(platforms))


def _visits(draft: Draft, stream: Clickstream) -> tuple[Visit, ...]:
    """Users by place; the showcase takes its user from the household at that place, which then has none."""
    position = draft.facts.position
    if draft.facts.household_id == SHOWCASE_HOUSEHOLD:
        position = SHOWCASE_USER
    elif position == SHOWCASE_USER:
        return ()
    return tuple(stream.users[position]) if position < len(stream.users) else ()


def _started_at(draft: Draft, visit: Visit, stream: Clickstream) -> datetime:
    """The visit's time in the account's zone, moved by whole days so that the last one is today, and done by now."""
    clock = draft.clock
    moved = visit.started_at + (clock.today - stream.last_day)
    start = moved.replace(tzinfo=clock.zone).astimezone(UTC)
    longest = timedelta(seconds=visit.seconds + ARRIVES_AFTER_SECONDS[1])
    return start if start + longest <= clock.end else start - timedelta(days=1)


def _bought(draft: Draft) -> list[ProductFacts]:
    """The named products of the household's baskets, as often as they were bought, so that favorites are seen most."""
    known = draft.world.product_by_id
    lines = (line.product_id for basket in draft.facts.baskets for line in basket.lines)
    return [product for product in map(known.get, lines) if product is not None and product.is_named]


def _end(walk: Walk, ended: datetime) -> SitePurchase | None:
    """A purchase empties the cart; a cart that is left full counts as abandoned an hour later."""
    if walk.purchased_at is not None:
        products = walk.in_cart or [product for product in (walk.product or choose(walk),) if product is not None]
        priced = tuple(product for product in products if product.price_minor)
        if not priced:
            return None
        walk.url = f"{SITE}/checkout/thank-you"
        return SitePurchase(
            walk.visit.key, walk.session_id, walk.purchased_at, walk.received_at, walk.visit.platform, priced
        )
    at = ended + ABANDONED_AFTER
    if walk.cart and walk.draft.is_past(at):
        items = list(walk.cart.values())
        walk.draft.happen(
            walk.visit.key,
            EventCategory.CART_ABANDONED,
            "cart_abandoned",
            "Abandoned a cart",
            at,
            description=", ".join(product.name for product in walk.in_cart[:3]),
            store_id=store_id(ONLINE_STORE),
            business_unit_id=business_unit_id(ONLINE),
            session_id=walk.session_id,
            url=f"{SITE}/cart",
            details={"items": items},
        )
    return None


def _carted(walk: Walk, ended: datetime, is_bought: bool) -> VisitCart:
    at = ended + ABANDONED_AFTER
    items = [CartedItem(item, datetime.fromisoformat(item["added_at"])) for item in walk.cart.values()]
    is_abandoned = not is_bought and walk.purchased_at is None and walk.draft.is_past(at)
    return VisitCart(walk.visit.key, tuple(sorted(items, key=lambda item: item.at)), at if is_abandoned else None)


def _session_row(walk: Walk, ended: datetime, purchase: SitePurchase | None) -> tuple[Any, ...]:
    draft = walk.draft
    state = SessionState.PURCHASED if purchase is not None else SessionState.ENDED
    order_id = site_order_id(draft, walk.visit.key) if purchase is not None else None
    return (
        draft.facts.customer_id,
        walk.session_id,
        walk.visit.key,
        state,
        walk.started_at,
        ended,
        ended,
        walk.url,
        store_id(ONLINE_STORE),
        order_id,
    )


def site_order_id(draft: Draft, visit_key: str) -> int:
    """The id of the order in which a visit ended."""
    return draft.id("order", f"site:{visit_key}")
