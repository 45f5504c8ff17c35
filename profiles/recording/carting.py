"""Carting: recorded events put products into a customer's cart and take them out, and an order empties it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from profiles.account import Account
from profiles.cart import Cart, CartItem, CartState, abandoned_at
from profiles.cart.reading import silence_of
from profiles.ids import new_id
from profiles.orders import Order
from profiles.recording.inputs import STEPS
from profiles.recording.placed import Placed
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory

REMOVED_FROM_CART = "removed_from_cart"


@dataclass(slots=True)
class _Carted:
    """A customer's cart while events change it; `items` are those that are in it."""

    customer_id: int
    silence: timedelta
    last_order_at: datetime | None
    cart: Cart | None = None
    items: list[CartItem] = field(default_factory=list)
    written: list[CartItem] = field(default_factory=list)

    def is_ordered_since(self, at: datetime) -> bool:
        """Whether an order came after that: what is told late of it is in the cart no more."""
        return self.ordered_at is not None and at <= self.ordered_at

    @property
    def ordered_at(self) -> datetime | None:
        """The last order of which there is a row, or of which the cart knows."""
        known = (self.last_order_at, None if self.cart is None else self.cart.ordered_at)
        return max((at for at in known if at is not None), default=None)

    def begun(self, at: datetime) -> Cart:
        """The cart, which begins with its first change."""
        if self.cart is None:
            self.cart = Cart(customer_id=self.customer_id, changed_at=at, is_empty=True)
        return self.cart

    def lain_since(self, at: datetime) -> datetime | None:
        """Since when it lay abandoned at that moment; None where it did not, or nothing was in it."""
        if self.cart is None or not self.items:
            return None
        since = abandoned_at(CartState(self.cart.changed_at, self.cart.said_abandoned_at), self.silence)
        return since if since <= at else None

    def change(self, at: datetime) -> None:
        """Notes a change; one that ends a time in which the cart lay abandoned is kept with what was in it."""
        since, cart = self.lain_since(at), self.begun(at)
        if since is not None:
            for item in self.items:
                item.abandoned_at = since
        cart.changed_at = max(cart.changed_at, at)

    def take_out(self, items: Sequence[CartItem], at: datetime) -> None:
        """These are in it no more."""
        for item in items:
            item.left_at = at
        self.items = [item for item in self.items if item.left_at is None]

    def put(self, line: Mapping[str, Any], at: datetime) -> CartItem:
        """A product more."""
        item = CartItem(customer_id=self.customer_id, id=new_id(), added_at=at, **line)
        self.items.append(item)
        self.written.append(item)
        return item

    def put_late(
        self, lines: Sequence[Mapping[str, Any]], at: datetime, abandoned_at: datetime, left_at: datetime
    ) -> None:
        """What was in it earlier, left behind for a while, and is in it no more."""
        for said in lines:
            self.put(_line(said), at).abandoned_at = abandoned_at
        self.take_out(self.items[-len(lines) :] if lines else (), left_at)


async def keep_carts(unit: Unit, account: Account, placed: Sequence[Placed]) -> None:
    """Changes the carts as these events say, in the order of time."""
    told = [each for each in placed if _concerns_cart(each)]
    if not told:
        return
    # Orders of this call take their turn below.
    fresh = {each.subject_id for each in told if each.is_order_placed and each.subject_id is not None}
    carts = await _carts(unit, {each.customer_id for each in told}, fresh, silence_of(account))
    for each in sorted(told, key=lambda each: (each.said.occurred_at, each.said.position)):
        of, at = carts[each.customer_id], each.said.occurred_at
        if each.is_order_placed:
            _order(of, at)
        elif each.said.category is EventCategory.CART_ABANDONED:
            _abandon(of, each.items or [], at)
        elif each.said.is_added_to_cart:
            _add(of, each.items or [], at)
        else:
            _remove(of, each.product_id, at)
    for of in carts.values():
        if of.cart is not None:
            of.cart.is_empty = not of.items
            unit.session.add(of.cart)
        unit.session.add_all(of.written)
    await unit.session.flush()


def _concerns_cart(placed: Placed) -> bool:
    said = placed.said
    is_removed = said.category in STEPS and said.type == REMOVED_FROM_CART
    return (
        placed.is_order_placed or said.category is EventCategory.CART_ABANDONED or said.is_added_to_cart or is_removed
    )


async def _carts(unit: Unit, customer_ids: Iterable[int], fresh: set[int], silence: timedelta) -> Mapping[int, _Carted]:
    wanted = sorted(customer_ids)
    carts = await unit.session.exec(select(Cart).where(col(Cart.customer_id).in_(wanted)))
    items = await unit.session.exec(
        select(CartItem)
        .where(col(CartItem.customer_id).in_(wanted), col(CartItem.left_at).is_(None))
        .order_by(col(CartItem.customer_id), col(CartItem.added_at), col(CartItem.id))
    )
    orders = await unit.session.exec(
        select(col(Order.customer_id), func.max(col(Order.placed_at)))
        .where(col(Order.customer_id).in_(wanted), col(Order.id).not_in(fresh))
        .group_by(col(Order.customer_id))
    )
    ordered: dict[int, datetime] = dict(orders.all())
    found = {id: _Carted(id, silence, ordered.get(id)) for id in wanted}
    for cart in carts:
        found[cart.customer_id].cart = cart
    for item in items:
        found[item.customer_id].items.append(item)
        found[item.customer_id].written.append(item)
    return found


def _line(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a row takes of what an event keeps of an item."""
    return {
        "product_id": said["product_id"],
        "quantity_milli": said["quantity_milli"],
        "price_minor": said["price_minor"],
        "currency": said["currency"],
        "original": said.get("original"),
    }


def _add(of: _Carted, lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    if not lines:
        return
    ordered_at = of.ordered_at
    if ordered_at is not None and at <= ordered_at:
        # Orders and visits arrive apart: this was in a cart that has been ordered meanwhile.
        of.begun(at).ordered_at = ordered_at
        if at + of.silence <= ordered_at:
            of.put_late(lines, at, at + of.silence, ordered_at)
        return
    of.change(at)
    for said in lines:
        line = _line(said)
        price = (line["product_id"], line["price_minor"], line["currency"])
        same = next((item for item in of.items if (item.product_id, item.price_minor, item.currency) == price), None)
        if same is None:
            of.put(line, at)
        else:
            same.quantity_milli += line["quantity_milli"]
            same.added_at = max(same.added_at, at)


def _remove(of: _Carted, product_id: int | None, at: datetime) -> None:
    gone = [item for item in of.items if item.product_id == product_id and item.added_at <= at]
    if gone:
        of.change(at)
        of.take_out(gone, at)


def _abandon(of: _Carted, lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Its source says what was in it when it was left; without items, that it was left."""
    if of.is_ordered_since(at):
        return
    if of.cart is not None and at < of.cart.changed_at:
        # Told late: what the cart is now was told already, so this is of an earlier time.
        of.put_late(lines, at, at, of.cart.changed_at)
        return
    if lines:
        _replace(of, lines, at)
    if of.items:
        of.begun(at).said_abandoned_at = at


def _replace(of: _Carted, lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """What is in it is what its source says; what was known of before keeps the time at which it was added."""
    known: dict[int, CartItem] = {item.product_id: item for item in of.items}
    wanted = {said["product_id"] for said in lines}
    gone = [item for item in of.items if item.product_id not in wanted or known[item.product_id] is not item]
    if gone or wanted - known.keys() or of.cart is None:
        of.change(at)
    of.take_out(gone, at)
    for said in lines:
        line, item = _line(said), known.pop(said["product_id"], None)
        if item is None:
            of.put(line, at)
        else:
            item.sqlmodel_update(line)


def _order(of: _Carted, at: datetime) -> None:
    """An order empties the cart of all that was in it by then."""
    if of.cart is None:
        return
    since = of.lain_since(at)
    ordered = [item for item in of.items if item.added_at <= at]
    if since is not None:
        for item in ordered:
            item.abandoned_at = since
    of.take_out(ordered, at)
    of.cart.ordered_at = max(at, of.cart.ordered_at or at)
