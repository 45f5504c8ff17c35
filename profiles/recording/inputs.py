"""What another system says happened, and what is wrong with it before the database is asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from profiles.account import Account, AttributeDefinition, AttributeEntity
from profiles.attributes import canonical
from profiles.customers import IdentifierKind
from profiles.errors import Invalid, Required, TooMany, WriteRefused
from profiles.money import is_currency, to_minor
from profiles.orders import OrderOrigin
from profiles.text import is_storable
from profiles.timeline import EventCategory
from profiles.timeline.sessions import ADDED_TO_CART

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
OWN_ATTRIBUTES = {EventCategory.RECEIPT: AttributeEntity.RECEIPT, EventCategory.ORDER: AttributeEntity.ORDER}
"""Whose own attributes the payload of an event sets, by the keys of their definitions."""

STEPS = frozenset({EventCategory.PAGE_VIEW, EventCategory.PRODUCT_VIEW, EventCategory.CATEGORY_VIEW})
"""What a visitor does step by step; the type says of some what was done beside looking."""

LOYALTY = frozenset({EventCategory.BONUS_ACCRUED, EventCategory.POINTS_ACCRUED})

ACTIVE_FROM_KEY, EXPIRES_AT_KEY = "activeFrom", "expiresAt"
"""The keys of an accrual's payload that say when it becomes usable, and when it ends."""

MOST_ITEMS = 500
MOST_PAYLOAD = 50
LARGEST_QUANTITY = Decimal(10**9)
LARGEST_EVENT_MINOR = 10**14
"""All lines of an event together. What a customer's, and everybody's, amounts add up to must fit into 64 bits."""

LARGEST_SAID = Decimal(10**12)
LARGEST_ACCRUAL = Decimal(10**9)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""No event is older: what claims to be has lost its date, and the first days of all fall out of other time zones."""

CLOCKS_APART = timedelta(minutes=5)
"""How far ahead the clock of another system may be."""

# The payload's keys that mean something here, by what their values must be; every other key is a detail for people.
AMOUNTS = frozenset({"discount", "tax", "shipping", "deliveryCost", "amount"})
FLAGS = frozenset({"isReturned", "isAttributed", "isControlGroup"})

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """Whom an event is about: an id, or an identifier: its kind, what it is looked up by, and how it was written."""

    customer_id: int | None = None
    kind: IdentifierKind | None = None
    value: str | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedItem:
    """A line of a receipt, an order or a cart; `unit_price` is in `currency`, or in the account's where it is None."""

    product_external_id: str
    name: str | None
    quantity: Decimal
    unit_price: Decimal
    currency: str | None


@dataclass(frozen=True)
class RecordedEvent:
    """One event as it was sent; `payload` keeps its order, `position` is its place in the call.

    An entry of the payload whose value is null says nothing, but has its place.
    """

    position: int
    customer: CustomerRef
    external_id: str
    category: EventCategory
    type: str
    name: str | None
    description: str | None
    occurred_at: datetime
    store_id: int | None
    session_external_id: str | None
    url: str | None
    product_external_id: str | None
    order_external_id: str | None
    items: tuple[RecordedItem, ...]
    payload: tuple[tuple[str, str | None], ...]

    @cached_property
    def said(self) -> Mapping[str, str]:
        """The payload by key."""
        return {key: value for key, value in self.payload if value is not None}

    def word(self, key: str) -> str | None:
        """A text of the payload; None where it is blank or not said."""
        return self.said.get(key, "").strip() or None

    def amount(self, key: str) -> Decimal:
        """A number of the payload, 0 where it is not said."""
        return Decimal(self.said.get(key, "0"))

    @property
    def is_added_to_cart(self) -> bool:
        """Whether it says that something was put into the cart."""
        return self.category in STEPS and self.type == ADDED_TO_CART

    def moment(self, key: str) -> datetime | None:
        """An instant of the payload, None where it is not said."""
        return instant_of(self.said[key]) if key in self.said else None

    def is_said(self, key: str) -> bool:
        """A yes or no of the payload, no where it is not said."""
        return self.said.get(key) == "true"

    def path(self, *field: str) -> Path:
        """Where a field of this event stands in the input."""
        return ("events", str(self.position), *field)


def _own_attribute(event: RecordedEvent, key: str, account: Account) -> AttributeDefinition | None:
    """The account's own attribute of a receipt or an order that the payload sets under this key."""
    entity = OWN_ATTRIBUTES.get(event.category)
    definition = account.attribute_by_key.get((entity, key)) if entity is not None else None
    return definition if definition is not None and definition.is_custom else None


def with_own_attributes(
    before: Mapping[str, str] | None, event: RecordedEvent, account: Account
) -> dict[str, str] | None:
    """What a receipt's or order's own attributes are after an event: an empty value takes one away."""
    after = dict(before or {})
    for key, value in event.payload:
        definition = _own_attribute(event, key, account)
        if definition is not None and value:
            after[key] = canonical(definition, value).text
        elif definition is not None:
            after.pop(key, None)
    return after or None


def instant_of(text: str) -> datetime | None:
    """The instant that an ISO text with its time zone says; None where it says none that can be stored."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None and moment.year >= EARLIEST.year else None
    except (ValueError, OverflowError):
        return None


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
        elif value and (definition := _own_attribute(event, key, account)) is not None:
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
