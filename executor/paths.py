"""Where a value stands in the answer, as linked tuples: most are thrown away unread, so they must cost nothing."""

from typing import TypeAlias

from graphql.pyutils import Path

At: TypeAlias = "tuple[At | None, str | int, str | None] | None"
"""The place of the parent, the response name or the index, and the parent type's name (None for an index)."""


def path_of(at: At) -> Path | None:
    """The same as graphql-core's Path; None at the root."""
    if at is None:
        return None
    before, key, typename = at
    return Path(path_of(before), key, typename)
