"""Search: which texts of a customer a search looks at, and how good a match is."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, or_

from profiles.account import Account
from profiles.contacts import email_key, phone_key
from profiles.errors import BadRequest
from profiles.finding.fields import Tables
from profiles.text import LIKE_ESCAPE, like_prefix, search_key

LONGEST_SEARCH = 200
MOST_WORDS = 6
LEAST_DIGITS = 3
_SPELLED_NUMBER = re.compile(r"[\d\s()+./\-]+")

IDENTIFIER, NAME_BEGINS, CONTAINED = 0, 1, 2
"""How good a match is: an identifier as it stands, a name that begins so, anything else that matches."""


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What was typed, in the forms that are compared: folded, as an address, as a number, as the digits in it."""

    folded: str
    words: tuple[str, ...]
    email: str
    phone: str | None
    digits: str | None


@dataclass(frozen=True, slots=True)
class SearchShape:
    """What the statement depends on. Who may not read personal data searches by external ids alone (ruling 35)."""

    words: int
    by_phone: bool
    is_personal: bool


def search_terms(text: str | None, account: Account) -> SearchTerms | None:
    """What was typed, None where it is blank. Raises BadRequest for more than 200 characters."""
    if text is None:
        return None
    if len(text) > LONGEST_SEARCH:
        raise BadRequest(f"A search has at most {LONGEST_SEARCH} characters.", ("search",))
    folded = search_key(text)
    if not folded:
        return None
    digits = plain_digits(text)
    is_number = len(digits) >= LEAST_DIGITS and _SPELLED_NUMBER.fullmatch(text) is not None
    return SearchTerms(
        folded=folded,
        words=tuple(folded.replace(",", " ").split()[:MOST_WORDS]) or (folded,),
        email=(email_key(search_text(text)) or folded),
        phone=phone_key(text, None, account.country) or digits if is_number else None,
        # A number written for its own country begins with a zero that the stored form lacks.
        digits=digits.lstrip("0") or digits if is_number else None,
    )


def search_text(text: str) -> str:
    """The text without the characters that no database column can hold."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in {"Cc", "Cs"})


def plain_digits(text: str) -> str:
    """The digits of a text, whatever the script."""
    return "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())


def search_shape(terms: SearchTerms, is_personal: bool) -> SearchShape:
    """The shape of a search for a viewer who may or may not read personal data."""
    if not is_personal:
        return SearchShape(0, False, False)
    return SearchShape(len(terms.words), terms.phone is not None, True)


def search_parameters(terms: SearchTerms) -> Mapping[str, Any]:
    """The values of a search; a shape uses those it names."""
    values = {
        "s_exact": terms.folded,
        "s_begins": like_prefix(terms.folded),
        "s_email": terms.email,
        "s_email_begins": like_prefix(terms.email),
        "s_phone": terms.phone,
        "s_digits": f"%{like_prefix(terms.digits)}" if terms.digits else None,
    }
    return values | {f"s_word{n}": f"%{like_prefix(word)}" for n, word in enumerate(terms.words)}


def matches(shape: SearchShape, tables: Tables) -> ColumnElement[bool]:
    """Whether a customer is found at all."""
    customers = tables.customers
    if not shape.is_personal:
        return _like(customers.external_id_key, "s_begins")
    found = [
        _like(customers.external_id_key, "s_begins"),
        _like(customers.crm_id_key, "s_begins"),
        _like(customers.email_key, "s_email_begins"),
        # Every word somewhere in the name: "Doe, Jane" finds Jane Doe.
        and_(*(_like(customers.name_key, f"s_word{n}") for n in range(shape.words))),
    ]
    if shape.by_phone:
        found += [_equal(customers.phone_key, "s_phone"), _like(customers.phone_key, "s_digits")]
    return or_(*found)


def rank(shape: SearchShape, tables: Tables) -> ColumnElement[int]:
    """How good the match is, the best least."""
    customers = tables.customers
    identifiers = [_equal(customers.external_id_key, "s_exact")]
    if not shape.is_personal:
        return case((identifiers[0], IDENTIFIER), else_=CONTAINED)
    identifiers += [_equal(customers.crm_id_key, "s_exact"), _equal(customers.email_key, "s_email")]
    if shape.by_phone:
        identifiers.append(_equal(customers.phone_key, "s_phone"))
    begins = or_(_like(customers.name_key, "s_begins"), _like(customers.last_name_key, "s_begins"))
    return case((or_(*identifiers), IDENTIFIER), (begins, NAME_BEGINS), else_=CONTAINED)


def _equal(column: Any, parameter: str) -> ColumnElement[bool]:
    return column == bindparam(parameter, type_=Text())  # type: ignore[no-any-return]  # `column` is typed loosely


def _like(column: Any, parameter: str) -> ColumnElement[bool]:
    return column.like(bindparam(parameter, type_=Text()), escape=LIKE_ESCAPE)  # type: ignore[no-any-return]  # as above
