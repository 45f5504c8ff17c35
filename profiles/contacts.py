"""Contacts: what an email address and a phone number are worth, what they are looked up by, and how they are masked.

Everything is derived from what was received, on every read, and nothing is cached: an erased person must not stay.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from profiles.viewer import Scope, Viewer


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    PUSH = "PUSH"
    PHONE = "PHONE"


class ContactWarning(StrEnum):
    """What the icon beside a contact says."""

    MISSING = "MISSING"
    INVALID = "INVALID"


class PhoneType(StrEnum):
    """What the number alone tells; UNKNOWN where the country's numbers do not tell, or it is neither of the two."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class EmailContact:
    """`warning` is None when the address is present and valid; `value` is None only when it is missing."""

    value: str | None
    warning: ContactWarning | None

    def shown_to(self, viewer: Viewer) -> "EmailContact":
        """As the viewer may see it: masked without `personal:read`; the warning shows either way."""
        if self.value is None or viewer.may(Scope.PERSONAL_READ):
            return self
        return replace(self, value=mask_email(self.value))


@dataclass(frozen=True, slots=True)
class PhoneContact:
    """`value` is E.164 when valid, else as received; `formatted` is for people, None unless it is valid."""

    value: str | None
    formatted: str | None
    type: PhoneType
    warning: ContactWarning | None

    def shown_to(self, viewer: Viewer) -> "PhoneContact":
        """As the viewer may see it: masked without `personal:read`; type and warning show either way."""
        if self.value is None or viewer.may(Scope.PERSONAL_READ):
            return self
        return replace(self, value=mask_phone(self.value), formatted=None)


_TYPES: Mapping[int, PhoneType] = {
    PhoneNumberType.MOBILE: PhoneType.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneType.LANDLINE,
}
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_LEAST_DIGITS_TO_SHOW_TWO = 7


def read_email(raw: str | None, hard_bounced: bool) -> EmailContact:
    """The address and its warning, by syntax alone (no DNS); `hard_bounced` means since the address last changed."""
    if raw is None or not raw.strip():
        return EmailContact(None, ContactWarning.MISSING)
    if hard_bounced or _normalized(raw) is None:
        return EmailContact(raw, ContactWarning.INVALID)
    return EmailContact(raw.strip(), None)


def read_phone(raw: str | None, country: str | None, account_country: str) -> PhoneContact:
    """The number read with the customer's country (ISO 3166 alpha-2), else the account's, when it has no +."""
    if raw is None or not raw.strip():
        return PhoneContact(None, None, PhoneType.UNKNOWN, ContactWarning.MISSING)
    number = _parsed(raw, country, account_country)
    if number is None or not phonenumbers.is_valid_number(number):
        return PhoneContact(raw, None, PhoneType.UNKNOWN, ContactWarning.INVALID)
    return PhoneContact(
        value=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        formatted=phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        type=_TYPES.get(phonenumbers.number_type(number), PhoneType.UNKNOWN),
        warning=None,
    )


def email_key(raw: str | None) -> str | None:
    """What an address is looked up by: case ignored, the domain in Unicode; None where there is none.

    Lower case, not case folding, which makes ss of ß: straße.de and strasse.de are the domains of two people.
    """
    if raw is None or not raw.strip():
        return None
    return (_normalized(raw) or unicodedata.normalize("NFC", raw.strip())).lower()


def phone_key(raw: str | None, country: str | None, account_country: str) -> str | None:
    """What a number is looked up by: E.164 where it is a possible number, else its digits; None where it has none."""
    if raw is None:
        return None
    number = _parsed(raw, country, account_country)
    if number is not None and phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return _digits(raw) or None


def mask_email(address: str) -> str:
    """The first letter and the domain: `a***@example.com`; of what is no address, the first letter alone."""
    shown = address.strip()
    domain = shown.partition("@")[2] if _ADDRESS.fullmatch(shown) else ""
    return f"{shown[:1]}***@{domain}" if domain else f"{shown[:1].strip('@')}***"


def mask_phone(number: str) -> str:
    """The last two digits: `***89`; nothing of a number too short to hide behind them."""
    digits = _digits(number)
    return f"***{digits[-2:]}" if len(digits) >= _LEAST_DIGITS_TO_SHOW_TWO else "***"


def _normalized(raw: str) -> str | None:
    try:
        return validate_email(raw.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _parsed(raw: str, country: str | None, account_country: str) -> PhoneNumber | None:
    number = _read(raw, _region(country) or _region(account_country))
    digits = _digits(raw)
    if digits.startswith("00") and (number is None or not phonenumbers.is_possible_number(number)):
        # Most of the world dials 00 for abroad, also where the customer's own country does not.
        abroad = _read(f"+{digits[2:]}", None)
        return abroad if abroad is not None and phonenumbers.is_possible_number(abroad) else number
    return number


def _read(raw: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(raw, region)
    except NumberParseException:
        return None


def _region(country: str | None) -> str | None:
    """None for a code that the numbering plans do not know, so that the next one is tried."""
    region = (country or "").strip().upper()
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _digits(raw: str) -> str:
    return "".join(str(unicodedata.decimal(letter)) for letter in raw if letter.isdecimal())
