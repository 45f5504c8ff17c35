"""Pages: keyset paging over (time, id), newest first, with opaque versioned cursors."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from profiles.columns import from_micros, to_micros
from profiles.errors import BadCursor, LimitExceeded
from profiles.records import record

MAX_FIRST = 100
PAGE_CURSOR = "p1"
LIVE_CURSOR = "l1"
LARGEST_ID = 2**63
"""Beyond any bigint column; a cursor that claims such an id was made up."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in its list: its time and its id."""

    time: datetime
    id: int

    def cursor(self) -> str:
        """The opaque page cursor of this position."""
        return pack(PAGE_CURSOR, str(to_micros(self.time)), str(self.id))


@record
class Page(Generic[T]):
    """One page of one list; `has_next` says whether more rows follow."""

    rows: tuple[T, ...]
    has_next: bool
    has_previous: bool = False

    @classmethod
    def empty(cls) -> "Page[T]":
        """No rows, and none to follow."""
        return cls((), False)


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page of a list without filters: `first` rows after `after`."""

    first: int
    after: Position | None

    def parameters(self, ids: Sequence[int]) -> dict[str, Any]:
        """The parameters of a `newest` statement for these customers; one row more tells whether a page follows."""
        parameters: dict[str, Any] = {"ids": ids, "limit": self.first + 1}
        if self.after is not None:
            parameters |= {"after_time": self.after.time, "after_id": self.after.id}
        return parameters


@dataclass(frozen=True, slots=True)
class SearchedPage:
    """Which page of a list that can be searched: of the rows that contain `search`; None narrows nothing."""

    search: str | None
    page: PageOf


def pack(*parts: str) -> str:
    """An opaque token of text parts."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def unpack(token: str, kind: str, count: int) -> list[str]:
    """The parts behind the kind of such a token. Raises BadCursor for anything else."""
    try:
        parts = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode().split("|")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadCursor("This is not a cursor of this list.") from None
    if parts[0] != kind or len(parts) != count + 1:
        raise BadCursor("This is not a cursor of this list.")
    return parts[1:]


def page_position(cursor: str | None) -> Position | None:
    """The position that a page cursor stands for. Raises BadCursor."""
    if cursor is None:
        return None
    micros, id = unpack(cursor, PAGE_CURSOR, 2)
    try:
        position = Position(from_micros(int(micros)), int(id))
    except (ValueError, OverflowError):
        raise BadCursor("This is not a cursor of this list.") from None
    if not 0 <= position.id < LARGEST_ID:
        raise BadCursor("This is not a cursor of this list.")
    return position


def live_cursor(sequence: int) -> str:
    """The cursor from which live activity continues after the event with that number."""
    return pack(LIVE_CURSOR, str(sequence))


def live_position(cursor: str) -> int:
    """The event number in a live cursor. Raises BadCursor, also for a page cursor."""
    (sequence,) = unpack(cursor, LIVE_CURSOR, 1)
    if not sequence.isdigit() or len(sequence) > 18:
        raise BadCursor("This is not a live cursor.")
    return int(sequence)


def checked_first(first: int) -> int:
    """`first` within 0 to 100. Raises LimitExceeded above and below."""
    if not 0 <= first <= MAX_FIRST:
        raise LimitExceeded(f"`first` must be between 0 and {MAX_FIRST}; it was {first}.", ("first",))
    return first


def paged(
    rows: Sequence[Any], make: Callable[..., T], first: int, after: bool, customer: int = 0
) -> dict[int, Page[T]]:
    """Rows of many customers (each read with limit `first` + 1, ordered) as a page by customer.

    `customer` is the position of the customer's id in a row; `make` builds a row's value from its columns.
    """
    grouped: dict[int, list[T]] = {}
    further = set()
    for row in rows:
        customer_id = row[customer]
        own = grouped.get(customer_id)
        if own is None:
            own = grouped[customer_id] = []
        if len(own) < first:
            own.append(make(*row))
        else:
            further.add(customer_id)
    return {customer_id: Page(tuple(own), customer_id in further, after) for customer_id, own in grouped.items()}
