"""Activity: the visits of a user of the clickstream as a household's own, over products that it buys or might buy."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from profiles.timeline import EventCategory, Session, SessionState
from sources.rows import ProductFacts
from sources.shape.clickstream import Clickstream, Visit, clickstream
from sources.shape.draft import SHOWCASE_HOUSEHOLD, Draft, said
from sources.shape.plan import SITE
from sources.shape.units import CALL_CENTER, ONLINE, ONLINE_STORE, business_unit_id, store_id

OWN_PRODUCTS = 0.7
"""The share of views that are of products the household buys; the others are of any."""

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
_PAGES = {
    "home": ("Home", "/"),
    "promo_page": ("Offers", "/offers"),
    "search": ("Search", "/search"),
    "filter_results": ("Search results", "/search?sort=price"),
    "cart": ("Cart", "/cart"),
    "shipping_details": ("Shipping details", "/checkout/shipping"),
    "payment_details": ("Payment details", "/checkout/payment"),
    "payment_error": ("Payment failed", "/checkout/payment?retry=1"),
    "checkout_bug": ("Shipping details", "/checkout/shipping"),
    "account_page": ("My account", "/account"),
    "error_page": ("Page not found", "/404"),
    "compare": ("Product comparison", "/compare"),
}


@dataclass(frozen=True, slots=True)
class SitePurchase:
    """A visit that ended in an order of these products, each once."""

    key: str
    session_id: int
    at: datetime
    received_at: datetime
    platform: str
    products: tuple[ProductFacts, ...]


@dataclass(frozen=True, slots=True)
class SiteActivity:
    """What a household did on the site: its purchases, whose orders are still to be made, and from what it came."""

    purchases: tuple[SitePurchase, ...]
    platforms: frozenset[str]


@dataclass(slots=True)
class _Walk:
    """One visit while its steps are followed."""

    draft: Draft
    dice: Random
    visit: Visit
    session_id: int
    started_at: datetime
    received_at: datetime
    own: list[ProductFacts]
    product: ProductFacts | None = None
    category_id: int | None = None
    url: str = SITE
    cart: dict[int, dict[str, Any]] = field(default_factory=dict)
    in_cart: list[ProductFacts] = field(default_factory=list)
    purchased_at: datetime | None = None


def visit_site(draft: Draft) -> SiteActivity:
    """Adds sessions and their events, carts left behind included.

    There are 600 users: households further back in the fixed order never visited the site.
    """
    stream = clickstream()
    visits = _visits(draft, stream)
    own = _bought(draft)
    sessions, purchases, platforms = [], [], set()
    for visit in visits:
        start = _started_at(draft, visit, stream)
        if start < draft.facts.first_seen:
            continue  # nobody knew them yet
        dice = draft.dice(f"visit:{visit.key}")
        ended = start + timedelta(seconds=visit.seconds)
        received = ended + timedelta(seconds=dice.randint(*ARRIVES_AFTER_SECONDS))
        walk = _Walk(draft, dice, visit, draft.id("session", visit.key), start, received, own)
        _follow(walk)
        purchase = _end(walk, ended)
        if purchase is not None:
            purchases.append(purchase)
        platforms.add(visit.platform)
        sessions.append(_session_row(walk, ended, purchase))
    draft.add(Session, SESSION_COLUMNS, sessions)
    return SiteActivity(tuple(purchases), frozenset(platforms))


def _visits(draft: Draft, stream: Clickstream) -> tuple[Visit, ...]:
    """Users by place; the showcase and the household at its user's place change users."""
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


def _choose(walk: _Walk) -> ProductFacts | None:
    everything = walk.draft.world.products
    if walk.own and walk.dice.random() < OWN_PRODUCTS:
        return walk.dice.choice(walk.own)
    return walk.dice.choice(everything) if everything else None


def _follow(walk: _Walk) -> None:
    first = _Place(walk, 0, walk.started_at)
    first.event(
        EventCategory.SITE_VISIT,
        "site_visit",
        "Visited the site",
        description=walk.visit.channel.replace("_", " "),
        url=SITE,
        details=said(platform=walk.visit.platform, channel=walk.visit.channel, pages=len(walk.visit.steps)),
    )
    for number, (action, seconds) in enumerate(walk.visit.steps, start=1):
        place = _Place(walk, number, walk.started_at + timedelta(seconds=seconds))
        match action:
            case "catalog":
                place.see_category()
            case "product_view":
                place.see_product()
            case "add_to_cart":
                place.put_into_cart()
            case "wishlist_add" | "review_page":
                place.see_page_of_product(action)
            case "support_chat":
                place.chat()
            case "purchase":
                walk.purchased_at = place.at
            case _:
                place.see_page(*_PAGES[action])


@dataclass(slots=True)
class _Place:
    """One step of a walk."""

    walk: _Walk
    number: int
    at: datetime

    def event(self, category: EventCategory, type: str, name: str, **columns: Any) -> None:
        walk = self.walk
        columns.setdefault("business_unit_id", business_unit_id(ONLINE))
        walk.draft.happen(
            f"{walk.visit.key}:{self.number}",
            category,
            type,
            name,
            self.at,
            received_at=walk.received_at,
            store_id=store_id(ONLINE_STORE),
            session_id=walk.session_id,
            **columns,
        )
        walk.url = columns.get("url") or walk.url

    def see_category(self) -> None:
        walk = self.walk
        product = _choose(walk)
        if product is None or product.category_id is None:
            self.see_page("Catalog", "/catalog")
            return
        walk.product, walk.category_id = product, product.category_id
        name = walk.draft.world.category_names.get(product.category_id, "Catalog")
        self.event(
            EventCategory.CATEGORY_VIEW,
            "category_view",
            "Viewed a category",
            description=name,
            viewed_category_id=product.category_id,
            url=f"{SITE}/c/{_slug(name)}",
        )

    def see_product(self) -> None:
        """The product that led into the category first, then others."""
        walk = self.walk
        if walk.product is None or walk.dice.random() < 0.6:
            walk.product = _choose(walk)
        product = walk.product
        if product is None:
            self.see_page("Catalog", "/catalog")
            return
        self.event(
            EventCategory.PRODUCT_VIEW,
            "product_view",
            "Viewed a product",
            description=product.name,
            product_id=product.product_id,
            viewed_category_id=product.category_id,
            url=_product_url(product),
        )

    def put_into_cart(self) -> None:
        walk = self.walk
        product = walk.product if walk.product is not None else _choose(walk)
        if product is None:
            return
        walk.product = product
        self.event(
            EventCategory.PAGE_VIEW,
            "added_to_cart",
            "Added to cart",
            description=product.name,
            product_id=product.product_id,
            url=_product_url(product),
        )
        item = walk.cart.setdefault(
            product.product_id,
            {
                "product_id": product.product_id,
                "quantity_milli": 0,
                "price_minor": product.price_minor or 0,
                "currency": walk.draft.world.account.currency,
                "added_at": self.at.isoformat(),
            },
        )
        item["quantity_milli"] += 1000
        if product not in walk.in_cart:
            walk.in_cart.append(product)

    def see_page_of_product(self, action: str) -> None:
        walk = self.walk
        product = walk.product
        if product is None:
            self.see_page("Wish list" if action == "wishlist_add" else "Reviews", "/account")
            return
        is_wish = action == "wishlist_add"
        self.event(
            EventCategory.PAGE_VIEW,
            "added_to_wishlist" if is_wish else "page_view",
            "Added to wish list" if is_wish else "Viewed a page",
            description=product.name if is_wish else f"Reviews of {product.name}",
            product_id=product.product_id,
            url=f"{_product_url(product)}{'' if is_wish else '/reviews'}",
        )

    def see_page(self, title: str, path: str) -> None:
        self.event(EventCategory.PAGE_VIEW, "page_view", "Viewed a page", description=title, url=f"{SITE}{path}")

    def chat(self) -> None:
        self.event(
            EventCategory.CALL_CENTER,
            "chat",
            "Chatted with the call center",
            description="Help while shopping",
            business_unit_id=business_unit_id(CALL_CENTER),
            details=said(subject="Help while shopping", contact="chat"),
        )


def _end(walk: _Walk, ended: datetime) -> SitePurchase | None:
    """A purchase empties the cart; a cart that is left full counts as abandoned an hour later."""
    if walk.purchased_at is not None:
        products = walk.in_cart or [product for product in (walk.product or _choose(walk),) if product is not None]
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


def _session_row(walk: _Walk, ended: datetime, purchase: SitePurchase | None) -> tuple[Any, ...]:
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


def _product_url(product: ProductFacts) -> str:
    return f"{SITE}/p/{_slug(product.name)}-{product.external_id}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "other"
