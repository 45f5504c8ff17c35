"""Search: which texts of a customer a search looks at, and how good a match is."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, exists, func, literal_column, or_, select
from sqlalchemy import any_ as any_of_list

from profiles.account import Account
from profiles.columns import TextList
from profiles.contacts import email_key, phone_key
from profiles.customers import NAME_BETWEEN_SPACES
from profiles.errors import BadRequest
from profiles.finding import trigrams
from profiles.finding.fields import Tables
from profiles.finding.mistakes import (
    near_address_candidates,
    near_addresses,
    near_word_candidates,
    near_words,
)
from profiles.storage.reads import DialectName
from profiles.text import LIKE_ESCAPE, like_prefix, search_key

LONGEST_SEARCH = 200
MOST_WORDS = 6
LEAST_DIGITS = 3
SHORT_WORD = 2
"""A word of so few Latin letters stands for the beginning of a name: it is somewhere in nearly every name."""

ENOUGH_AS_TYPED = 20
"""Mistakes are allowed for where fewer customers than this match as typed: the rest of a page would be empty."""

_SPELLED_NUMBER = re.compile(r"[\d\s()+./\-]+")

IDENTIFIER, NAME_BEGINS, CONTAINED, NEARLY = 0, 1, 2, 3
"""How good a match is: an identifier as it stands, a name that begins so, anything else that matches as typed, and what
matches with a mistake (see `profiles.finding.mistakes`)."""


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What was typed, in the forms that are compared: folded, as an address, as a number, as the digits in it.

    `nearly`: who matches with a mistake is wanted, too.
    """

    folded: str
    words: tuple[str, ...]
    email: str
    phone: str | None
    digits: str | None
    nearly: bool = False

    @property
    def may_be_mistaken(self) -> bool:
        """Whether the rule of mistakes forgives anything here. A number with another digit is another number."""
        if self.phone is not None:
            return False
        return any(near_words(word) for word in self.words if _is_name(word)) or bool(self.near_addresses)

    @property
    def near_addresses(self) -> tuple[str, ...]:
        """The patterns of addresses that this is nearly the beginning of."""
        return near_addresses(self.email) if len(self.words) == 1 else ()


@dataclass(frozen=True, slots=True)
class SearchShape:
    """What the statement depends on. Who may not read personal data searches by external ids alone (ruling 35).

    `by_trigrams`: on SQLite the table of trigrams narrows down whom to compare.
    """

    words: int
    by_phone: bool
    is_personal: bool
    nearly: bool
    by_trigrams: bool


@dataclass(frozen=True, slots=True)
class Search:
    """A search for a viewer: its shape, and the values of its parameters."""

    shape: SearchShape
    parameters: Mapping[str, Any]


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


def search_of(terms: SearchTerms, is_personal: bool) -> Search:
    """A search for a viewer who may or may not read personal data."""
    nearly = terms.nearly and is_personal and terms.may_be_mistaken
    words = [_word(word) for word in terms.words]
    near = _near(terms) if nearly else {}
    values: dict[str, Any] = {
        "s_exact": terms.folded,
        "s_begins": like_prefix(terms.folded),
        "s_email": terms.email,
        "s_email_begins": like_prefix(terms.email),
        "s_phone": terms.phone,
        "s_digits": f"%{like_prefix(terms.digits)}" if terms.digits else None,
    }
    values |= {f"s_word{n}": pattern for n, pattern in enumerate(words)}
    values |= near
    looked_for = [trigrams.asking(trigrams.EXTERNAL_ID, values["s_begins"])]
    if is_personal:
        looked_for += [
            trigrams.asking(trigrams.CRM_ID, values["s_begins"]),
            trigrams.asking(trigrams.EMAIL, values["s_email_begins"]),
            trigrams.each_of(trigrams.asking(trigrams.NAME, pattern) for pattern in words),
        ]
        if terms.phone is not None:
            looked_for += [trigrams.asking(trigrams.PHONE, like_prefix(terms.phone))]
            looked_for += [trigrams.asking(trigrams.PHONE, values["s_digits"])]
        looked_for += _near_looked_for(near, words)
    match = trigrams.any_of(looked_for)
    shape = SearchShape(
        words=len(words) if is_personal else 0,
        by_phone=is_personal and terms.phone is not None,
        is_personal=is_personal,
        nearly=nearly,
        by_trigrams=match is not None,
    )
    return Search(shape, values | {"s_match": match})


def _near(terms: SearchTerms) -> dict[str, tuple[str, ...]]:
    """The patterns of mistakes: of each word in a name and of an address, and with `_wide` what to ask an index for."""
    near: dict[str, tuple[str, ...]] = {"s_near_email": (), "s_near_email_wide": ()}
    if terms.near_addresses:
        near["s_near_email"] = terms.near_addresses
        near["s_near_email_wide"] = near_address_candidates(terms.email)
    for n, word in enumerate(terms.words):
        near[f"s_near{n}"] = near_words(word) if _is_name(word) else ()
        near[f"s_near{n}_wide"] = near_word_candidates(word) if _is_name(word) else ()
    return near


def _is_name(word: str) -> bool:
    """Whether it can be a word of a name: what has a digit in it is an address or an id."""
    return not any(letter in "@_" or letter.isdigit() for letter in word)


def _near_looked_for(near: Mapping[str, tuple[str, ...]], words: Sequence[str]) -> list[str | None]:
    """What to ask the table of trigrams for, one of which every nearly matching customer has."""
    if not near:
        return []
    looked_for = [trigrams.asking(trigrams.EMAIL, pattern) for pattern in near["s_near_email_wide"]]
    for mistaken in range(len(words)):
        patterns = near[f"s_near{mistaken}_wide"]
        if patterns:
            nearly = trigrams.any_of(trigrams.asking(trigrams.NAME, pattern) for pattern in patterns)
            others = [trigrams.asking(trigrams.NAME, word) for n, word in enumerate(words) if n != mistaken]
            looked_for.append(trigrams.each_of([nearly, *others]))
    return looked_for


def _word(word: str) -> str:
    """The pattern of a name, with spaces around it, in which the word stands."""
    is_short = len(word) <= SHORT_WORD and word.isascii()
    return f"% {like_prefix(word)}" if is_short else f"%{like_prefix(word)}"


def matches(shape: SearchShape, tables: Tables, dialect: DialectName) -> ColumnElement[bool]:
    """Whether a customer is found at all."""
    customers = tables.customers
    found = [_as_typed(shape, tables)]
    if shape.nearly:
        name = _name(tables)
        found.append(_is_near(customers.email_key, "s_near_email", dialect))
        # One word with a mistake, the others as typed: two lists of patterns in one part would be looked for in the
        # index in every combination.
        for mistaken in range(shape.words):
            others = [_like(name, f"s_word{n}") for n in range(shape.words) if n != mistaken]
            found.append(and_(_is_near(name, f"s_near{mistaken}", dialect), *others))
    if shape.by_trigrams and dialect == "sqlite":
        return and_(customers.id.in_(trigrams.found_by("s_match")), or_(*found))
    return or_(*found)


def _as_typed(shape: SearchShape, tables: Tables) -> ColumnElement[bool]:
    """Whether a customer matches what was typed as it stands."""
    customers = tables.customers
    if not shape.is_personal:
        return _like(customers.external_id_key, "s_begins")
    name = _name(tables)
    found = [
        _like(customers.external_id_key, "s_begins"),
        _like(customers.crm_id_key, "s_begins"),
        _like(customers.email_key, "s_email_begins"),
        # Every word somewhere in the name: "Doe, Jane" finds Jane Doe.
        and_(*(_like(name, f"s_word{n}") for n in range(shape.words))),
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
    as_typed = [(or_(*identifiers), IDENTIFIER), (begins, NAME_BEGINS)]
    if shape.nearly:
        return case(*as_typed, (_as_typed(shape, tables), CONTAINED), else_=NEARLY)
    return case(*as_typed, else_=CONTAINED)


def _name(tables: Tables) -> ColumnElement[str]:
    """The name with a space before and after, as the index has it."""
    spaced: Any = literal_column(NAME_BETWEEN_SPACES.format(f"{tables.customers.name_key.table.name}.name_key"), Text())
    return spaced  # type: ignore[no-any-return]


def _equal(column: Any, parameter: str) -> ColumnElement[bool]:
    return column == bindparam(parameter, type_=Text())  # type: ignore[no-any-return]  # `column` is typed loosely


def _like(column: Any, parameter: str) -> ColumnElement[bool]:
    return column.like(bindparam(parameter, type_=Text()), escape=LIKE_ESCAPE)  # type: ignore[no-any-return]  # as above


def _is_near(column: Any, parameter: str, dialect: DialectName) -> ColumnElement[bool]:
    """Whether the text matches one of the patterns of mistakes in a parameter."""
    patterns = bindparam(parameter, type_=TextList())
    if dialect == "postgresql":
        # The index is asked for the wide ones. Something is appended to the text, so that it is not for the others.
        # (The backslash is the escape character of LIKE there, unless another is named.)
        wide = bindparam(f"{parameter}_wide", type_=TextList())
        apart = column.op("||")(literal_column("''"))
        return and_(column.like(any_of_list(wide)), apart.like(any_of_list(patterns)))
    each = func.json_each(patterns).table_valued("value").alias("pattern")
    return exists(select(each.c.value).where(column.like(each.c.value, escape=LIKE_ESCAPE)))
