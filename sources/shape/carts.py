"""Carts and wish lists: what visits put into the cart, until an order emptied it, and what they wished for.

The rows are what recording the same events one after another would leave behind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from profiles.account import Account
from profiles.cart import Cart, CartItem, CartState, abandoned_at
from profiles.cart.reading import silence_of
from profiles.orders import Order
from profiles.timeline import EventCategory
from profiles.wishlist import WishlistItem
from sources.rows import EventRow
from sources.shape.activity import CartedItem, VisitCart
from sources.shape.draft import Draft
from sources.shape.showcase_carts import last_minute, left_behind
from sources.shape.walk import ADDED_TO_WISHLIST

CART_COLUMNS = ("customer_id", "changed_at", "said_abandoned_at", "ordered_at", "is_empty")
ITEM_COLUMNS = (
    "customer_id",
    "id",
    "product_id",
    "quantity_milli",
    "price_minor",
    "currency",
    "added_at",
    "left_at",
    "abandoned_at",
)
SHOWCASE_WISHES = 3
WISH_COLUMNS = ("customer_id", "product_id", "added_at")


_Step = tuple[datetime, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    item: dict[str, Any]
    added_at: datetime
    left_at: datetime | None = None
    abandoned_at: datetime | None = None


class _Filling:
    """The cart while visits and orders change it, in the order of time."""

    def __init__(self, account: Account) -> None:
        self.state: CartState | None = None
        self.waiting: list[_Line] = []
        self.gone: list[_Line] = []
        self._silence = silence_of(account)
        self._visit: str | None = None

    def add(self, visit: str, item: CartedItem) -> None:
        """A visit puts something in; what earlier ones left there is in it no more."""
        if visit != self._visit:
            self._leave(item.at)
            self._visit = visit
        self.waiting.append(_Line(f"{visit}:{item.values['product_id']}", item.values, item.at))
        ordered_at = self.state.ordered_at if self.state is not None else None
        self.state = CartState(item.at, None, ordered_at)

    def abandon(self, visit: str, at: datetime) -> None:
        """A visit is said to have left it full."""
        if self.state is not None and self.waiting and visit == self._visit:
            self.state = replace(self.state, said_abandoned_at=at)

    def order(self, at: datetime) -> None:
        """An order empties it."""
        if self.state is not None:
            self._leave(at)
            self.state = replace(self.state, ordered_at=at, is_empty=True)

    def _leave(self, at: datetime) -> None:
        since = None if self.state is None or not self.waiting else abandoned_at(self.state, self._silence)
        was_abandoned = since if since is not None and since <= at else None
        self.gone += [replace(line, left_at=at, abandoned_at=was_abandoned) for line in self.waiting]
        self.waiting = []


def fill_carts(draft: Draft, carts: Sequence[VisitCart]) -> None:
    """Adds the household's cart as its visits and all its orders left it, and what lay in it before."""
    filling = _Filling(draft.world.account)
    steps: list[_Step] = [(at, partial(filling.order, at)) for at in _orders(draft)]
    for cart in carts:
        steps += _steps(filling, cart)
    if draft.is_showcase:
        steps += [step for cart in _showcase_carts(draft, [at for at, _ in steps]) for step in _steps(filling, cart)]
    for _, take in sorted(steps, key=lambda step: step[0]):
        take()
    state = filling.state
    if state is None:
        return
    customer_id = draft.facts.customer_id
    row = (customer_id, state.changed_at, state.said_abandoned_at, state.ordered_at, state.is_empty)
    draft.add(Cart, CART_COLUMNS, [row])
    draft.add(CartItem, ITEM_COLUMNS, [_row(draft, line) for line in (*filling.gone, *filling.waiting)])


def _showcase_carts(draft: Draft, taken: Sequence[datetime]) -> list[VisitCart]:
    """One left behind, and one that is being filled as the demo data ends."""
    left = left_behind(draft, taken)
    return [*([left] if left is not None else ()), last_minute(draft, taken)]


def _steps(filling: _Filling, cart: VisitCart) -> list[_Step]:
    """What a visit does to the cart, and when."""
    steps: list[_Step] = [(item.at, partial(filling.add, cart.key, item)) for item in cart.items]
    if cart.abandoned_at is not None:
        steps.append((cart.abandoned_at, partial(filling.abandon, cart.key, cart.abandoned_at)))
    return steps


def _orders(draft: Draft) -> list[datetime]:
    columns, rows = draft.shape.rows.tables.get(Order, (("placed_at",), []))
    place = columns.index("placed_at")
    return [row[place] for row in rows]


def _row(draft: Draft, line: _Line) -> tuple[Any, ...]:
    return (
        draft.facts.customer_id,
        draft.id("cart_item", line.key),
        line.item["product_id"],
        line.item["quantity_milli"],
        line.item["price_minor"],
        line.item["currency"],
        line.added_at,
        line.left_at,
        line.abandoned_at,
    )


def fill_wishlist(draft: Draft) -> None:
    """Adds the products that the household's visits put on the wish list, each since the first time."""
    wishes: dict[int, datetime] = {}
    if draft.is_showcase:
        _wish_for_views(draft)
    for event in draft.shape.events:
        if event.type == ADDED_TO_WISHLIST and event.product_id is not None:
            known = wishes.get(event.product_id, event.occurred_at)
            wishes[event.product_id] = min(known, event.occurred_at)
    rows = [(draft.facts.customer_id, product_id, at) for product_id, at in wishes.items()]
    draft.add(WishlistItem, WISH_COLUMNS, rows)


def _wish_for_views(draft: Draft) -> None:
    """The showcase wishes for some of what it looked at last, in the same visits."""
    views = [event for event in draft.shape.events if event.category is EventCategory.PRODUCT_VIEW]
    newest: dict[int, EventRow] = {}
    for view in sorted(views, key=lambda view: (view.occurred_at, view.id), reverse=True):
        if view.product_id is not None:
            newest.setdefault(view.product_id, view)
    for product_id, view in list(newest.items())[:SHOWCASE_WISHES]:
        draft.happen(
            f"showcase:{product_id}",
            EventCategory.PAGE_VIEW,
            ADDED_TO_WISHLIST,
            "Added to wish list",
            view.occurred_at,
            received_at=view.received_at,
            description=view.description,
            store_id=view.store_id,
            business_unit_id=view.business_unit_id,
            session_id=view.session_id,
            product_id=product_id,
            url=view.url,
        )
