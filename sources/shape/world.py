"""The world that all households share: stores, business units, sources, tags, rates, mailings, polls, audiences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from profiles.account import Account
from profiles.catalog import BusinessUnit, DataSource, ExchangeRate, Store
from profiles.folding import stored_key
from profiles.ids import imported_id
from profiles.mailings import Mailing
from profiles.money import Rate
from profiles.polls import Poll
from profiles.tags import Tag
from profiles.target_audiences import TargetAudience
from profiles.text import tag_key
from sources.rows import SOURCE, Clock, Rows, StoreFacts
from sources.shape.draft import SEED
from sources.shape.groups import AUDIENCES, audience_id
from sources.shape.plan import mailing_plan, poll_plan
from sources.shape.pools import street_names
from sources.shape.units import (
    APP,
    BUSINESS_UNITS,
    CALLS,
    CANADA,
    CRM,
    MAILINGS,
    ONLINE,
    STORES_EAST,
    STORES_WEST,
    TILLS,
    business_unit_id,
)
from sources.shop import ONLINE_STORE, WEBSITE, store_id

CANADIAN_STORE = "299"
"""The store, by external id, that sells in Canadian dollars: half a percent of the baskets, some of the showcase's."""

STORE_CURRENCY, FOREIGN_CURRENCY = "USD", "CAD"
RATE_MARGIN_DAYS = 30

# Minutes between deliveries: order data arrives at intervals of its own, per source.
_SOURCES = {TILLS: 15, CRM: 240, WEBSITE: 7, APP: 7, MAILINGS: 30, CALLS: 60}

TAGS = (
    "Allergy: nuts",
    "Birthday club",
    "Complained",
    "Corporate buyer",
    "Do not call",
    "Friend of a colleague",
    "Large family",
    "Prefers delivery",
    "Prefers pick-up",
    "Tasting panel",
    "VIP service",
    "Wine lover",
)


@dataclass(frozen=True, slots=True)
class Reference:
    """Reference rows, and what of them goes into `World`. `rates` are account currency per Canadian dollar."""

    rows: Rows
    stores: Sequence[StoreFacts]
    business_units: Sequence[int]
    data_sources: Mapping[str, int]
    tags: Mapping[str, int]
    rates: Sequence[Rate]


def reference(
    account: Account, clock: Clock, store_external_ids: Sequence[str], first_day: date, seed: int = SEED
) -> Reference:
    """Reference rows for these stores (give all of them: their order names them) and an online one.

    Rates reach from a month before `first_day`, the source's own first day, to the clock's end.
    """
    rows = Rows()
    units = {number: business_unit_id(number) for number in BUSINESS_UNITS}
    rows.add(
        BusinessUnit,
        ("id", "number", "name"),
        [(units[number], number, name) for number, name in BUSINESS_UNITS.items()],
    )
    sources = {name: imported_id(SOURCE, "data_source", name) for name in _SOURCES}
    rows.add(
        DataSource,
        ("id", "name", "last_received_at"),
        [(sources[name], name, clock.end - timedelta(minutes=minutes)) for name, minutes in _SOURCES.items()],
    )
    stores = _stores(account, store_external_ids, seed)
    rows.add(
        Store,
        ("id", "external_id", "name", "business_unit_id", "name_key"),
        [
            (store.store_id, store.external_id, store.name, store.business_unit_id, stored_key(store.name))
            for store in stores
        ],
    )
    tags = {name: imported_id(SOURCE, "tag", name) for name in TAGS}
    rows.add(Tag, ("id", "name", "name_key"), [(id, name, tag_key(name)) for name, id in tags.items()])
    rates = _rates(account, first_day + clock.shift - timedelta(days=RATE_MARGIN_DAYS), clock.today, seed)
    rows.add(
        ExchangeRate,
        ("currency", "day", "rate"),
        [(FOREIGN_CURRENCY, rate.rate_date.isoformat(), str(rate.rate)) for rate in rates],
    )
    rows.add(
        Mailing,
        ("id", "external_id", "name", "channel", "kind", "campaign_id", "url", "name_key"),
        [
            (
                mailing.mailing_id,
                mailing.external_id,
                mailing.name,
                mailing.channel,
                mailing.kind,
                None,
                mailing.url,
                stored_key(mailing.name),
            )
            for mailing in mailing_plan(clock)
        ],
    )
    rows.add(
        Poll,
        ("id", "external_id", "name", "name_key", "results_url"),
        [
            (poll.poll_id, poll.external_id, poll.name, stored_key(poll.name), poll.results_url)
            for poll in poll_plan(clock)
        ],
    )
    rows.add(
        TargetAudience,
        ("id", "external_id", "name", "name_key"),
        [(audience_id(key), key, name, stored_key(name)) for key, name in AUDIENCES.items()],
    )
    return Reference(rows, stores, tuple(units.values()), sources, tags, rates)


def _stores(account: Account, external_ids: Sequence[str], seed: int) -> tuple[StoreFacts, ...]:
    ordered = sorted(set(external_ids), key=lambda text: (len(text), text))
    stores = []
    for position, (external_id, street) in enumerate(zip(ordered, street_names(seed, len(ordered)), strict=True)):
        is_foreign = external_id == CANADIAN_STORE
        unit = CANADA if is_foreign else STORES_EAST if position % 2 else STORES_WEST
        name = f"{account.name} {'Toronto' if is_foreign else street}"
        # Without a rate between them, a store in the account's own currency is all that makes sense.
        currency = FOREIGN_CURRENCY if is_foreign and account.currency == STORE_CURRENCY else account.currency
        stores.append(StoreFacts(store_id(external_id), external_id, name, business_unit_id(unit), currency))
    online = StoreFacts(
        store_id(ONLINE_STORE), ONLINE_STORE, f"{account.name} Online", business_unit_id(ONLINE), account.currency
    )
    return (*stores, online)


def _rates(account: Account, first: date, last: date, seed: int) -> tuple[Rate, ...]:
    """A plausible rate for each working day; banks publish none at weekends, so the newest one counts then.

    A day's rate depends on the day alone, so a later import says the same of it.
    """
    if account.currency != STORE_CURRENCY:
        return ()
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return tuple(Rate(day, _rate(day, seed)) for day in days if day.weekday() < 5)


def _rate(day: date, seed: int) -> Decimal:
    number = day.toordinal()
    noise = Random(f"{seed}:rate:{number}").uniform(-0.003, 0.003)
    value = 0.735 + 0.018 * math.sin(number / 61) + 0.006 * math.sin(number / 17) + noise
    return Decimal(f"{value:.4f}")
