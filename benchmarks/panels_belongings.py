"""What one customer of `make bench-panels` has, for a history of some length."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from benchmarks.panels_histories import ABANDONED, SHORT, History
from profiles.cart import Cart
from profiles.cart.tables import CartItem
from profiles.changes import Change
from profiles.consents import COLUMNS, KEPT_COLUMNS, ConsentChange, ConsentStatus, KeptConsent, kept_consents
from profiles.contacts import Channel
from profiles.customers import CustomerAttribute, CustomerSource
from profiles.loyalty import LoyaltyAccount, LoyaltyLot
from profiles.mailings import MailingParticipation
from profiles.notes import Note
from profiles.orders import Order, OrderItem
from profiles.polls import PollParticipation
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.receipts import Receipt, ReceiptItem
from profiles.recommendations import MOST_RECOMMENDATIONS, Recommendation, RecommendationReason
from profiles.segments import SegmentMembership
from profiles.subscriptions import CategoryChannelChoice, CategoryChoice, ChannelChoice
from profiles.tags import CustomerTag
from profiles.target_audiences import TargetAudienceMembership
from profiles.timeline import EventCategory, SessionState, TimelineEvent
from profiles.timeline.kinds import COLUMNS as KIND_COLUMNS
from profiles.timeline.kinds import counted_kinds
from profiles.timeline.tables import Session, TimelineKind, ViewedCategory
from profiles.timeline.viewed import COLUMNS as VIEW_COLUMNS
from profiles.timeline.viewed import viewed_categories
from profiles.wishlist import WishlistItem

PRODUCTS, SHOP_CATEGORIES, STORES, NAMES = 240, 24, 11, 12
CONSENTS = ("calls", "news", "profiling")
SPAN = timedelta(days=5 * 365)
LATELY = timedelta(days=25)
LINES = 3
IN_CART = 3
"""Lines that wait in the cart: of everybody equally many."""

LIVE_LOTS = 10
"""Bonuses that are not spent yet: of everybody the newest, equally many."""

Row = tuple[Any, ...]


def belongings(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    yield from _permissions(id, history, now)
    yield from _groups(id, history, now)
    yield from _purchases(id, history, now)
    yield from _carts(id, history, now)
    yield from _mail(id, history, now)
    yield from _visits(id, history, now)


def _permissions(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    statuses = (ConsentStatus.GRANTED, ConsentStatus.REVOKED)
    consents = [
        (id, n, CONSENTS[n % 3], statuses[n // 3 % 2], at, "form", "Ann")
        for n, at in enumerate(_moments(history.consent_changes, now))
    ]
    yield ConsentChange, " ".join(COLUMNS), consents
    yield KeptConsent, " ".join(KEPT_COLUMNS), kept_consents(consents)
    yield ChannelChoice, "customer_id channel is_subscribed changed_at", [(id, each, True, now) for each in Channel]
    yield CategoryChoice, "customer_id category is_subscribed changed_at", [(id, "offers", True, now)]
    yield (
        CategoryChannelChoice,
        "customer_id category channel is_subscribed changed_at",
        [(id, "offers", each, True, now) for each in Channel],
    )
    yield (
        Change,
        "customer_id id at actor field before after",
        [(id, n, at, "Ann", "city", "Akron", "Boise") for n, at in enumerate(_moments(history.changes, now))],
    )
    yield (
        Note,
        "customer_id id body body_key author created_at updated_at",
        [
            (id, n, "Prefers to be called", "prefers to be called", "Ann", at, at)
            for n, at in enumerate(_moments(history.notes, now))
        ],
    )


def _groups(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    yield CustomerSource, "customer_id source_id", [(id, 1), (id, 2)]
    yield CustomerAttribute, "customer_id attribute value", [(id, "age", "45-54")]
    yield CustomerTag, "customer_id tag_id assigned_at actor", [(id, n, now, "Ann") for n in (1, 2, 3)]
    yield TargetAudienceMembership, "customer_id audience_id", [(id, n) for n in (1, 2, 3)]
    entered = enumerate(_moments(history.past_segments, now))
    past = [(id, 1 + n % NAMES, at, at + timedelta(hours=1)) for n, at in entered]
    current = [(id, n, now - SPAN, None) for n in (1, 2, 3)]
    yield SegmentMembership, "customer_id segment_id entered_at left_at", [*past, *current]
    yield (
        Recommendation,
        "customer_id rank product_id score reason computed_at",
        [(id, n, PRODUCTS - n, 1 / n, RecommendationReason.POPULAR, now) for n in range(1, MOST_RECOMMENDATIONS + 1)],
    )
    lots = _moments(history.lots, now)
    yield LoyaltyAccount, "customer_id accrued_milli lasting_milli points_milli", [(id, 90_000, 5_000, 7_000)]
    yield (
        LoyaltyLot,
        "customer_id id amount_milli left_milli accrued_at active_from expires_at",
        [
            (id, n, 1_000, 1_000 if n >= len(lots) - LIVE_LOTS else 0, at, at, now + timedelta(days=9 + n % 9))
            for n, at in enumerate(lots)
        ],
    )


def _purchases(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    receipts = list(enumerate(_moments(history.events[EventCategory.RECEIPT], now)))
    yield (
        Receipt,
        (
            "customer_id id external_id number issued_at status payment_status currency product_total_minor"
            " discount_minor total_minor store_id"
        ),
        [(id, n, f"{n}", f"R-{n}", at, "COMPLETED", "PAID", "USD", 300, 0, 300, n % STORES + 1) for n, at in receipts],
    )
    # Of the same twenty products again and again, and the long history of all others too.
    yield (
        ReceiptItem,
        (
            "customer_id receipt_id line product_id product_external_id name quantity_milli currency price_minor"
            " total_minor"
        ),
        [
            (id, n, line, _bought(n, line), "-", "-", 1_000, "USD", 100, 100)
            for n, _ in receipts
            for line in range(1, LINES + 1)
        ],
    )
    orders = list(enumerate(_moments(history.events[EventCategory.ORDER], now)))
    yield (
        Order,
        (
            "customer_id id external_id number placed_at origin status delivery_status payment_status product_count"
            " currency product_cost_minor subtotal_minor discount_minor tax_minor shipping_minor total_minor receipt_id"
        ),
        [
            (
                id,
                n,
                f"{n}",
                f"W-{n}",
                at,
                "WEB",
                "COMPLETED",
                "DELIVERED",
                "PAID",
                LINES,
                "USD",
                300,
                300,
                0,
                0,
                0,
                300,
                n,
            )
            for n, at in orders
        ],
    )
    yield (
        OrderItem,
        (
            "customer_id order_id line product_id product_external_id name quantity_milli currency unit_price_minor"
            " total_minor"
        ),
        [
            (id, n, line, _bought(n, line), "-", "-", 1_000, "USD", 100, 100)
            for n, _ in orders
            for line in range(1, LINES + 1)
        ],
    )


def _bought(number: int, line: int) -> int:
    """The first receipts are of some products, later ones of others too; the lines of one are of three."""
    return (number * LINES + line) % (20 if number < 20 else PRODUCTS // 2) + 1


def _carts(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    yield WishlistItem, "customer_id product_id added_at", [(id, n, now) for n in (201, 202, 203)]
    yield Cart, "customer_id changed_at is_empty", [(id, now - timedelta(minutes=5), False)]
    waiting = [(id, n, 210 + n, now - timedelta(minutes=5), None, None) for n in range(IN_CART)]
    left = [
        (id, IN_CART + n, 220 + n, now - timedelta(days=3), now - timedelta(days=2), now - timedelta(days=2))
        for n in range(ABANDONED)
    ]
    older = [
        (id, IN_CART + ABANDONED + n, n % PRODUCTS + 1, at, at, at)
        for n, at in enumerate(_moments(history.left_lines - ABANDONED, now - timedelta(days=40)))
    ]
    yield (
        CartItem,
        ("customer_id id product_id added_at left_at abandoned_at quantity_milli price_minor currency"),
        [(*row, 1_000, 100, "USD") for row in (*waiting, *left, *older)],
    )


def _mail(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    yield (
        MailingParticipation,
        "customer_id id mailing_id participated_at",
        [(id, n, n % NAMES + 1, at) for n, at in enumerate(_moments(history.mailings, now))],
    )
    yield (
        PromoCode,
        "customer_id id code issued_at origin_kind origin_id",
        [
            (id, n, f"CODE-{n}", at, PromoCodeOriginKind.MAILING, n % NAMES + 1)
            for n, at in enumerate(_moments(history.promo_codes, now))
        ],
    )
    yield (
        PollParticipation,
        "customer_id id poll_id answered_at",
        [(id, n, n % NAMES + 1, at) for n, at in enumerate(_moments(history.polls, now))],
    )


def _visits(id: int, history: History, now: datetime) -> Iterator[tuple[type, str, Sequence[Row]]]:
    sessions = list(enumerate(_moments(history.events[EventCategory.SITE_VISIT], now), 1))
    last = sessions[-1][0]
    yield (
        Session,
        "customer_id id external_id state started_at last_seen_at ended_at",
        [
            (id, n, f"{n}", SessionState.LIVE, now, now, None)
            if n == last
            else (id, n, f"{n}", SessionState.ENDED, at, at, at)
            for n, at in sessions
        ],
    )
    events = list(_events(id, history, now))
    yield (
        TimelineEvent,
        (
            "customer_id id activity_seq category type name description occurred_at received_at store_id session_id"
            " subject_id product_id viewed_category_id details"
        ),
        events,
    )
    yield TimelineKind, " ".join(KIND_COLUMNS), counted_kinds((*row[0:1], *row[3:5], row[9], None) for row in events)
    yield ViewedCategory, " ".join(VIEW_COLUMNS), viewed_categories((row[0], row[13], row[7]) for row in events)


def _events(id: int, history: History, now: datetime) -> Iterator[Row]:
    visits, last = history.events[EventCategory.SITE_VISIT], 0
    views = (EventCategory.PRODUCT_VIEW, EventCategory.CATEGORY_VIEW)
    for category, count in history.events.items():
        # Whoever has few events looked at things lately.
        is_lately = category in views and history is SHORT
        for n, at in enumerate(_moments(count, now, LATELY if is_lately else SPAN)):
            last += 1
            product = n % PRODUCTS + 1 if category is EventCategory.PRODUCT_VIEW else None
            shop = n % SHOP_CATEGORIES + 1 if category is EventCategory.CATEGORY_VIEW else None
            session = visits - (count - 1 - n) * visits // count if category in views else None
            about = n if category in (EventCategory.RECEIPT, EventCategory.ORDER) else None
            about = n % NAMES + 1 if category.value.startswith("MAILING") else about
            store = n % STORES + 1 if category is EventCategory.RECEIPT else None
            viewed = category_of(product) if product else shop
            details = {"from": "ACTIVE", "to": "AT_RISK"} if category is EventCategory.LIFECYCLE else None
            said = (category, category.value.lower(), category.value.capitalize(), "as it was said")
            yield (id, last, last, *said, at, at, store, session, about, product, viewed, details)


def category_of(product: int) -> int:
    """The category of a product."""
    return product % SHOP_CATEGORIES + 1


def _moments(count: int, now: datetime, span: timedelta = SPAN) -> list[datetime]:
    """So many moments over the span, oldest first."""
    return [now - span * (count - number - 0.6) / count for number in range(count)]
