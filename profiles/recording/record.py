"""Recording events: all of a call or none, each external id of a customer once, with all that they tell."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import col, func, select

from profiles.account import Account
from profiles.changes import Change
from profiles.customers import Customer, judge_contacts
from profiles.errors import NotFound, Refusals, TooMany, WriteRefused
from profiles.metrics import CustomerMetrics
from profiles.recording.attribution import credit_clicks
from profiles.recording.cart_lines import price_carts
from profiles.recording.carting import keep_carts
from profiles.recording.contacts import find_customers, make_contacts
from profiles.recording.faults import faults
from profiles.recording.inputs import CustomerRef, RecordedEvent
from profiles.recording.loyalty import keep_loyalty
from profiles.recording.participations import keep_participations
from profiles.recording.placed import Placed
from profiles.recording.purchases import Purchased, keep_purchases
from profiles.recording.senders import heard_from
from profiles.recording.shelves import (
    MAILING_KEY,
    Shelves,
    business_units_of_stores,
    category_seen,
    fill_shelves,
    mailing_ids,
)
from profiles.recording.visits import follow_visits
from profiles.recording.wishing import keep_wishes
from profiles.scoring.rescoring import rescore
from profiles.storage.pairs import paired
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.summaries import recompute_summaries
from profiles.summaries.activity import recompute_activity
from profiles.summaries.affinities import change_affinities, contributions
from profiles.timeline import EventCategory, TimelineEvent

MOST_EVENTS = 500
MOST_FAULTS = 20
"""How many of its faults a refused call is told."""

VIEWS = frozenset({EventCategory.CATEGORY_VIEW, EventCategory.PRODUCT_VIEW})
MAILINGS = frozenset({EventCategory.MAILING_MASS, EventCategory.MAILING_CAMPAIGN, EventCategory.EMAIL})


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many events were written, and how many had been before."""

    recorded: int
    duplicates: int


async def record_events(
    unit: Unit, account: Account, sender: str, events: Sequence[RecordedEvent], create_contacts: bool, now: datetime
) -> Recorded:
    """Writes the events that are new. Raises TooMany, or Refusals with what is wrong with any of them.

    `sender` names the caller, and so the data source, where there is one of that name.
    """
    if len(events) > MOST_EVENTS:
        raise TooMany(f"A call has at most {MOST_EVENTS} events; there were {len(events)}.", ("events",))
    _refuse(fault for event in events for fault in faults(event, account, now))
    stores, mailings = await business_units_of_stores(unit, events), await mailing_ids(unit, events)
    _refuse(_unknown(events, stores, mailings))
    customers = await find_customers(unit, {event.customer for event in events})
    missing = dict.fromkeys(event.customer for event in events if event.customer not in customers)
    _refuse(_without_customer(events, missing, create_contacts))
    customers |= await make_contacts(unit, account, missing, now)
    new = await _new(unit, events, customers)
    placed = [
        Placed(customers[event.customer].id, event, stores.get(event.store_id) if event.store_id is not None else None)
        for event in new
    ]
    purchased = await _keep(unit, account, placed, mailings, now)
    await _bounce(unit, account, placed, customers)
    fresh = {customers[ref].id for ref in missing}
    told_of = {each.customer_id for each in placed} | fresh
    await _sum_up(unit, account, told_of, purchased.customer_ids | fresh)
    connection = await unit.session.connection()
    await change_affinities(connection, unit.dialect, account, purchased.changes, now)
    await rescore(unit, account, sorted(purchased.customer_ids), now)
    await heard_from(unit, sender, told_of, now)
    return Recorded(len(new), len(events) - len(new))


def _refuse(refusals: Iterator[WriteRefused]) -> None:
    first = list(islice(refusals, MOST_FAULTS))
    if first:
        raise Refusals(first)


def _unknown(
    events: Sequence[RecordedEvent], stores: Mapping[int, int | None], mailings: Mapping[str, int]
) -> Iterator[WriteRefused]:
    for event in events:
        if event.store_id is not None and event.store_id not in stores:
            yield NotFound("There is no such store.", event.path("storeId"))
        if event.category in MAILINGS and event.said.get(MAILING_KEY, "") not in {"", *mailings}:
            yield NotFound("There is no such mailing.", event.path("payload"))


def _without_customer(
    events: Sequence[RecordedEvent], missing: Mapping[CustomerRef, object], create_contacts: bool
) -> Iterator[WriteRefused]:
    for event in events:
        is_identifier = event.customer.kind is not None and event.customer.value is not None
        if event.customer in missing and not (create_contacts and is_identifier):
            yield NotFound("There is no such customer.", event.path("customer"))


async def _new(
    unit: Unit, events: Sequence[RecordedEvent], customers: Mapping[CustomerRef, Customer]
) -> list[RecordedEvent]:
    """The events whose external id their customer does not have yet, each once. The customers are locked, so that no
    other call can be adding one of them."""
    keys = [(customers[event.customer].id, event.external_id) for event in events]
    if not keys:
        return []
    found = await unit.session.exec(
        select(col(TimelineEvent.customer_id), col(TimelineEvent.external_id)).join(
            *paired(unit.dialect, table(TimelineEvent), "external_id", sorted(set(keys)))
        )
    )
    seen = {(customer_id, external_id) for customer_id, external_id in found}
    new = []
    for key, event in zip(keys, events, strict=True):
        if key not in seen:
            seen.add(key)
            new.append(event)
    return new


async def _keep(
    unit: Unit, account: Account, placed: Sequence[Placed], mailings: Mapping[str, int], now: datetime
) -> Purchased:
    """Writes the events and what they tell; gives what that changes of summaries."""
    shelves = await fill_shelves(unit, [each.said for each in placed])
    for each in placed:
        _fill_in(each, shelves, mailings)
    await price_carts(unit, account, placed, shelves)
    purchased = await keep_purchases(unit, account, placed, shelves)
    credited = await credit_clicks(unit, account, placed)
    await keep_participations(unit, placed)
    await keep_loyalty(unit, placed)
    await keep_carts(unit, account, placed)
    await keep_wishes(unit, placed)
    await follow_visits(unit, placed, now)
    names = {(kind.category, kind.key): kind.label for kind in account.event_types}
    views = []
    for each in placed:
        if each.visit is not None:
            unit.happened(each.visit)
        if not each.is_adopted:
            said = each.said
            name = said.name or names.get((said.category, said.type)) or said.type.replace("_", " ").capitalize()
            event = each.event(name, now)
            unit.happened(event)
            if event.category in VIEWS:
                views.append((event.customer_id, event.id))
    unit.number_events()
    await unit.session.flush()
    seen = await contributions(await unit.session.connection(), unit.dialect, account, views=views)
    changes = [*purchased.changes, *((1, row) for row in seen)]
    return Purchased(purchased.customer_ids | credited, changes)


def _fill_in(placed: Placed, shelves: Shelves, mailings: Mapping[str, int]) -> None:
    said = placed.said
    product = shelves.products.get(said.product_external_id or "")
    if product is not None:
        placed.product_id, placed.description = product.id, product.name
        placed.viewed_category_id = product.category_id if said.category in VIEWS else None
    if (name := category_seen(said)) is not None:
        placed.viewed_category_id, placed.description = shelves.categories[name], name
    if said.category in MAILINGS:
        placed.subject_id = mailings.get(said.said.get(MAILING_KEY, ""))


async def _bounce(
    unit: Unit, account: Account, placed: Sequence[Placed], customers: Mapping[CustomerRef, Customer]
) -> None:
    """A hard bounce makes an address invalid until it changes (ruling 26); one from before the change was another's."""
    bounced = [each for each in placed if each.said.category is EventCategory.EMAIL and _is_hard_bounce(each.said)]
    if not bounced:
        return
    changes = await unit.session.exec(
        select(col(Change.customer_id), func.max(col(Change.at)))
        .where(col(Change.customer_id).in_({each.customer_id for each in bounced}), col(Change.field) == "email")
        .group_by(col(Change.customer_id))
    )
    changed_at: dict[int, datetime] = dict(changes.all())
    for each in bounced:
        said, customer = each.said, customers[each.said.customer]
        if said.occurred_at >= changed_at.get(each.customer_id, said.occurred_at):
            customer.email_bounced_at = max(said.occurred_at, customer.email_bounced_at or said.occurred_at)
            judge_contacts(customer, account.country)
            unit.session.add(customer)


def _is_hard_bounce(said: RecordedEvent) -> bool:
    return said.type == "email_bounced" and said.said.get("bounce") == "hard"


async def _sum_up(unit: Unit, account: Account, customer_ids: Set[int], changed: Set[int]) -> None:
    """Purchases are summed up anew only where they changed: a page view must not read a whole history."""
    known = set()
    if customer_ids:
        known = set(
            await unit.session.exec(
                select(col(CustomerMetrics.customer_id)).where(col(CustomerMetrics.customer_id).in_(customer_ids))
            )
        )
    whole = changed | (customer_ids - known)
    connection = await unit.session.connection()
    await recompute_summaries(connection, unit.dialect, account, sorted(whole))
    await recompute_activity(connection, unit.dialect, sorted(customer_ids - whole))
