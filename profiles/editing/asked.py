"""What an edit asks for, and how each value is checked before anything is locked or written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from profiles.account import Account, AttributeDefinition, AttributeEntity
from profiles.attributes import Typed, canonical
from profiles.contacts import email_key, phone_key
from profiles.countries import country_codes
from profiles.customers import SubscriptionStatus
from profiles.errors import Invalid, TooMany, WriteRefused
from profiles.text import is_one_line, search_key

MOST_ATTRIBUTES = 100
LONGEST_EMAIL = 320
LONGEST_PHONE = 50
LONGEST_TEXTS: Mapping[str, int] = {"first_name": 100, "last_name": 100, "city": 100, "address": 500}
EARLIEST_BIRTH = date(1900, 1, 1)
# Column, the name of its input and of its entry in the history, and its name for people.
FIELDS: Mapping[str, tuple[str, str]] = {
    "first_name": ("firstName", "First name"),
    "last_name": ("lastName", "Last name"),
    "gender": ("gender", "Gender"),
    "birth_date": ("birthDate", "Date of birth"),
    "country": ("country", "Country"),
    "city": ("city", "City"),
    "address": ("address", "Address"),
    "email": ("email", "Email"),
    "phone": ("phone", "Phone"),
    "subscription_status": ("subscriptionStatus", "Subscription"),
}


@dataclass(frozen=True, slots=True)
class AttributeEdit:
    """A custom attribute's new value as text; None removes it."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """What to change: new values by column of `FIELDS` (None clears; an absent one is left alone), and attributes."""

    values: Mapping[str, Any]
    attributes: Sequence[AttributeEdit] = ()
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """An edit's values as they can be stored, and a refusal for each that cannot."""

    values: Mapping[str, Any]
    attributes: Mapping[AttributeDefinition, Typed | None]
    refusals: Sequence[WriteRefused]


def checked(edit: Edit, account: Account, today: date) -> Checked:
    """Every value looked at, so that one call tells everything that is wrong. Texts are trimmed; a blank one clears."""
    refusals: list[WriteRefused] = []
    values: dict[str, Any] = {}
    for column, asked in edit.values.items():
        value = asked.strip() or None if isinstance(asked, str) and column in _TEXT_CHECKS else asked
        if value is not None and (fault := _fault(column, value, today)) is not None:
            refusals.append(Invalid(fault, (FIELDS[column][0],)))
        else:
            values[column] = _stored(column, value)
    return Checked(values, _attributes(edit.attributes, account, refusals), refusals)


def _stored(column: str, value: Any) -> Any:
    if column == "country" and value is not None:
        return value.upper()
    if column == "subscription_status":
        return value or SubscriptionStatus.NEVER_SUBSCRIBED
    return value


def _fault(column: str, value: Any, today: date) -> str | None:
    if column in _TEXT_CHECKS:
        label = FIELDS[column][1]
        return f"{label} must be one line of text." if not is_one_line(value) else _TEXT_CHECKS[column](value)
    if column == "birth_date" and not EARLIEST_BIRTH <= value <= today:
        return f"A date of birth is between {EARLIEST_BIRTH.isoformat()} and today."
    return None


def _text(column: str) -> Callable[[str], str | None]:
    longest, label = LONGEST_TEXTS[column], FIELDS[column][1]

    def fault(value: str) -> str | None:
        key = search_key(value)
        # Folding can make many letters of one, and the key is indexed.
        if len(value) > longest or len(key) > 2 * longest:
            return f"{label} has at most {longest} characters."
        return None if key else f"{label} must have a visible character."

    return fault


def _email(value: str) -> str | None:
    # A member of staff can correct what they have typed, so what is no address at all is refused; an address that only
    # looks wrong is kept, with its warning, as it is when a source sends it (ruling 26).
    if len(value) > LONGEST_EMAIL:
        return f"An email address has at most {LONGEST_EMAIL} characters."
    name, _, domain = value.rpartition("@")
    is_address = bool(name) and bool(domain) and not any(letter.isspace() for letter in value)
    return None if is_address and email_key(value) else "An email address has the form name@domain."


def _phone(value: str) -> str | None:
    if len(value) > LONGEST_PHONE:
        return f"A phone number has at most {LONGEST_PHONE} characters."
    return None if phone_key(value, None, "") else "A phone number has digits."


def _country(value: str) -> str | None:
    return None if value.upper() in country_codes() else "A country is written as its ISO 3166 code, for example US."


_TEXT_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    **{column: _text(column) for column in LONGEST_TEXTS},
    "email": _email,
    "phone": _phone,
    "country": _country,
}


def _attributes(
    asked: Sequence[AttributeEdit], account: Account, refusals: list[WriteRefused]
) -> dict[AttributeDefinition, Typed | None]:
    if len(asked) > MOST_ATTRIBUTES:
        refusals.append(TooMany(f"One call changes at most {MOST_ATTRIBUTES} attributes.", ("attributes",)))
        return {}
    found: dict[AttributeDefinition, Typed | None] = {}
    for place, edit in enumerate(asked):
        at = ("attributes", str(place))
        definition = account.attribute_by_key.get((AttributeEntity.CUSTOMER, edit.key))
        if definition is None:
            refusals.append(Invalid(f"There is no attribute {edit.key[:100]!r}.", (*at, "key")))
        elif not (definition.is_custom and definition.is_editable):
            refusals.append(Invalid(f"{definition.label} cannot be edited as an attribute.", (*at, "key")))
        elif definition in found:
            refusals.append(Invalid(f"{definition.label} is named twice.", (*at, "key")))
        else:
            found[definition] = _value(definition, edit.value, (*at, "value"), refusals)
    return found


def _value(
    definition: AttributeDefinition, asked: str | None, at: tuple[str, ...], refusals: list[WriteRefused]
) -> Typed | None:
    text = asked.strip() if asked is not None else ""
    if not text:
        return None
    if not is_one_line(text):
        refusals.append(Invalid(f"{definition.label} must be one line of text.", at))
        return None
    try:
        return canonical(definition, text)
    except Invalid as refusal:
        refusals.append(Invalid(refusal.message, at))
        return None
