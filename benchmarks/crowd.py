"""The crowd: seeded customers with histories, made in chunks, as rows in the order of the tables' columns."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any

from profiles.kept_counts import COLUMNS as COUNT_COLUMNS
from profiles.kept_counts import COUNTED, counted_rows
from profiles.timeline.kinds import COLUMNS as KIND_COLUMNS
from profiles.timeline.kinds import counted_kinds
from profiles.timeline.viewed import COLUMNS as VIEW_COLUMNS
from profiles.timeline.viewed import OF_VIEWS, viewed_categories

VERSION = 6
"""Raised whenever the rows change: a database that was kept from an earlier version is made anew."""

SEED = 20_260_101
FIRST_ID = 4_000_000_000_000
SMALL_IDS = 1_000
CHUNK = 1_000
HISTORY = timedelta(days=180)
BIG_FROM_NEWEST = 24
"""The customer with the long history is on the first page of the list: the 24th newest."""

SEGMENTS, TAGS, CATEGORIES, PRODUCTS, STORES = 24, 60, 48, 2_000, 12
CONSENTS = ("calls", "news", "profiling")
FIRST_NAMES = (
    "Ada", "Chloé", "Dan", "Eva", "Finn", "Grace", "Hugo", "Iris",
    "Jan", "Lena", "Mia", "Noah", "Olga", "Paul", "Rosa", "Tess",
)  # fmt: skip
LAST_NAMES = (
    "Adams", "Baker", "Costa", "Dubois", "Evans", "Fischer", "Garcia",
    "Hill", "Jones", "Klein", "Lopez", "Meyer", "Novák", "Olsen",
)  # fmt: skip
CITIES = (
    "Akron", "Boise", "Camden", "Dayton", "Eugene", "Fresno",
    "Gary", "Irving", "Joliet", "Keene", "Lowell", "Macon", "Newark",
)  # fmt: skip
GOODS = (
    "Apples", "Bread", "Cheese", "Diapers", "Eggs", "Flour", "Granola",
    "Honey", "Ice", "Juice", "Lemons", "Milk", "Nuts", "Oats",
)  # fmt: skip
SENTENCES = (
    "Asked whether the delivery can be left with a neighbor; agreed for weekdays only.",
    "Prefers to be called after six, and never on Sundays.",
    "Complained about a broken jar; a refund was promised and paid the same day.",
    "Buys for a kindergarten as well, so large quantities are no mistake.",
)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How many customers there are, and how much each of them has; one of them has `big_events` events."""

    customers: int
    events: int = 100
    receipts: int = 20
    orders: int = 15
    lines: int = 2
    segments: int = 3
    tags: int = 3
    notes: int = 5
    consents: int = 3
    purchased: int = 12
    big_events: int = 100_000

    @property
    def stamp(self) -> str:
        """What a kept database must have been made with."""
        return f"{VERSION} {self!r}"

    @property
    def big_id(self) -> int:
        """The id of the customer with the long history."""
        return FIRST_ID + max(0, self.customers - BIG_FROM_NEWEST)

    def ordinary_ids(self, count: int, seed: int) -> list[int]:
        """That many random customers, with repetitions, none with the long history."""
        choose = random.Random(seed)
        every = [choose.randrange(self.customers) + FIRST_ID for _ in range(count)]
        return [id if id != self.big_id else FIRST_ID for id in every]


def slim(customers: int) -> Size:
    """Customers with short histories, so that a million of them can be loaded in minutes."""
    return Size(customers, 10, 2, 1, 2, 1, 1, 1, 1, 2)


COLUMNS: dict[str, tuple[str, ...]] = {
    "stores": ("id", "external_id", "name"),
    "categories": ("id", "name"),
    "products": ("id", "external_id", "name", "is_named", "category_id", "price_minor", "price_currency"),
    "segments": ("id", "name"),
    "tags": ("id", "name", "name_key"),
    "customers": (
        "id", "external_id", "first_name", "last_name", "gender", "birth_date", "country", "city", "email",
        "phone_warning", "phone_type", "subscription_status", "created_at", "updated_at", "name_key", "email_key",
        "version", "generation", "activity_seq",
    ),
    "identifiers": ("kind", "value", "customer_id"),
    "segment_memberships": ("customer_id", "segment_id", "entered_at"),
    "customer_tags": ("customer_id", "tag_id", "assigned_at", "actor"),
    "notes": ("customer_id", "id", "body", "body_key", "author", "created_at", "updated_at"),
    "consent_changes": ("customer_id", "id", "name", "status", "at", "source", "actor"),
    "kept_consents": ("customer_id", "name", "change_id", "status", "at", "source", "granted_at"),
    "purchased_products": (
        "customer_id", "product_id", "category_id", "quantity_milli", "purchase_count", "receipt_count", "order_count",
        "last_purchased_at",
    ),
    "receipts": (
        "customer_id", "id", "external_id", "number", "issued_at", "status", "payment_status", "currency",
        "product_total_minor", "discount_minor", "total_minor", "store_id",
    ),
    "receipt_items": (
        "customer_id", "receipt_id", "line", "product_id", "product_external_id", "name", "quantity_milli", "currency",
        "price_minor", "total_minor",
    ),
    "orders": (
        "customer_id", "id", "external_id", "number", "placed_at", "origin", "status", "delivery_status",
        "payment_status", "is_returned", "is_attributed", "product_count", "currency", "product_cost_minor",
        "subtotal_minor", "discount_minor", "tax_minor", "shipping_minor", "total_minor",
    ),
    "order_items": (
        "customer_id", "order_id", "line", "product_id", "product_external_id", "name", "quantity_milli", "currency",
        "unit_price_minor", "total_minor",
    ),
    "timeline_events": (
        "customer_id", "id", "activity_seq", "category", "type", "name", "description", "occurred_at", "received_at",
        "product_id", "viewed_category_id", "is_control_group",
    ),
    "timeline_kinds": KIND_COLUMNS,
    "kept_counts": COUNT_COLUMNS,
    "category_views": VIEW_COLUMNS,
}  # fmt: skip
"""The columns that are filled, by table, parents first; what is not named stays null."""

_AS_VIEWS = itemgetter(*[COLUMNS["timeline_events"].index(name) for name in OF_VIEWS])

SHELVES = frozenset(("stores", "categories", "products", "segments", "tags"))
"""The tables of what is the same for every customer."""


def category_of(product_id: int) -> int:
    """The category of a product."""
    return SMALL_IDS + product_id % CATEGORIES


def product_name(product_id: int) -> str:
    """The name of a product, as it also stands on receipts."""
    return f"{GOODS[product_id % len(GOODS)]} No. {product_id - SMALL_IDS}"


def category_name(category_id: int) -> str:
    """The name of a category. Names have two digits each, so that their order is the order of their ids."""
    return f"Aisle {category_id - SMALL_IDS:02}"


def shelves() -> dict[str, list[Row]]:
    """The rows that are the same for every customer."""
    ids = range(SMALL_IDS, SMALL_IDS + PRODUCTS)
    return {
        "stores": [(id, f"S{id}", f"Store {id}") for id in ids[:STORES]],
        "categories": [(id, category_name(id)) for id in ids[:CATEGORIES]],
        "products": [(id, f"P{id}", product_name(id), True, category_of(id), 99 + id, "USD") for id in ids],
        "segments": [(id, f"Segment {id - SMALL_IDS:02}") for id in ids[:SEGMENTS]],
        "tags": [(id, f"Tag {id - SMALL_IDS:02}", f"tag {id - SMALL_IDS:02}") for id in ids[:TAGS]],
    }


def chunks(size: Size, now: datetime) -> Iterator[dict[str, list[Row]]]:
    """The rows of all customers by table, some customers at a time, histories ending at `now` (aware)."""
    choose = random.Random(SEED)
    moment = now.astimezone(UTC).replace(microsecond=0)
    for start in range(0, size.customers, CHUNK):
        rows: dict[str, list[Row]] = {name: [] for name in COLUMNS if name not in SHELVES}
        for number in range(start, min(start + CHUNK, size.customers)):
            _customer(rows, size, number, moment, choose)
        events = rows["timeline_events"]
        rows["timeline_kinds"] = counted_kinds((row[0], row[3], row[4], None, None) for row in events)
        rows["kept_counts"] = [
            count
            for name in COUNTED & rows.keys()
            for count in counted_rows(name, ((row[0], None) for row in rows[name]))
        ]
        rows["category_views"] = viewed_categories(map(_AS_VIEWS, events))
        yield rows


def _customer(rows: dict[str, list[Row]], size: Size, number: int, now: datetime, choose: random.Random) -> None:
    id = FIRST_ID + number
    # Every profile began in a minute of its own, so that all stacks page the list in one order.
    born = now - timedelta(minutes=size.customers - number)
    first, last = choose.choice(FIRST_NAMES), choose.choice(LAST_NAMES)
    email = f"customer.{number}@example.com"
    events = size.big_events if id == size.big_id else size.events
    rows["customers"].append((
        id, f"C{number}", first, last, choose.choice(("FEMALE", "MALE")),
        date(1950, 1, 1) + timedelta(days=choose.randrange(18_000)), "US", choose.choice(CITIES), email,
        "MISSING", "UNKNOWN", "SUBSCRIBED", born, born, f"{first} {last}".lower(), email, 1, 1, events,
    ))  # fmt: skip
    rows["identifiers"] += [("EXTERNAL_ID", f"C{number}", id), ("EMAIL", email, id)]
    rows["segment_memberships"] += [
        (id, SMALL_IDS + segment, now - timedelta(days=choose.randrange(1, 180)))
        for segment in choose.sample(range(SEGMENTS), size.segments)
    ]
    rows["customer_tags"] += [(id, SMALL_IDS + tag, now, "Staff") for tag in choose.sample(range(TAGS), size.tags)]
    for note in range(size.notes):
        at = now - timedelta(days=10 * note, hours=choose.randrange(1, 200))
        body = choose.choice(SENTENCES)
        rows["notes"].append((id, note + 1, body, body.lower(), choose.choice(FIRST_NAMES), at, at))
    for consent in range(size.consents):
        granted = now - timedelta(days=choose.randrange(100, 170))
        change = (id, 2 * consent + 1, CONSENTS[consent], "GRANTED", granted, "web form", "Customer")
        rows["consent_changes"].append(change)
        kept = (*change[2:3], change[1], *change[3:6], granted)
        if choose.random() < 0.3:
            taken = granted + timedelta(days=choose.randrange(1, 90))
            again = (id, 2 * consent + 2, CONSENTS[consent], "REVOKED", taken, "call", "Staff")
            rows["consent_changes"].append(again)
            kept = (*again[2:3], again[1], *again[3:6], granted)
        rows["kept_consents"].append((id, *kept))
    for product in choose.sample(range(SMALL_IDS, SMALL_IDS + PRODUCTS), size.purchased):
        at = now - timedelta(hours=choose.randrange(1, 4_000))
        rows["purchased_products"].append((id, product, category_of(product), 1_000, 1, 1, 0, at))
    _purchases(rows, size, id, now, choose)
    _events(rows["timeline_events"], id, events, now, choose)


def _purchases(rows: dict[str, list[Row]], size: Size, id: int, now: datetime, choose: random.Random) -> None:
    step = HISTORY // (size.receipts + 1)
    for receipt in range(1, size.receipts + 1):
        at, total = now - step * receipt + timedelta(minutes=choose.randrange(600)), 0
        for line in range(1, size.lines + 1):
            product, pieces = choose.randrange(SMALL_IDS, SMALL_IDS + PRODUCTS), choose.randrange(1, 4)
            price = product + 99
            rows["receipt_items"].append((
                id, receipt, line, product, f"P{product}", product_name(product), pieces * 1_000, "USD", price,
                price * pieces,
            ))  # fmt: skip
            total += price * pieces
        rows["receipts"].append((
            id, receipt, f"R{id}-{receipt}", f"R-{receipt:04}", at, "COMPLETED", "PAID", "USD", total, 0, total,
            SMALL_IDS + choose.randrange(STORES),
        ))  # fmt: skip
    step = HISTORY // (size.orders + 1)
    for order in range(1, size.orders + 1):
        at, total = now - step * order + timedelta(minutes=choose.randrange(600)), 0
        for line in range(1, size.lines + 1):
            product, pieces = choose.randrange(SMALL_IDS, SMALL_IDS + PRODUCTS), choose.randrange(1, 4)
            price = product + 99
            rows["order_items"].append((
                id, order, line, product, f"P{product}", product_name(product), pieces * 1_000, "USD", price,
                price * pieces,
            ))  # fmt: skip
            total += price * pieces
        status = choose.choice(("NEW", "CONFIRMED", "SHIPPED", "COMPLETED"))
        rows["orders"].append((
            id, order, f"O{id}-{order}", f"W-{order:04}", at, "WEB", status, "PLANNED", "PAID", False, False,
            size.lines, "USD", total, total, 0, 0, 499, total + 499,
        ))  # fmt: skip


def _events(rows: list[Row], id: int, count: int, now: datetime, choose: random.Random) -> None:
    seconds = int(HISTORY.total_seconds()) // (count + 1)
    for number in range(count):
        # Each lies in a slot of its own: no two at one moment, and none at the very end of the history.
        at = now - timedelta(seconds=seconds * (count - number) + choose.randrange(max(1, seconds // 2)))
        kind, product, category = choose.random(), None, None
        if kind < 0.3:
            product = choose.randrange(SMALL_IDS, SMALL_IDS + PRODUCTS)
            category = category_of(product)
            said = ("PRODUCT_VIEW", "product_viewed", "Viewed a product", product_name(product))
        elif kind < 0.6:
            category = SMALL_IDS + choose.randrange(CATEGORIES)
            said = ("CATEGORY_VIEW", "category_viewed", "Viewed a category", category_name(category))
        elif kind < 0.9:
            said = ("PAGE_VIEW", "page_viewed", "Viewed a page", "/offers/of-the-week")
        else:
            said = ("SITE_VISIT", "site_visited", "Visited the site", "shop.example.com")
        rows.append((id, number + 1, number + 1, *said, at, at, product, category, False))
