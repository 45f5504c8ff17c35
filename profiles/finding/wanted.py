"""What is wanted, as conditions: texts, numbers and amounts are brought into the form in which they are compared."""

import unicodedata
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from phonenumbers import country_code_for_region

from profiles.account import Account
from profiles.amounts import OrderValueBasis
from profiles.contacts import Channel, PhoneType, email_key, phone_key
from profiles.customers import CustomerKind
from profiles.finding.fields import FIELDS, Kind
from profiles.finding.search import plain_digits, search_text
from profiles.finding.tree import NOBODY, All, AnyOf, Filter, Not, Operator, Where
from profiles.money import LARGEST_MINOR, exponent
from profiles.stored_amounts import MILLI_DIGITS
from profiles.text import like_prefix, search_key
from profiles.timeline.details import LifecycleStage

CONTAINS, BEGINS, EQUALS = "contains", "starts_with", "equals"


def text_condition(name: str, how: str, text: str, account: Account) -> Filter:
    """A text field compared as a whole, by its beginning or by a part of it; case and accents are ignored."""
    kind = FIELDS[name].kind
    if kind is Kind.PHONE:
        return _phone(name, how, text, account)
    key = _address(text, how) if kind is Kind.EMAIL else search_key(text)
    return _worded(name, how, key)


def _worded(name: str, how: str, key: str) -> Filter:
    if how == EQUALS:
        return Where(name, Operator.EQUALS, key)
    pattern = like_prefix(key)
    return Where(name, Operator.LIKE, pattern if how == BEGINS else f"%{pattern}")


def _address(text: str, how: str) -> str:
    """An address is stored as it is looked up: in lower case, accents kept, since they tell two domains apart."""
    plain = search_text(text)
    if how == EQUALS:
        return email_key(plain) or ""
    return unicodedata.normalize("NFC", plain.strip()).lower()


def _phone(name: str, how: str, text: str, account: Account) -> Filter:
    """A number in any spelling: with +, with 00, or as it is dialled inside the account's country."""
    if how == EQUALS:
        return Where(name, Operator.EQUALS, phone_key(search_text(text), None, account.country) or "")
    plain, digits = search_text(text).strip(), plain_digits(text)
    if not digits:
        # Nothing but blanks or a + is the beginning of every number; words are in none.
        return _worded(name, how, plain) if plain in ("", "+") else NOBODY
    national = digits.lstrip("0")
    if how == CONTAINS:
        return AnyOf(tuple(_worded(name, how, part) for part in dict.fromkeys((digits, national)) if part))
    if plain.startswith("+"):
        # What is no possible number is kept as its digits alone, whatever it was received with.
        return AnyOf(tuple(_worded(name, how, begin) for begin in (f"+{digits}", digits)))
    if digits.startswith("00"):
        return _worded(name, how, f"+{digits[2:]}")
    calling_code = country_code_for_region(account.country)
    return AnyOf(tuple(_worded(name, how, begin) for begin in (digits, f"+{digits}", f"+{calling_code}{national}")))


def of_kind(kind: CustomerKind) -> Filter:
    """Who is of a kind, as `profiles.metrics.MetricsRow.kind` says it of one."""
    if kind is CustomerKind.CUSTOMER:
        return Where("purchase_count", Operator.AT_LEAST, 1)
    return Where("purchase_count", Operator.AT_MOST, 0)


def of_stages(stages: Sequence[str]) -> Filter:
    """Who is in one of these stages, as of the last recompute or purchase; a lead has never purchased."""
    parts: list[Filter] = [Where("lifecycle_stage", Operator.AMONG, tuple(stages))]
    if LifecycleStage.LEAD in stages:
        parts.append(of_kind(CustomerKind.CONTACT))
    return AnyOf(tuple(parts))


def reachable_by(channel: Channel, account: Account) -> Filter:
    """Who can be reached by a channel in general, as `profiles.reachability.reachability` says it of one."""
    parts: list[Filter] = [Where("subscribed_channels", Operator.AMONG, (channel.value,))]
    if channel is Channel.EMAIL:
        parts.append(presence("email_warning", True))
    if channel in (Channel.SMS, Channel.PHONE):
        parts.append(presence("phone_warning", True))
    if channel is Channel.SMS:
        parts.append(Not(Where("phone_type", Operator.AMONG, (PhoneType.LANDLINE.value,))))
    blocking = tuple(consent.name for consent in account.consents if channel.value in consent.channels)
    if blocking:
        parts.append(Not(Where("consent_revoked", Operator.AMONG, blocking)))
    return All(tuple(parts))


def last_order_field(account: Account) -> str:
    """The field that holds the last order's value on the account's basis (ruling 7)."""
    with_charges = account.settings.last_order_value_basis == OrderValueBasis.ORDER_TOTAL
    return "last_order_value" if with_charges else "last_order_products"


def presence(name: str, is_missing: bool) -> Filter:
    """Whether a field has no value."""
    return Where(name, Operator.IS_MISSING if is_missing else Operator.IS_PRESENT)


def least_minor(amount: Decimal, currency: str) -> int:
    """The least amount in minor units that is not below the bound."""
    return _whole(amount.scaleb(exponent(currency)), ROUND_CEILING)


def greatest_minor(amount: Decimal, currency: str) -> int:
    """The greatest amount in minor units that is not above the bound."""
    return _whole(amount.scaleb(exponent(currency)), ROUND_FLOOR)


def least_milli(number: Decimal) -> int:
    """The least number of thousandths that is not below the bound."""
    return _whole(number.scaleb(MILLI_DIGITS), ROUND_CEILING)


def greatest_milli(number: Decimal) -> int:
    """The greatest number of thousandths that is not above the bound."""
    return _whole(number.scaleb(MILLI_DIGITS), ROUND_FLOOR)


def least_whole(number: Decimal) -> int:
    """The least whole number that is not below the bound."""
    return _whole(number, ROUND_CEILING)


def greatest_whole(number: Decimal) -> int:
    """The greatest whole number that is not above the bound."""
    return _whole(number, ROUND_FLOOR)


def _whole(number: Decimal, rounding: str) -> int:
    # A bound beyond what a column holds is as good as the column's own end.
    return max(-LARGEST_MINOR, min(LARGEST_MINOR, int(number.to_integral_value(rounding))))
