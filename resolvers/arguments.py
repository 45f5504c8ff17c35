"""Arguments that many fields share, described and checked once."""

from typing import Annotated, TypeVar

import strawberry

from profiles.storage.pages import PageOf, checked_first, page_position

T = TypeVar("T")
First = Annotated[int, strawberry.argument(description="How many rows at most, 0 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Read on behind this cursor; null begins at the top.")]
Search = Annotated[
    str | None, strawberry.argument(description="Only what contains this text, case and accents ignored.")
]
Input = Annotated[T, strawberry.argument(description="What to do, and to whom.")]


def page_arguments(first: int, after: str | None) -> PageOf:
    """`first` and `after`, checked before anything is loaded. Raises LimitExceeded, BadCursor."""
    return PageOf(checked_first(first), page_position(after))
