"""Walks: one visit followed step by step, over products that the household buys or might buy."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from profiles.timeline import EventCategory
from sources.rows import ProductFacts
from sources.shape.clickstream import Visit
from sources.shape.draft import Draft, said
from sources.shape.units import CALL_CENTER, ONLINE, business_unit_id
from sources.shop import ONLINE_STORE, SITE, store_id

OWN_PRODUCTS = 0.7
"""The share of views that are of products the household buys; the others are of any."""

ADDED_TO_WISHLIST = "added_to_wishlist"

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


@dataclass(slots=True)
class Walk:
    """One visit while its steps are followed."""

    draft: Draft
    dice: Random
    visit: Visit
    session_id: int
    started_at: datetime
    received_at: datetime
    own: list[ProductFacts]
    product: ProductFacts | None = None
    url: str = SITE
    cart: dict[int, dict[str, Any]] = field(default_factory=dict)
    in_cart: list[ProductFacts] = field(default_factory=list)
    purchased_at: datetime | None = None


def choose(walk: Walk) -> ProductFacts | None:
    """A product to look at: mostly one that the household buys; null where there is none at all."""
    everything = walk.draft.world.products
    if walk.own and walk.dice.random() < OWN_PRODUCTS:
        return walk.dice.choice(walk.own)
    return walk.dice.choice(everything) if everything else None


def follow(walk: Walk) -> None:
    """Adds the visit's event and one for each step; what is in the cart, and a purchase, stay with the walk."""
    first = _Step(walk, 0, walk.started_at)
    first.event(
        EventCategory.SITE_VISIT,
        "site_visit",
        "Visited the site",
        description=walk.visit.channel.replace("_", " "),
        url=SITE,
        details=said(platform=walk.visit.platform, channel=walk.visit.channel, pages=len(walk.visit.steps)),
    )
    for number, (action, seconds) in enumerate(walk.visit.steps, start=1):
        step = _Step(walk, number, walk.started_at + timedelta(seconds=seconds))
        match action:
            case "catalog":
                step.see_category()
            case "product_view":
                step.see_product()
            case "add_to_cart":
                step.put_into_cart()
            case "wishlist_add" | "review_page":
                step.see_page_of_product(action)
            case "support_chat":
                step.chat()
            case "purchase":
                walk.purchased_at = step.at
            case _:
                step.see_page(*_PAGES[action])


@dataclass(slots=True)
class _Step:
    """One step of a walk."""

    walk: Walk
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
        product = choose(walk)
        if product is None or product.category_id is None:
            self.see_page("Catalog", "/catalog")
            return
        walk.product = product
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
            walk.product = choose(walk)
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
            url=product_url(product),
        )

    def put_into_cart(self) -> None:
        walk = self.walk
        product = walk.product if walk.product is not None else choose(walk)
        if product is None:
            return
        walk.product = product
        self.event(
            EventCategory.PAGE_VIEW,
            "added_to_cart",
            "Added to cart",
            description=product.name,
            product_id=product.product_id,
            url=product_url(product),
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
            ADDED_TO_WISHLIST if is_wish else "page_view",
            "Added to wish list" if is_wish else "Viewed a page",
            description=product.name if is_wish else f"Reviews of {product.name}",
            product_id=product.product_id,
            url=f"{product_url(product)}{'' if is_wish else '/reviews'}",
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


def product_url(product: ProductFacts) -> str:
    """Its page in the shop."""
    return f"{SITE}/p/{_slug(product.name)}-{product.external_id}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "other"
