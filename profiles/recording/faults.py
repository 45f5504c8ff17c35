"""What is wrong with an event that another system sends, before the database is asked."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from profiles.account import Account, AttributeDefinition
from profiles.attributes import canonical
from profiles.errors import Invalid, Required, TooMany, WriteRefused
from profiles.money import is_currency, to_minor
from profiles.orders import OrderOrigin
from profiles.recording.inputs import (
    ACTIVE_FROM_KEY,
    EARLIEST,
    EXPIRES_AT_KEY,
    LOYALTY,
    Path,
    RecordedEvent,
    RecordedItem,
    instant_of,
    own_attribute,
)
from profiles.text import is_storable
from profiles.timeline import EventCategory

KEPT_BY_THE_GATEWAY = frozenset(
    {
        EventCategory.TAG_ASSIGNED,
        EventCategory.LIFECYCLE,
        EventCategory.CONSENT,
        EventCategory.NOTE,
        EventCategory.SEGMENT,
        EventCategory.PROFILE,
    }
)
"""What the gateway writes itself, with what it is about; another system cannot say that it happened."""

WITH_ITEMS = frozenset({EventCategory.RECEIPT, EventCategory.ORDER, EventCategory.CART_ABANDONED})
MOST_ITEMS = 500
MOST_PAYLOAD = 50
LARGEST_QUANTITY = Decimal(10**9)
LARGEST_EVENT_MINOR = 10**14
"""All lines of an event together. What a customer's, and everybody's, amounts add up to must fit into 64 bits."""

LARGEST_SAID = Decimal(10**12)
LARGEST_ACCRUAL = Decimal(10**9)
CLOCKS_APART = timedelta(minutes=5)
"""How far ahead the clock of another system may be."""

# The payload's keys that mean something here, by what their values must be; every other key is a detail for people.
AMOUNTS = frozenset({"discount", "tax", "shipping", "deliveryCost", "amount"})
FLAGS = frozenset({"isReturned", "isAttributed", "isControlGroup"})

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)


def faults(event: RecordedEvent, account: Account, now: datetime) -> Iterator[WriteRefused]:
    """Everything that is wrong with an event by itself."""
    if event.category in KEPT_BY_THE_GATEWAY:
        yield Invalid(f"{event.category} events are written by the gateway itself.", event.path("category"))
    if event.occurred_at < EARLIEST:
        yield Invalid(f"An event cannot lie before {EARLIEST.year}.", event.path("occurredAt"))
    if event.occurred_at > now + CLOCKS_APART:
        yield Invalid("An event cannot lie in the future.", event.path("occurredAt"))
    if event.customer.given is not None and not event.customer.given.strip():
        # It would open one contact for everybody whose identifier the sender has lost.
        yield Required("An identifier is missing.", event.path("customer"))
    yield from _text(event.external_id, 200, event.path("externalId"))
    yield from _text(event.type, 100, event.path("type"))
    yield from _text(event.name, 200, event.path("name"))
    yield from _text(event.description, 2_000, event.path("description"))
    yield from _text(event.session_external_id, 200, event.path("sessionId"))
    yield from _text(event.product_external_id, 200, event.path("productExternalId"))
    yield from _text(event.order_external_id, 200, event.path("orderExternalId"))
    yield from _items(event, account)
    yield from _payload(event, account)


def _text(text: str | None, most: int, path: Path) -> Iterator[WriteRefused]:
    if text is None:
        return
    if not text.strip():
        yield Required("A text is missing.", path)
    elif len(text) > most:
        yield Invalid(f"This has at most {most} characters.", path)
    elif not is_storable(text):
        yield Invalid("This text contains characters that cannot be stored.", path)


def _items(event: RecordedEvent, account: Account) -> Iterator[WriteRefused]:
    if not event.items:
        return
    if event.category not in WITH_ITEMS and not event.is_added_to_cart:
        yield Invalid("Only receipts, orders, carts and what is added to a cart have items.", event.path("items"))
    if len(event.items) > MOST_ITEMS:
        yield TooMany(f"An event has at most {MOST_ITEMS} items.", event.path("items"))
        return
    if len({item.currency or account.currency for item in event.items}) > 1:
        yield Invalid("The items of one event are in one currency.", event.path("items"))
    wrong = [
        fault
        for number, item in enumerate(event.items)
        for fault in _item(item, account, event.path("items", str(number)))
    ]
    yield from wrong
    if not wrong and sum(_line_minor(item, account) for item in event.items) > LARGEST_EVENT_MINOR:
        yield Invalid("The lines together are too large an amount.", event.path("items"))


def _item(item: RecordedItem, account: Account, path: Path) -> Iterator[WriteRefused]:
    currency = item.currency or account.currency
    yield from _text(item.product_external_id, 200, (*path, "productExternalId"))
    yield from _text(item.name, 500, (*path, "name"))
    if not is_currency(currency):
        yield Invalid("This is no currency of ISO 4217.", (*path, "currencyCode"))
        return
    if not 0 <= item.quantity <= LARGEST_QUANTITY or item.quantity * 1000 % 1:
        yield Invalid("A quantity is 0 or more, with at most three decimals.", (*path, "quantity"))
    elif not 0 <= item.unit_price <= LARGEST_EVENT_MINOR:
        yield Invalid("A price is 0 or more, and not that large.", (*path, "unitPrice"))
    elif _line_minor(item, account) > LARGEST_EVENT_MINOR:
        yield Invalid("The line is too large an amount.", path)


def _line_minor(item: RecordedItem, account: Account) -> Decimal:
    # A line without a quantity costs its price.
    return to_minor(item.unit_price, item.currency or account.currency) * max(item.quantity, Decimal(1))


def _payload(event: RecordedEvent, account: Account) -> Iterator[WriteRefused]:
    path = event.path("payload")
    if len(event.payload) > MOST_PAYLOAD:
        yield TooMany(f"A payload has at most {MOST_PAYLOAD} entries.", path)
        return
    if len(event.said) < sum(value is not None for _, value in event.payload):
        yield Invalid("A payload has each key once.", path)
    for number, (key, value) in enumerate(event.payload):
        place = (*path, str(number))
        yield from _text(key, 100, (*place, "key"))
        if value is None:
            continue
        if len(value) > 1_000 or not is_storable(value):
            yield Invalid("A value has at most 1,000 characters that can be stored.", (*place, "value"))
        elif (fault := _fault(event, key, value, account)) is not None:
            yield Invalid(fault, (*place, "value"))
        elif value and (definition := own_attribute(event, key, account)) is not None:
            yield from _attribute(definition, value, (*place, "value"))
    if event.category in LOYALTY and "amount" not in event.said:
        yield Required("The payload must say the amount.", path)
    if event.category is EventCategory.BONUS_ACCRUED:
        yield from _span(event)


def _attribute(definition: AttributeDefinition, value: str, path: Path) -> Iterator[WriteRefused]:
    try:
        canonical(definition, value)
    except Invalid as refused:
        yield Invalid(str(refused), path)


def _span(event: RecordedEvent) -> Iterator[WriteRefused]:
    """When bonuses begin and end."""
    expires_at = event.moment(EXPIRES_AT_KEY)
    if expires_at is not None and expires_at <= (event.moment(ACTIVE_FROM_KEY) or event.occurred_at):
        yield Invalid("Bonuses expire after they have become active.", event.path("payload"))


def _fault(event: RecordedEvent, key: str, value: str, account: Account) -> str | None:
    """What is wrong with a value that means something for this kind of event."""
    is_purchase = event.category in (EventCategory.RECEIPT, EventCategory.ORDER)
    if key in AMOUNTS and (is_purchase or event.category in LOYALTY):
        if not _NUMBER.fullmatch(value):
            return "An amount is a number with a point, for example 12.50."
        if Decimal(value) < 0 and is_purchase:
            return "An amount is 0 or more."
        if abs(Decimal(value)) > (LARGEST_SAID if is_purchase else LARGEST_ACCRUAL):
            return "An amount is not that large."
    is_moment = event.category is EventCategory.BONUS_ACCRUED and key in (ACTIVE_FROM_KEY, EXPIRES_AT_KEY)
    if is_moment and instant_of(value) is None:
        return "A moment is written as 2026-01-31T09:30:00Z."
    if key in FLAGS and value not in ("true", "false"):
        return "This is true or false."
    if event.category is EventCategory.ORDER and key == "status" and value not in account.order_statuses:
        return f"The status of an order is one of {', '.join(account.order_statuses)}."
    if event.category is EventCategory.ORDER and key == "origin" and value not in OrderOrigin.__members__:
        return f"The origin of an order is one of {', '.join(OrderOrigin)}."
    return None
