"""Searches ignore case, accents and spacing; a tag's name is trimmed, unique ignoring case, and not too long."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import Invalid, Required
from profiles.text import LIKE_ESCAPE, like_containing, like_prefix, search_key, tag_key, tag_name


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("Ann", "ann", id="case"),
        pytest.param("Zoë Núñez", "zoe nunez", id="accents"),
        pytest.param("Zoe\u0308", "zoe", id="accents of their own"),
        pytest.param("  Ann \t Lee\n", "ann lee", id="spacing"),
        pytest.param("Ann\u00a0Lee\u2003Jr", "ann lee jr", id="other spaces"),
        pytest.param("STRASSE", "strasse", id="double s"),
        pytest.param("Straße", "strasse", id="sharp s"),
        pytest.param("Łódź", "lodz", id="a stroke"),
        pytest.param("Ærøskøbing", "aeroskobing", id="a ligature"),
        pytest.param("İzmir Iş\u0131k", "izmir isik", id="dotted and dotless i"),
        pytest.param("ΟΔΌΣ", "οδοσ", id="final sigma"),
        pytest.param("Пётр", "петр", id="Cyrillic"),
        pytest.param("ﬁnn", "finn", id="a typographic ligature"),
        pytest.param("\uff21nn\uff11", "ann1", id="full width"),
        pytest.param("Ann\x00\u200bLee\ufeff", "annlee", id="invisible characters"),
        pytest.param("100% O'Neil_\\", "100% o'neil_\\", id="punctuation stays"),
        pytest.param(" \u0301 ", "", id="nothing but an accent"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_search_key_ignores_case_accents_and_spacing(text: str, key: str) -> None:
    assert search_key(text) == key


@given(st.text(st.characters(exclude_categories=[])))
def test_a_search_key_of_a_search_key_is_itself(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key
    assert key.encode().decode() == key  # a lone surrogate could not be


def is_like(text: str, pattern: str) -> bool:
    with sqlite3.connect(":memory:") as connection:
        found = connection.execute("SELECT ? LIKE ? ESCAPE ?", (search_key(text), pattern, LIKE_ESCAPE)).fetchone()
    return bool(found[0])


@pytest.mark.parametrize(
    ("text", "prefix", "is_found"),
    [
        ("Zoë Núñez", "ZOE N", True),
        ("Zoe Nunez", "zoë", True),
        ("Zoë Núñez", "nunez", False),
        ("100 percent", "100%", False),
        ("100% sure", "100%", True),
        ("ab", "a_", False),
        ("a_b", "a_", True),
        ("a\\b", "a\\", True),
        ("ab", "a\\", False),
        ("a%b", "a\\%", False),
        ("anything", "", True),
    ],
)
def test_a_prefix_search_takes_every_character_for_itself(text: str, prefix: str, is_found: bool) -> None:
    assert is_like(text, like_prefix(search_key(prefix))) is is_found


@given(text=st.text(st.characters(max_codepoint=127), max_size=12), length=st.integers(0, 12))
def test_a_text_is_found_by_each_of_its_beginnings(text: str, length: int) -> None:
    key = search_key(text)
    assert is_like(key, like_prefix(search_key(key[:length])))


@pytest.mark.parametrize(
    ("text", "part", "is_found"),
    [
        ("Called about Zoë's order", "ZOE", True),
        ("Called about Zoe's order", "Zoë's  Order", True),
        ("Called about an order", "invoice", False),
        ("a 100% refund", "100%", True),
        ("a 100 refund", "100%", False),
        ("anything", " ", True),
    ],
)
def test_a_text_search_finds_a_part_anywhere(text: str, part: str, is_found: bool) -> None:
    assert is_like(text, like_containing(part)) is is_found


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("VIP", "VIP"),
        ("  VIP \n", "VIP"),
        ("Big  Spender", "Big  Spender"),
        ("x", "x"),
        ("x" * 100, "x" * 100),
        (f" {'x' * 100} ", "x" * 100),
        ("cafe\u0301", "café"),
        ("👩‍👧 family", "👩‍👧 family"),
    ],
)
def test_a_tags_name_is_stored_trimmed(raw: str, name: str) -> None:
    assert tag_name(raw) == name


@pytest.mark.parametrize("raw", ["", "   ", "\t\n"])
def test_a_tag_without_a_name_is_refused(raw: str) -> None:
    with pytest.raises(Required):
        tag_name(raw)


@pytest.mark.parametrize("raw", ["x" * 101, "two\nlines", "null\x00byte", "half\ud800"])
def test_a_tags_name_that_cannot_be_stored_is_refused(raw: str) -> None:
    with pytest.raises(Invalid):
        tag_name(raw)


@pytest.mark.parametrize(("one", "other"), [("VIP", "vip"), (" VIP ", "VIP"), ("Größe", "GRÖSSE"), ("É", "e\u0301")])
def test_tags_that_differ_in_case_alone_are_one(one: str, other: str) -> None:
    assert tag_key(one) == tag_key(other)


@pytest.mark.parametrize(("one", "other"), [("VIP", "VIPs"), ("resume", "résumé"), ("a b", "ab")])
def test_tags_that_differ_in_more_than_case_are_two(one: str, other: str) -> None:
    assert tag_key(one) != tag_key(other)
