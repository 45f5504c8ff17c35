"""Mistakes: when a word that was typed is nearly a word of a name. One rule, as patterns that both databases compare.

A word of four letters or more may have one mistake: a letter is wrong, missing or too many, or two neighbors are
exchanged. A word of four letters is compared with whole words, a longer one with the beginnings of words, since it may
not be typed to its end yet. Any character counts as a letter, also the space between two words: "maryann" is nearly
"mary ann". Shorter words, and words longer than anybody's, may have none.
"""

from profiles.text import LIKE_ESCAPE

LEAST_LETTERS = 4
"""Of three letters two are left beside a mistake, and two letters are in half of all names."""

WHOLE_WORDS_TO = 4
"""Words up to this length are compared with whole words: the beginnings of four letters but one are too many."""

MOST_LETTERS = 40
"""There are four patterns for every letter, and each of them is looked for."""

ANY_LETTER = "_"


def may_be_mistaken(word: str) -> bool:
    """Whether the word is of a length at which a mistake is forgiven."""
    return LEAST_LETTERS <= len(word) <= MOST_LETTERS


def near_words(word: str) -> tuple[str, ...]:
    """The LIKE patterns (escape character \\) of what stands in ` name ` where the word is typed with a mistake.

    The text they are compared with has one space before, after and between words. None for a word that may have none.
    """
    end = " %" if len(word) <= WHOLE_WORDS_TO else "%"
    return tuple(f"% {form}{end}" for form in _forms(word))


def near_beginnings(text: str) -> tuple[str, ...]:
    """The LIKE patterns of texts that begin with this text typed with a mistake; none where it may have none."""
    return tuple(f"{form}%" for form in _forms(text)) if len(text) > WHOLE_WORDS_TO else ()


def _forms(word: str) -> tuple[str, ...]:
    """What the word may have been meant to be, the likeliest mistake first, each form once."""
    if not may_be_mistaken(word):
        return ()
    letters = [LIKE_ESCAPE + letter if letter in (LIKE_ESCAPE, "%", "_") else letter for letter in word]
    places = range(len(letters))
    exchanged = [[*letters[:i], letters[i + 1], letters[i], *letters[i + 2 :]] for i in places[:-1]]
    wrong = [[*letters[:i], ANY_LETTER, *letters[i + 1 :]] for i in places]
    too_many = [letters[:i] + letters[i + 1 :] for i in places]
    missing = [[*letters[:i], ANY_LETTER, *letters[i:]] for i in (*places, len(letters))]
    return tuple(dict.fromkeys("".join(form) for form in (*exchanged, *wrong, *too_many, *missing)))
