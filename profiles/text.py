"""Text: how names are searched without regard to case and accents, and what a tag may be called."""

import re
import unicodedata

from profiles.errors import Invalid, Required

LIKE_ESCAPE = "\\"
"""For the ESCAPE clause beside every `like_prefix`: SQLite has no escape character unless told."""

LONGEST_TAG_NAME = 100

# Letters that a person types without their stroke or ligature, but that Unicode does not take apart.
_WITHOUT_STROKE = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe"})
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# Control characters, invisible marks, lone surrogates: nobody types them, and PostgreSQL refuses some of them.
_UNSEEN = {"Cc", "Cf", "Cs"}
_NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


def search_key(text: str) -> str:
    """What is compared in a search: no case, no accents, single spaces; searching by it twice changes nothing."""
    if text.isascii() and text.isprintable():
        # Most texts: nothing to take apart and nothing to leave out.
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter for letter in " ".join(folded.split()) if _is_kept(letter))
    return " ".join(plain.translate(_WITHOUT_STROKE).split())


def is_storable(text: str) -> bool:
    """Whether a column of both databases can hold it; what it cannot hold is no value of any row."""
    return _UNSTORABLE.search(text) is None


def like_prefix(key: str) -> str:
    """The LIKE pattern of everything that begins with the key; %, _ and the escape character mean themselves."""
    for special in (LIKE_ESCAPE, "%", "_"):
        key = key.replace(special, LIKE_ESCAPE + special)
    return f"{key}%"


def like_containing(text: str) -> str:
    r"""A LIKE pattern (escape character \) for keys that contain the text, case and accents ignored."""
    return "%" + like_prefix(search_key(text))


def search_parameter(search: str | None) -> dict[str, str]:
    """The parameter `search` of a statement, for keys that contain the text; none where nothing is searched for."""
    return {} if search is None else {"search": like_containing(search)}


def tag_name(raw: str) -> str:
    """The name as it is stored: trimmed, 1 to 100 characters in one line. Raises Required, Invalid."""
    name = unicodedata.normalize("NFC", raw).strip()
    if not name:
        raise Required("A tag needs a name.")
    if len(name) > LONGEST_TAG_NAME:
        raise Invalid(f"A tag's name has at most {LONGEST_TAG_NAME} characters.")
    if not is_one_line(name):
        raise Invalid("A tag's name is one line of text.")
    return name


def is_one_line(text: str) -> bool:
    """Whether it has no control character (NUL, line ends, tabs) and nothing that UTF-8 cannot carry."""
    return not any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in text)


def tag_key(name: str) -> str:
    """What makes two tags the same: the trimmed name, case ignored; accents count, unlike in a search."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def _is_kept(letter: str) -> bool:
    return not unicodedata.combining(letter) and unicodedata.category(letter) not in _UNSEEN
