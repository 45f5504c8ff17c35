"""Arguments that many fields share, described and checked once."""

from functools import lru_cache
from typing import Annotated, TypeVar

import strawberry

from profiles.storage.pages import MAX_FIRST, PageOf, checked_first, page_position

T = TypeVar("T")
First = Annotated[int, strawberry.argument(description="How many rows at most, 0 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Read on behind this cursor; null begins at the top.")]
Search = Annotated[
    str | None, strawberry.argument(description="Only what contains this text, case and accents ignored.")
]
Input = Annotated[T, strawberry.argument(description="What to do, and to whom.")]


def page_arguments(first: int, after: str | None) -> PageOf:
    """`first` and `after`, checked before anything is loaded. Raises LimitExceeded, BadCursor."""
    return _first_page(first) if after is None else PageOf(checked_first(first), page_position(after))


# Many customers of one answer ask for the same page.
@lru_cache(maxsize=MAX_FIRST + 1)
def _first_page(first: int) -> PageOf:
    return PageOf(checked_first(first), None)
