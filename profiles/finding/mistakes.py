"""Mistakes: when a word that was typed is nearly a word of a name. One rule, as patterns that both databases compare.

One word of a search, of four letters or more, may have one mistake: a letter is wrong, missing or too many, or two
neighbors are exchanged. In a word of four letters a wrong letter is no mistake but another name (mark and mary). A word
of up to five letters is compared with whole words, a longer one with the beginnings of words, since it may not be typed
to its end yet. Any character counts as a letter, also the space between two words: "maryann" is nearly "mary ann".
Shorter words, and words longer than anybody's, may have none.

An email may have one, too, in either part of five letters or more, compared from its beginning.

Each pattern keeps three letters in a row, or two at an end of a word: by those an index finds it. That is why short
words are compared more strictly. There are four patterns for every letter, so for longer words the index is asked for
fewer and wider ones, and what it brings is compared with those that are meant.
"""

from profiles.text import LIKE_ESCAPE

LEAST_LETTERS = 4
"""Of three letters two are left beside a mistake, and two letters are in half of all names."""

WRONG_FROM = 5
"""From this length on a letter may be wrong."""

WHOLE_WORDS_TO = 5
"""Words up to this length are compared with whole words."""

MOST_LETTERS = 40
"""There are four patterns for every letter, and each of them is looked for."""

WIDE_FROM = 7
"""From this length on two neighbors can be left out, and what remains still has three letters in a row."""

ANY_LETTER = "_"


def may_be_mistaken(word: str) -> bool:
    """Whether the word is of a length at which a mistake is forgiven."""
    return LEAST_LETTERS <= len(word) <= MOST_LETTERS


def near_words(word: str) -> tuple[str, ...]:
    """The LIKE patterns (escape character \\) of what stands in ` name ` where the word is typed with a mistake.

    The text they are compared with has one space before, after and between words. None for a word that may have none.
    """
    return tuple(f"% {form}{_end(word)}" for form in _forms(word))


def near_word_candidates(word: str) -> tuple[str, ...]:
    """Fewer patterns, which what `near_words` matches matches, too."""
    return tuple(f"% {form}{_end(word)}" for form in _wide(word))


def near_addresses(address: str) -> tuple[str, ...]:
    """The LIKE patterns of emails that begin with this text, typed with a mistake before or after its @."""
    local, at, domain = address.partition("@")
    if not at:
        return ()
    plain_local, plain_domain = "".join(_letters(local)), "".join(_letters(domain))
    return (
        *(f"{form}@{plain_domain}%" for form in _parts_forms(local)),
        *(f"{plain_local}@{form}%" for form in _parts_forms(domain)),
    )


def near_address_candidates(address: str) -> tuple[str, ...]:
    """Fewer patterns, which what `near_addresses` matches matches, too: domains are too many people's to ask for."""
    local, at, domain = address.partition("@")
    if not at:
        return ()
    as_typed = ("".join(_letters(local)),) if _parts_forms(domain) else ()
    return tuple(f"{form}@%" for form in (*as_typed, *(_wide(local) if _parts_forms(local) else ())))


def _parts_forms(part: str) -> tuple[str, ...]:
    return _forms(part) if len(part) >= WRONG_FROM else ()


def _end(word: str) -> str:
    return " %" if len(word) <= WHOLE_WORDS_TO else "%"


def _letters(word: str) -> list[str]:
    return [LIKE_ESCAPE + letter if letter in (LIKE_ESCAPE, "%", "_") else letter for letter in word]


def _forms(word: str) -> tuple[str, ...]:
    """What the word may have been meant to be, the likeliest mistake first, each form once."""
    if not may_be_mistaken(word):
        return ()
    letters, places = _letters(word), range(len(word))
    exchanged = [[*letters[:i], letters[i + 1], letters[i], *letters[i + 2 :]] for i in places[:-1]]
    wrong = [[*letters[:i], ANY_LETTER, *letters[i + 1 :]] for i in places if len(word) >= WRONG_FROM]
    too_many = [letters[:i] + letters[i + 1 :] for i in places]
    missing = [[*letters[:i], ANY_LETTER, *letters[i:]] for i in (*places, len(letters))]
    return tuple(dict.fromkeys("".join(form) for form in (*exchanged, *wrong, *too_many, *missing)))


def _wide(word: str) -> tuple[str, ...]:
    """Forms in which any two neighbors are left open: a mistake is in one of these places."""
    if not WIDE_FROM <= len(word) <= MOST_LETTERS:
        return _forms(word)
    letters = _letters(word)
    return tuple("".join((*letters[:i], "%", *letters[i + 2 :])) for i in range(len(letters) - 1))
