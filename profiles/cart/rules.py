"""The rules of carts: when one counts as abandoned, and what of abandoned ones is still not bought."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from profiles.money import Money
from profiles.records import record


class CartStatus(StrEnum):
    """What became of a cart."""

    OPEN = "OPEN"
    ABANDONED = "ABANDONED"
    ORDERED = "ORDERED"


@record
class CartState:
    """A customer's cart without its lines: its last change, when its source last said that it was abandoned, and when
    an order last emptied it."""

    changed_at: datetime
    said_abandoned_at: datetime | None = None
    ordered_at: datetime | None = None
    is_empty: bool = False


def abandoned_at(cart: CartState, silence: timedelta) -> datetime:
    """Since when the cart is abandoned, or will be if nobody changes it: `silence` after its last change, or as soon
    as its source says so after that change."""
    by_silence = cart.changed_at + silence
    said = cart.said_abandoned_at
    return by_silence if said is None or said < cart.changed_at else min(said, by_silence)


def status(cart: CartState, now: datetime, silence: timedelta) -> tuple[CartStatus | None, datetime | None]:
    """What became of the cart, and when that changes by itself (None: never). An empty one that no order has emptied
    is nothing: None."""
    if cart.is_empty:
        was_ordered = cart.ordered_at is not None and cart.ordered_at >= cart.changed_at
        return (CartStatus.ORDERED if was_ordered else None), None
    return waiting_status(cart, now, silence)


def waiting_status(cart: CartState, now: datetime, silence: timedelta) -> tuple[CartStatus, datetime | None]:
    """As `status`, of a cart in which something waits."""
    since = abandoned_at(cart, silence)
    return (CartStatus.ABANDONED, None) if since <= now else (CartStatus.OPEN, since)


@record
class LeftLine:
    """A product in a cart that was abandoned at `abandoned_at`; and when the customer last purchased that product."""

    id: int
    product_id: int
    name: str
    price: Money
    added_at: datetime
    abandoned_at: datetime
    last_purchased_at: datetime | None = None


def left_behind(
    lines: Iterable[LeftLine], now: datetime, window: timedelta
) -> tuple[Sequence[LeftLine], datetime | None]:
    """What was abandoned in the last `window` and not purchased after it was added (ruling 24), newest first, one line
    a product; and when that changes by itself (None: never)."""
    wanted = [line for line in lines if line.abandoned_at > now - window and not _is_bought(line)]
    known = [line for line in wanted if line.abandoned_at <= now]
    newest: dict[int, LeftLine] = {}
    for line in sorted(known, key=lambda line: (line.added_at, line.id), reverse=True):
        newest.setdefault(line.product_id, line)
    changes = [line.abandoned_at + window if line.abandoned_at <= now else line.abandoned_at for line in wanted]
    return tuple(newest.values()), min(changes, default=None)


def _is_bought(line: LeftLine) -> bool:
    return line.last_purchased_at is not None and line.last_purchased_at > line.added_at
