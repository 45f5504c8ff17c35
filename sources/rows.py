"""Rows: what the real data says about one household, and what a household becomes, before either is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from profiles.account import Account
from profiles.timeline import EventCategory

SOURCE = "complete_journey"
"""The source under which `profiles.ids.imported_id` makes every id of the demo data."""


class Line(NamedTuple):
    """One line of a basket, in the account's currency; `original` as on the receipt item (keys `total`, `price`)."""

    product_id: int
    external_id: str
    name: str
    category_id: int | None
    quantity_milli: int
    total_minor: int
    price_minor: int
    original: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Basket:
    """One basket, which becomes a receipt; amounts in the account's currency.

    `original` is what the receipt keeps of its source where that was in another currency:
    {"currency", "rate", "rate_date", "product_total", "discount", "total"}.
    """

    receipt_id: int
    external_id: str
    number: str
    issued_at: datetime
    store_id: int
    business_unit_id: int | None
    currency: str
    product_total_minor: int
    discount_minor: int
    lines: Sequence[Line]
    original: dict[str, Any] | None


class SentMailing(NamedTuple):
    """A mailing of a campaign that the household was sent."""

    participation_id: int
    mailing_id: int
    campaign_id: int
    name: str
    sent_at: datetime


class IssuedCode(NamedTuple):
    """A promo code that came with a campaign (`origin_id`), and when it was redeemed."""

    promo_code_id: int
    code: str
    campaign_id: int
    issued_at: datetime
    is_reissued: bool
    redeemed_at: datetime | None


class Demographics(NamedTuple):
    """What is known of 801 households; each is text as in the source, null where it does not say.

    age: 19-24, 25-34, 35-44, 45-54, 55-64, 65+. income: Under 15K, 15-24K, ... 250K+.
    """

    age: str | None
    income: str | None
    home_ownership: str | None
    marital_status: str | None
    household_size: str | None
    household_composition: str | None
    kids_count: str | None


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """All that the real data says about one household; baskets in the order of time, at least one."""

    household_id: int
    customer_id: int
    external_id: str
    position: int  # place in the fixed order of households: 0 is always loaded, whatever the number asked for
    demographics: Demographics | None
    baskets: Sequence[Basket]
    mailings: Sequence[SentMailing]
    promo_codes: Sequence[IssuedCode]
    first_seen: datetime
    last_seen: datetime


class ProductFacts(NamedTuple):
    """A product of the catalog."""

    product_id: int
    external_id: str
    name: str
    is_named: bool
    brand: str | None
    department: str | None
    category_id: int | None
    price_minor: int | None


class StoreFacts(NamedTuple):
    """A store; `currency` is what it sells in."""

    store_id: int
    external_id: str
    name: str
    business_unit_id: int
    currency: str


@dataclass(frozen=True, slots=True)
class World:
    """What all households share. Sequences are in a fixed order, so a seeded choice among them repeats."""

    account: Account
    products: Sequence[ProductFacts]  # the named ones that were ever sold, by external id
    product_by_id: Mapping[int, ProductFacts]
    category_names: Mapping[int, str]
    stores: Sequence[StoreFacts]
    business_units: Sequence[int]
    data_sources: Mapping[str, int]  # name -> id, e.g. "Complete Journey", "Website", "iOS app", "Call center"
    tags: Mapping[str, int]  # name -> id


@dataclass(frozen=True, slots=True)
class Clock:
    """When the demo data ends. Nothing may lie after `end`; the last real day falls on `end`'s day in the zone."""

    end: datetime  # UTC
    zone: ZoneInfo
    shift: timedelta  # whole days by which the source's naive times are moved

    @property
    def today(self) -> date:
        """The calendar day in the account's zone on which the data ends."""
        return self.end.astimezone(self.zone).date()


class EventRow(NamedTuple):
    """A timeline event before it is numbered; the fields are the columns of `timeline_events` but `activity_seq`."""

    customer_id: int
    id: int
    category: EventCategory
    type: str
    name: str
    occurred_at: datetime
    received_at: datetime
    external_id: str | None = None
    description: str | None = None
    store_id: int | None = None
    business_unit_id: int | None = None
    session_id: int | None = None
    subject_id: int | None = None
    product_id: int | None = None
    viewed_category_id: int | None = None
    url: str | None = None
    actor: str | None = None
    amount_milli: int | None = None
    is_control_group: bool = False
    details: dict[str, Any] | None = None


@dataclass(slots=True)
class Rows:
    """Rows by table, each table with one fixed list of columns, in the order in which the tables were first named."""

    tables: dict[type[SQLModel], tuple[tuple[str, ...], list[tuple[Any, ...]]]] = field(default_factory=dict)

    def add(self, model: type[SQLModel], columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Adds rows to a table. Raises ValueError where the table was given other columns before."""
        known, kept = self.tables.setdefault(model, (columns, []))
        if known != columns:
            raise ValueError(f"{model.__name__} has had the columns {known}, now {columns}")
        kept.extend(rows)

    def extend(self, other: "Rows") -> None:
        """Adds all rows of another."""
        for model, (columns, rows) in other.tables.items():
            self.add(model, columns, rows)


@dataclass(slots=True)
class ShapeRows:
    """What is generated around one household.

    `customer` is the values of `customers` by column, without id, external_id (and its key), created_at, updated_at,
    version, generation, activity_seq, which the pipeline knows; `rows` are rows of the other tables; `events` are
    numbered by the pipeline; `control_group` holds the participation ids of mailings that were held back from the
    household (the pipeline writes participations and MAILING_CAMPAIGN events, and gives these no event of being sent).
    """

    customer: dict[str, Any] = field(default_factory=dict)
    rows: Rows = field(default_factory=Rows)
    events: list[EventRow] = field(default_factory=list)
    control_group: frozenset[int] = frozenset()
