"""What another system says happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from profiles.account import Account, AttributeDefinition, AttributeEntity
from profiles.attributes import canonical
from profiles.customers import IdentifierKind
from profiles.timeline import EventCategory
from profiles.timeline.sessions import ADDED_TO_CART

OWN_ATTRIBUTES = {EventCategory.RECEIPT: AttributeEntity.RECEIPT, EventCategory.ORDER: AttributeEntity.ORDER}
"""Whose own attributes the payload of an event sets, by the keys of their definitions."""

STEPS = frozenset({EventCategory.PAGE_VIEW, EventCategory.PRODUCT_VIEW, EventCategory.CATEGORY_VIEW})
"""What a visitor does step by step; the type says of some what was done beside looking."""

LOYALTY = frozenset({EventCategory.BONUS_ACCRUED, EventCategory.POINTS_ACCRUED})

ACTIVE_FROM_KEY, EXPIRES_AT_KEY = "activeFrom", "expiresAt"
"""The keys of an accrual's payload that say when it becomes usable, and when it ends."""

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""No event is older: what claims to be has lost its date, and the first days of all fall out of other time zones."""

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


def own_attribute(event: RecordedEvent, key: str, account: Account) -> AttributeDefinition | None:
    """The account's own attribute of a receipt or an order that the payload sets under this key."""
    entity = OWN_ATTRIBUTES.get(event.category)
    definition = account.attribute_by_key.get((entity, key)) if entity is not None else None
    return definition if definition is not None and definition.is_custom else None


def with_own_attributes(
    before: Mapping[str, str] | None, event: RecordedEvent, account: Account
) -> dict[str, str] | None:
    """What a receipt's or order's own attributes are after an event: an empty value takes one away."""
    after = dict(before or {})
    for key, value in event.said.items():
        definition = own_attribute(event, key, account)
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
