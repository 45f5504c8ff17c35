"""Arguments that many fields share, described once."""

from typing import Annotated, TypeVar

import strawberry

T = TypeVar("T")
First = Annotated[int, strawberry.argument(description="How many rows at most, 0 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Read on behind this cursor; null begins at the top.")]
Search = Annotated[
    str | None, strawberry.argument(description="Only what contains this text, case and accents ignored.")
]
Input = Annotated[T, strawberry.argument(description="What to do, and to whom.")]
