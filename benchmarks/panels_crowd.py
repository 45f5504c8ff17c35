"""The rows for `make bench-panels`: one customer of 100 events, one of 100,000, and ordinary ones around them.

Of both the pages, lists and windows that are shown hold equally many rows, so that only the history is longer.
"""

from datetime import datetime

from benchmarks.panels_belongings import NAMES, PRODUCTS, SHOP_CATEGORIES, SPAN, STORES, Row, belongings, category_of
from benchmarks.panels_histories import SHORT, History
from profiles.account import Account
from profiles.catalog import Category, DataSource, Product, Store
from profiles.contacts import Channel
from profiles.customers import Customer, SubscriptionStatus
from profiles.kept_counts import recount_rows
from profiles.lifecycle.reading import THE_MODEL, LifecycleModel
from profiles.mailings import Campaign, Mailing, MailingKind
from profiles.polls import Poll
from profiles.rfm.reading import THE_BOUNDARIES, RfmBoundaries
from profiles.segments import Segment
from profiles.storage.bulk import Bulk
from profiles.summaries import recompute_summaries
from profiles.summaries.affinities import recompute_affinities
from profiles.tags import Tag
from profiles.target_audiences import TargetAudience

SMALL, LARGE, FIRST_OTHER = 1, 2, 3


async def fill(bulk: Bulk, account: Account, long: History, others: int, now: datetime) -> None:
    """Writes everybody, and what follows from their rows. `now` is aware."""
    ids = [SMALL, LARGE, *range(FIRST_OTHER, FIRST_OTHER + others)]
    await _shop(bulk, now)
    born = now - SPAN
    histories = {id: long if id == LARGE else SHORT for id in ids}
    people = [
        (
            id,
            f"C{id}",
            "Ada",
            "Adams",
            f"c{id}@example.com",
            SubscriptionStatus.SUBSCRIBED,
            born,
            now,
            histories[id].count,
        )
        for id in ids
    ]
    columns = "id external_id first_name last_name email subscription_status created_at updated_at activity_seq"
    await bulk.insert(Customer, columns.split(), people)
    for start in range(0, len(ids), 100):
        some = ids[start : start + 100]
        rows: dict[type, tuple[str, list[Row]]] = {}
        for id in some:
            for model, names, own in belongings(id, histories[id], now):
                rows.setdefault(model, (names, []))[1].extend(own)
        for model, (names, found) in rows.items():
            await bulk.insert(model, names.split(), found)
        await recompute_summaries(bulk, bulk.dialect, account, some)
        await recompute_affinities(bulk, account, some, now)
        await recount_rows(bulk, bulk.dialect, some)


async def _shop(bulk: Bulk, now: datetime) -> None:
    numbers = range(1, NAMES + 1)
    named = [(n, f"x{n}", f"Name {n:02}") for n in numbers]
    await bulk.insert(DataSource, ("id", "name"), [(n, f"Source {n}") for n in numbers])
    await bulk.insert(Store, ("id", "external_id", "name"), named[:STORES])
    await bulk.insert(Category, ("id", "name"), [(n, f"Aisle {n:02}") for n in range(1, SHOP_CATEGORIES + 1)])
    await bulk.insert(
        Product,
        ("id", "external_id", "name", "brand", "department", "category_id", "price_minor", "price_currency"),
        [
            (n, str(n), f"Product {n}", f"Brand {n % 20}", f"Department {n % 7}", category_of(n), 100 + n, "USD")
            for n in range(1, PRODUCTS + 1)
        ],
    )
    await bulk.insert(Campaign, ("id", "external_id", "name"), named)
    await bulk.insert(
        Mailing,
        ("id", "external_id", "name", "channel", "kind", "campaign_id"),
        [(*row, Channel.EMAIL, MailingKind.CAMPAIGN, row[0]) for row in named],
    )
    await bulk.insert(Poll, ("id", "external_id", "name"), named)
    await bulk.insert(TargetAudience, ("id", "external_id", "name"), named)
    await bulk.insert(Segment, ("id", "name"), [(n, name) for n, _, name in named])
    await bulk.insert(Tag, ("id", "name", "name_key"), [(n, name, name.lower()) for n, _, name in named])
    await bulk.insert(
        RfmBoundaries,
        ("id", "recency", "frequency", "monetary", "customer_count", "computed_at"),
        [(THE_BOUNDARIES, [9, 7, 5, 3], [2, 5, 9, 20], [100, 500, 900, 2_000], 1, now)],
    )
    await bulk.insert(
        LifecycleModel,
        ("id", "r", "alpha", "a", "b", "customer_count", "computed_at"),
        [(THE_MODEL, 0.5, 10.0, 0.8, 2.5, 1, now)],
    )
