"""Mistakes: what a word that was typed is forgiven, against a count of mistakes that knows no patterns."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiles.finding.mistakes import (
    may_be_mistaken,
    near_address_candidates,
    near_addresses,
    near_word_candidates,
    near_words,
)
from profiles.finding.trigrams import any_of, asking, each_of


def like(text: str, pattern: str) -> bool:
    """LIKE, as both databases have it."""
    parts = re.findall(r"\\(.)|(.)", pattern, re.DOTALL)
    signs = {"%": ".*", "_": "."}
    regex = "".join(re.escape(escaped) if escaped else signs.get(sign, re.escape(sign)) for escaped, sign in parts)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def is_near(typed: str, name: str) -> bool:
    return any(like(f" {name} ", pattern) for pattern in near_words(typed))


def has_one_mistake(typed: str, meant: str) -> bool:
    """At most one letter wrong, missing or too many, or two neighbors exchanged."""
    is_wrong_allowed = len(typed) >= 5
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    a, b = typed[start:], meant[start:]
    is_wrong = bool(a) and bool(b) and a[1:] == b[1:]
    is_other = a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
    return is_other or (is_wrong and is_wrong_allowed)


def meant_by(typed: str, name: str) -> bool:
    """The rule in its words: up to five letters are compared with whole words, more with what words begin with."""
    starts = [0, *(at + 1 for at, letter in enumerate(name) if letter == " ")]
    ends = [at for at in range(len(name) + 1) if len(typed) > 5 or at == len(name) or name[at] == " "]
    return any(has_one_mistake(typed, name[start:end]) for start in starts for end in ends if end >= start)


@pytest.mark.parametrize(
    ("typed", "name", "expected"),
    [
        # One mistake of each kind.
        ("jhon", "john doe", True),
        ("jahn", "john doe", False),
        ("jahne", "johne doe", True),
        ("johnn", "john doe", True),
        ("jonathan", "johnathan doe", True),
        ("smiht", "jane smith", True),
        # The first and the last letter, too.
        ("dmith", "jane smith", True),
        ("mith", "jane smith", True),
        ("ismth", "jane smith", False),
        ("smitx", "jane smith", True),
        ("smithx", "jane smith", True),
        # Two mistakes are too many, however long the word is.
        ("msiht", "jane smith", False),
        ("schwarzneger", "arnold schwarzenegger", False),
        # Words of three letters have none; words up to five are compared with whole words, longer ones with beginnings.
        ("jan", "jen", False),
        ("anna", "ann doe", True),
        ("anna", "annes doe", False),
        ("annat", "annette doe", False),
        ("anette", "annette doe", True),
        ("johsno", "john johnson", True),
        ("smiht", "jane smithers", False),
        ("smiht", "blacksmith", False),
        # A space is a letter, so that a name may be typed in one word; accents are gone by then.
        ("maryann", "mary ann lee", True),
        ("vandyke", "van dyke", True),
        # Signs mean themselves.
        ("o'niel", "o'neil", True),
        ("5%_a", "5_%a", True),
        ("5%_ab", "5%xab", True),
        ("____", "abcd", False),
        ("%%%%", "abcd", False),
        ("\\\\\\\\", "\\\\\\", True),
        ("a" * 41, "a" * 40, False),
    ],
)
def test_a_word_may_have_one_mistake(typed: str, name: str, expected: bool) -> None:
    assert is_near(typed, name) is expected


letters = st.text(alphabet="ab_%\\", min_size=4, max_size=9)


@given(typed=letters, name=st.text(alphabet="ab_%\\ ", max_size=12))
@example("abab", "baab")
@example("ababa", "ab aba")
def test_the_patterns_are_the_rule_in_its_words(typed: str, name: str) -> None:
    name = " ".join(name.split())
    # As typed is no mistake, and found by a pattern of its own.
    end = " " if len(typed) <= 5 else ""
    assert (is_near(typed, name) or f" {typed}{end}" in f" {name} ") is meant_by(typed, name)


@given(typed=letters)
def test_a_pattern_for_every_mistake_and_none_twice(typed: str) -> None:
    patterns = near_words(typed)
    assert len(patterns) == len(set(patterns)) <= 4 * len(typed)


def test_what_has_no_mistake_has_no_patterns() -> None:
    for word in ("", "a", "ann", "a" * 41):
        assert not may_be_mistaken(word)
        assert near_words(word) == near_word_candidates(word) == ()


@given(typed=st.text(alphabet="ab_%\\", min_size=4, max_size=9), name=st.text(alphabet="ab_%\\ ", max_size=12))
@example("abababa", "babababa")
@example("abababa", "ababab")
def test_what_an_index_is_asked_for_misses_nobody(typed: str, name: str) -> None:
    spaced = f" {' '.join(name.split())} "
    if any(like(spaced, pattern) for pattern in near_words(typed)):
        assert any(like(spaced, pattern) for pattern in near_word_candidates(typed))


@pytest.mark.parametrize(
    ("typed", "address", "expected"),
    [
        ("jane.smiht@mail.test", "jane.smith@mail.test", True),
        ("jane.smiht@", "jane.smith@mail.test", True),
        ("jane.smith@mial", "jane.smith@mail.test", False),
        ("jane.smith@mial.", "jane.smith@mail.test", True),
        ("jane.smiht@mial.", "jane.smith@mail.test", False),
        ("jane.smiht", "jane.smith@mail.test", False),
        ("smiht@mail.test", "smith@mail.test", True),
        ("jhon@mail.test", "john@mail.test", False),
        ("jane.smiht@mail.test", "mary.jane.smith@mail.test", False),
        ("j%ne_smith@mail.test", "j%ne_smiht@mail.test", True),
    ],
)
def test_an_address_may_have_one_mistake_in_either_part(typed: str, address: str, expected: bool) -> None:
    assert any(like(address, pattern) for pattern in near_addresses(typed)) is expected
    if expected:
        assert any(like(address, pattern) for pattern in near_address_candidates(typed))


@pytest.mark.parametrize(
    ("pattern", "asked"),
    [
        ("%smith%", 'name : ("smith")'),
        ("% s_ith%", 'name : ("ith")'),
        ("% smi_th %", 'name : (" smi" AND "th ")'),
        ("% sm%", 'name : (" sm")'),
        ('%50\\%"x%', 'name : ("50%""x")'),
        ("%ab%", None),
        ("ab_cd%", None),
    ],
)
def test_trigrams_are_asked_for_the_stretches_of_a_pattern(pattern: str, asked: str | None) -> None:
    assert asking("name", pattern) == asked


def test_what_cannot_be_asked_narrows_nothing_down() -> None:
    assert any_of(["a", None]) is None
    assert any_of([]) is None
    assert any_of(["a", "b"]) == "(a) OR (b)"
    assert each_of(["a", None]) == "(a)"
    assert each_of([None, None]) is None
