"""The account: the company's settings, panels, attribute definitions and lists, read once from its TOML file."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from profiles.affinities.rules import ATTRIBUTES
from profiles.amounts import OrderValueBasis
from profiles.errors import SettingsError
from profiles.timeline import EventCategory

DEFAULT_FILE = Path(__file__).with_name("account.default.toml")
CANCELLED = "CANCELLED"
"""The status of an order that never counts, whatever the account's file says (ruling 17)."""


class AttributeType(StrEnum):
    """How an attribute's value is read: canonical text that stands for one of these."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATETIME = "DATETIME"
    CHOICE = "CHOICE"
    MONEY = "MONEY"


class AttributeEntity(StrEnum):
    """What an attribute describes."""

    CUSTOMER = "CUSTOMER"
    RECEIPT = "RECEIPT"
    RECEIPT_ITEM = "RECEIPT_ITEM"
    ORDER = "ORDER"
    ORDER_ITEM = "ORDER_ITEM"


class Block(StrEnum):
    """A place on the screen whose attribute list the account chooses."""

    PROFILE = "PROFILE"
    RECEIPT_LIST = "RECEIPT_LIST"
    RECEIPT_ATTRIBUTES = "RECEIPT_ATTRIBUTES"
    RECEIPT_ITEMS = "RECEIPT_ITEMS"
    ORDER_LIST = "ORDER_LIST"
    ORDER_ATTRIBUTES = "ORDER_ATTRIBUTES"
    ORDER_ITEMS = "ORDER_ITEMS"


class PanelSide(StrEnum):
    """LEFT is static (who they are), RIGHT is the activity side with its tabs."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AttributeDefinition(_Strict):
    """What an attribute is called and how its value reads. `path` is set for built-in ones: the field it shows."""

    key: str
    label: str
    type: AttributeType = AttributeType.TEXT
    entity: AttributeEntity = AttributeEntity.CUSTOMER
    choices: tuple[str, ...] = ()
    is_editable: bool = True
    is_personal: bool = False
    is_custom: bool = True


class Panel(_Strict):
    """A panel's label, side and place; `tab` groups panels of the right side."""

    key: str
    label: str
    side: PanelSide = PanelSide.RIGHT
    tab: str | None = None


class ConsentDefinition(_Strict):
    """A consent that can be granted, and the channels that it blocks while it is revoked."""

    name: str
    label: str
    channels: tuple[str, ...] = ()


class EventType(_Strict):
    """A kind of event that partner systems may record."""

    key: str
    label: str
    category: EventCategory


class MailingCategory(_Strict):
    """A category of mailings to which customers subscribe."""

    key: str
    name: str
    is_active: bool = True


class SegmentDefinition(_Strict):
    """A segment by a rule: whoever the filter (a `CustomerFilter`, as a table) holds for is in it."""

    key: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=100)
    description: str | None = None
    filter: Mapping[str, Any]


class Switches(_Strict):
    """The account's switches and windows (`AccountSettings`)."""

    interest_window_days: int = Field(default=30, ge=1, le=365)
    last_order_value_basis: OrderValueBasis = OrderValueBasis.ORDER_TOTAL
    orders_enabled: bool = True
    order_events_enabled: bool = True
    favorite_stores_enabled: bool = True
    interests_enabled: bool = True
    loyalty_enabled: bool = True
    attribution_days: int = Field(default=5, ge=0, le=90)
    recommendation_pause_days: int = Field(default=30, ge=0, le=365)
    cart_abandoned_minutes: int = Field(default=60, ge=1, le=10_080)
    abandoned_cart_days: int = Field(default=30, ge=1, le=365)
    at_risk_below: float = Field(default=0.5, gt=0, lt=1)
    lapsed_below: float = Field(default=0.2, gt=0, lt=1)

    @field_validator("lapsed_below")
    @classmethod
    def _not_above_risk(cls, limit: float, info: ValidationInfo) -> float:
        if limit > info.data.get("at_risk_below", limit):
            raise ValueError("who has lapsed is at risk too, so it is not above at_risk_below")
        return limit


class Account(_Strict):
    """The whole account, as its file says."""

    name: str
    currency: str
    time_zone: str
    country: str
    settings: Switches = Switches()
    order_statuses: tuple[str, ...]
    counting_order_statuses: tuple[str, ...]
    affinity_attributes: tuple[str, ...] = Field(default=("category", "brand", "department", "store"), min_length=1)
    panels: tuple[Panel, ...]
    attributes: tuple[AttributeDefinition, ...] = ()
    views: Mapping[Block, tuple[str, ...]] = Field(default_factory=dict)
    consents: tuple[ConsentDefinition, ...] = ()
    event_types: tuple[EventType, ...] = ()
    mailing_categories: tuple[MailingCategory, ...] = ()
    segments: tuple[SegmentDefinition, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name!r} is not a time zone of the IANA list") from None
        return name

    @field_validator("segments")
    @classmethod
    def _once(cls, segments: tuple[SegmentDefinition, ...]) -> tuple[SegmentDefinition, ...]:
        for said in ("key", "name"):
            values = [getattr(segment, said).casefold() for segment in segments]
            twice = next((value for place, value in enumerate(values) if value in values[:place]), None)
            if twice is not None:
                raise ValueError(f"two segments have the {said} {twice!r}")
        return segments

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str) -> str:
        if len(code) != 3 or not code.isascii() or not code.isupper():
            raise ValueError(f"{code!r} is not a currency code such as USD")
        return code

    @field_validator("counting_order_statuses")
    @classmethod
    def _countable(cls, statuses: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        unknown = [status for status in statuses if status not in info.data.get("order_statuses", statuses)]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is none of order_statuses")
        if CANCELLED in statuses:
            raise ValueError("cancelled orders never count")
        return statuses

    @field_validator("affinity_attributes")
    @classmethod
    def _known_attributes(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for place, name in enumerate(names):
            if name not in ATTRIBUTES:
                raise ValueError(f"{name!r} is none of {', '.join(ATTRIBUTES)}")
            if name in names[:place]:
                raise ValueError(f"{name!r} stands there twice")
        return names

    @cached_property
    def zone(self) -> ZoneInfo:
        """The account's time zone: days are calendar days there (ruling 4)."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def consent_names(self) -> Mapping[str, ConsentDefinition]:
        """Consent definitions by name."""
        return {consent.name: consent for consent in self.consents}

    @cached_property
    def attribute_by_key(self) -> Mapping[tuple[AttributeEntity, str], AttributeDefinition]:
        """Attribute definitions, built-in and custom, by entity and key."""
        return {(definition.entity, definition.key): definition for definition in self.all_attributes}

    @cached_property
    def all_attributes(self) -> tuple[AttributeDefinition, ...]:
        """Built-in attributes first, then the account's own."""
        return BUILT_IN_ATTRIBUTES + self.attributes

    @cached_property
    def disabled_panels(self) -> frozenset[str]:
        """The keys of the panels that are switched off: null, without an error (ruling 33)."""
        switches = {
            "orders": self.settings.orders_enabled,
            "favoriteStores": self.settings.favorite_stores_enabled,
            "interests": self.settings.interests_enabled,
            "loyalty": self.settings.loyalty_enabled,
        }
        return frozenset(panel for panel, enabled in switches.items() if not enabled)


def _built_in(entity: AttributeEntity, *rows: tuple[str, str, AttributeType, bool]) -> tuple[AttributeDefinition, ...]:
    return tuple(
        AttributeDefinition(
            key=key, label=label, type=type_, entity=entity, is_editable=False, is_personal=personal, is_custom=False
        )
        for key, label, type_, personal in rows
    )


T = AttributeType
BUILT_IN_ATTRIBUTES: tuple[AttributeDefinition, ...] = (
    *_built_in(
        AttributeEntity.CUSTOMER,
        ("externalId", "External ID", T.TEXT, False),
        ("crmId", "CRM ID", T.TEXT, True),
        ("firstName", "First name", T.TEXT, True),
        ("lastName", "Last name", T.TEXT, True),
        ("gender", "Gender", T.CHOICE, True),
        ("birthDate", "Date of birth", T.DATE, True),
        ("country", "Country", T.TEXT, True),
        ("city", "City", T.TEXT, True),
        ("address", "Address", T.TEXT, True),
        ("createdAt", "Profile created", T.DATETIME, False),
        ("registeredAt", "Registered", T.DATETIME, False),
        ("subscribedAt", "Subscribed", T.DATETIME, False),
        ("metrics.receiptCount", "Receipts", T.NUMBER, False),
        ("metrics.firstReceiptAt", "First receipt", T.DATETIME, False),
        ("metrics.lastReceiptAt", "Last receipt", T.DATETIME, False),
        ("metrics.receiptTotal", "Total in receipts", T.MONEY, False),
        ("metrics.orderCount", "Orders", T.NUMBER, False),
        ("metrics.orderTotal", "Total in orders", T.MONEY, False),
        ("metrics.lastActivityAt", "Last activity", T.DATETIME, False),
        ("loyalty.accrued", "Bonuses ever accrued", T.NUMBER, False),
        ("loyalty.active", "Active bonuses", T.NUMBER, False),
        ("loyalty.pendingActivation", "Bonuses pending activation", T.NUMBER, False),
        ("loyalty.pendingDeactivation", "Bonuses pending deactivation", T.NUMBER, False),
        ("loyalty.nextDeactivationAt", "Next deactivation of bonuses", T.DATETIME, False),
        ("loyalty.points", "Points", T.NUMBER, False),
        ("rfm.segment", "RFM segment", T.CHOICE, False),
        ("rfm.recency", "Recency", T.NUMBER, False),
        ("rfm.frequency", "Frequency", T.NUMBER, False),
        ("rfm.monetary", "Monetary", T.NUMBER, False),
        ("lifecycle.stage", "Life cycle", T.CHOICE, False),
        ("lifecycle.atRiskAt", "At risk from", T.DATETIME, False),
        ("lifecycle.lapsedAt", "Lapsed from", T.DATETIME, False),
        ("lifecycle.probabilityAlive", "Probability alive", T.NUMBER, False),
        ("lifecycle.expectedOrdersNext90Days", "Orders expected in 90 days", T.NUMBER, False),
    ),
    *_built_in(
        AttributeEntity.RECEIPT,
        ("externalId", "Identifier", T.TEXT, False),
        ("number", "Number", T.TEXT, False),
        ("issuedAt", "Date", T.DATETIME, False),
        ("status", "Status", T.TEXT, False),
        ("paymentStatus", "Payment status", T.TEXT, False),
        ("productTotal", "Product cost", T.MONEY, False),
        ("deliveryCost", "Delivery cost", T.MONEY, False),
        ("discount", "Discount", T.MONEY, False),
        ("total", "Total", T.MONEY, False),
        ("store", "Store", T.TEXT, False),
    ),
    *_built_in(
        AttributeEntity.RECEIPT_ITEM,
        ("productExternalId", "Identifier", T.TEXT, False),
        ("name", "Name", T.TEXT, False),
        ("quantity", "Quantity", T.NUMBER, False),
        ("price", "Price", T.MONEY, False),
        ("total", "Total cost", T.MONEY, False),
    ),
    *_built_in(
        AttributeEntity.ORDER,
        ("externalId", "Identifier", T.TEXT, False),
        ("number", "Number", T.TEXT, False),
        ("placedAt", "Date", T.DATETIME, False),
        ("origin", "Origin", T.CHOICE, False),
        ("status", "Status", T.TEXT, False),
        ("deliveryStatus", "Delivery status", T.TEXT, False),
        ("paymentStatus", "Payment status", T.TEXT, False),
        ("productCount", "Products", T.NUMBER, False),
        ("productCost", "Product cost", T.MONEY, False),
        ("subtotal", "Subtotal", T.MONEY, False),
        ("discount", "Discount", T.MONEY, False),
        ("tax", "Tax", T.MONEY, False),
        ("shipping", "Shipping", T.MONEY, False),
        ("total", "Total", T.MONEY, False),
        ("source", "Source", T.TEXT, False),
        ("couponCode", "Coupon code", T.TEXT, False),
        ("store", "Store", T.TEXT, False),
    ),
    *_built_in(
        AttributeEntity.ORDER_ITEM,
        ("productExternalId", "Identifier", T.TEXT, False),
        ("name", "Name", T.TEXT, False),
        ("quantity", "Quantity", T.NUMBER, False),
        ("unitPrice", "Price", T.MONEY, False),
        ("total", "Total cost", T.MONEY, False),
    ),
)


def load_account(path: Path | None = None) -> Account:
    """The account of a TOML file, or the default one. Raises SettingsError naming the file and the place."""
    source = path or DEFAULT_FILE
    try:
        values: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The account file {source} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The account file {source} is not valid TOML: {error}.") from error
    try:
        return Account.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsError(f"The account file {source} is wrong at {place}: {first['msg']}.") from error
