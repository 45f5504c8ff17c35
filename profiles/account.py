"""The account: the company's settings, panels, attribute definitions and lists, read once from its TOML file."""

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from profiles.affinities.rules import ATTRIBUTES
from profiles.amounts import OrderValueBasis
from profiles.attribute_definitions import BLOCK_ENTITY, Strict
from profiles.attribute_definitions import BUILT_IN_ATTRIBUTES as BUILT_IN_ATTRIBUTES
from profiles.attribute_definitions import AttributeDefinition as AttributeDefinition
from profiles.attribute_definitions import AttributeEntity as AttributeEntity
from profiles.attribute_definitions import AttributeType as AttributeType
from profiles.attribute_definitions import Block as Block
from profiles.contacts import Channel
from profiles.countries import country_codes
from profiles.errors import SettingsError
from profiles.event_types import OWN_EVENT_TYPES
from profiles.event_types import EventType as EventType
from profiles.money import is_currency

DEFAULT_FILE = Path(__file__).with_name("account.default.toml")
CANCELLED = "CANCELLED"
"""The status of an order that never counts, whatever the account's file says (ruling 17)."""
WITH_OWN_ATTRIBUTES = (AttributeEntity.CUSTOMER, AttributeEntity.RECEIPT, AttributeEntity.ORDER)
"""What an account can define attributes of its own for."""


TOLD_APART_BY = {"panels": ("key",), "consents": ("name",), "mailing_categories": ("key",), "segments": ("key", "name")}
"""What two parts of a list must not have in common; case does not tell two apart."""


class PanelSide(StrEnum):
    """LEFT is static (who they are), RIGHT is the activity side with its tabs."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class Panel(Strict):
    """A panel's label, side and place; `tab` groups panels of the right side."""

    key: str
    label: str
    side: PanelSide = PanelSide.RIGHT
    tab: str | None = None


class ConsentDefinition(Strict):
    """A consent that can be granted, and the channels that it blocks while it is revoked."""

    name: str
    label: str
    channels: tuple[Channel, ...] = ()


class MailingCategory(Strict):
    """A category of mailings to which customers subscribe."""

    key: str
    name: str
    is_active: bool = True


class SegmentDefinition(Strict):
    """A segment by a rule: whoever the filter (a `CustomerFilter`, as a table) holds for is in it."""

    key: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=100)
    description: str | None = None
    filter: Mapping[str, Any]


class Switches(Strict):
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


class Account(Strict):
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

    @field_validator("panels", "consents", "mailing_categories", "segments")
    @classmethod
    def _each_once(cls, parts: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        for said in TOLD_APART_BY[info.field_name or ""]:
            twice = _twice(getattr(part, said).casefold() for part in parts)
            if twice is not None:
                raise ValueError(f"two {info.field_name} have the {said} {twice!r}")
        return parts

    @field_validator("country")
    @classmethod
    def _known_country(cls, code: str) -> str:
        if code not in country_codes():
            raise ValueError(f"{code!r} is not a country code of ISO 3166 such as US")
        return code

    @field_validator("panels")
    @classmethod
    def _known_panels(cls, panels: tuple[Panel, ...]) -> tuple[Panel, ...]:
        unknown = next((panel.key for panel in panels if panel.key not in _panel_keys()), None)
        if unknown is not None:
            raise ValueError(f"there is no panel {unknown!r}; the default file has every one")
        return panels

    @field_validator("event_types")
    @classmethod
    def _types_once(cls, types: tuple[EventType, ...]) -> tuple[EventType, ...]:
        # One key in two categories is two types.
        twice = _twice((each.key, each.category.value) for each in types)
        if twice is not None:
            raise ValueError(f"two event types of {twice[1]} have the key {twice[0]!r}")
        return types

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str) -> str:
        if not is_currency(code):
            raise ValueError(f"{code!r} is not a currency code of ISO 4217 such as USD")
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

    @field_validator("attributes")
    @classmethod
    def _own(cls, definitions: tuple[AttributeDefinition, ...]) -> tuple[AttributeDefinition, ...]:
        known = {(definition.entity, definition.key) for definition in BUILT_IN_ATTRIBUTES}
        for definition in definitions:
            if definition.entity not in WITH_OWN_ATTRIBUTES:
                whose = ", ".join(WITH_OWN_ATTRIBUTES)
                raise ValueError(f"{definition.key!r} is of a {definition.entity}, but only {whose} can have their own")
            if (definition.entity, definition.key) in known:
                raise ValueError(f"{definition.key!r} is an attribute of a {definition.entity} already")
            if definition.type is AttributeType.CHOICE and not definition.choices:
                raise ValueError(f"{definition.key!r} is a CHOICE without choices")
            known.add((definition.entity, definition.key))
        # Those of purchases are said by events: nobody edits them.
        return tuple(
            definition
            if definition.entity is AttributeEntity.CUSTOMER
            else definition.model_copy(update={"is_editable": False})
            for definition in definitions
        )

    @field_validator("views")
    @classmethod
    def _shown(cls, views: Mapping[Block, tuple[str, ...]], info: ValidationInfo) -> Mapping[Block, tuple[str, ...]]:
        definitions = (*BUILT_IN_ATTRIBUTES, *info.data.get("attributes", ()))
        known = {(definition.entity, definition.key) for definition in definitions}
        for block, keys in views.items():
            entity = BLOCK_ENTITY[block]
            unknown = next((key for key in keys if (entity, key) not in known), None)
            if unknown is not None:
                raise ValueError(f"{block} shows {unknown!r}, which is no attribute of a {entity}")
            twice = _twice(keys)
            if twice is not None:
                raise ValueError(f"{block} shows {twice!r} twice")
        return views

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
    def all_event_types(self) -> tuple[EventType, ...]:
        """The file's event types, then those of the gateway's own events that the file does not name itself."""
        named = {(each.category, each.key) for each in self.event_types}
        return (*self.event_types, *(each for each in OWN_EVENT_TYPES if (each.category, each.key) not in named))

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


T = TypeVar("T")


def _twice(values: Iterable[T]) -> T | None:
    """The first value that was there before; None where each is there once."""
    seen: set[T] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


@cache
def _panel_keys() -> frozenset[str]:
    """The keys of all panels: the default file has every one (a test says so)."""
    panels = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))["panels"]
    return frozenset(panel["key"] for panel in panels)


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
        raise SettingsError(f"The account file {source} is wrong at {place}: {_said(first['msg'])}.") from error


def _said(message: str) -> str:
    """What pydantic says of a value that one of our own rules refuses, in the rule's words."""
    return message.removeprefix("Value error, ")
