"""Where a value stands in the answer, as linked tuples: most are thrown away unread, so they must cost nothing."""

from typing import TypeAlias

from graphql.pyutils import Path

At: TypeAlias = "tuple[At | None, str | int, str | None] | None"
"""The place of the parent, the response name or the index, and the parent type's name (None for an index)."""


def field_of(at: At) -> At:
    """The place of the field that a value belongs to: the items of a list are told the place of the list."""
    while at is not None and at[2] is None:
        at = at[0]
    return at


def path_of(at: At) -> Path | None:
    """The same as graphql-core's Path; None at the root."""
    if at is None:
        return None
    before, key, typename = at
    return Path(path_of(before), key, typename)
