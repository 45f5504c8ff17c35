"""How carts are read: what waits in the carts of many customers, and what they left behind in abandoned ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, null, select, type_coerce, union_all

from profiles.account import Account
from profiles.amounts import order_line_total
from profiles.cart.rules import CartState, CartStatus, LeftLine, abandoned_at, left_behind, waiting_status
from profiles.cart.tables import Cart, CartItem
from profiles.catalog import Product
from profiles.columns import Instant
from profiles.moment import Moment
from profiles.money import Money
from profiles.purchases import PurchasedProduct
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, Kept, Whose
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.stored_amounts import exact_quantity, stored_money
from profiles.timeline.details import CartLine
from profiles.viewer import Viewer


@record
class OpenCart:
    """What waits in a cart, the newest first; the total is of what is in the account's currency."""

    status: CartStatus
    total: Money
    updated_at: datetime
    lines: tuple[CartLine, ...]


def silence_of(account: Account) -> timedelta:
    """After how long without a change a cart is abandoned."""
    return timedelta(minutes=account.settings.cart_abandoned_minutes)


@shaped()
def _waiting() -> Build:
    carts, items = table(Cart), table(CartItem)

    def build(dialect: DialectName) -> Any:
        return (
            select(
                carts.c.customer_id,
                carts.c.changed_at,
                carts.c.said_abandoned_at,
                items.c.product_id,
                items.c.quantity_milli,
                items.c.price_minor,
                items.c.currency,
                items.c.original,
                items.c.added_at,
            )
            .select_from(carts.join(items, items.c.customer_id == carts.c.customer_id))
            .where(among_ids(dialect, carts.c.customer_id), items.c.left_at.is_(None))
            .order_by(items.c.customer_id, items.c.added_at.desc(), items.c.id.desc())
        )

    return build


def open_carts(viewer: Viewer, account: Account, moment: Moment, customer_ids: Sequence[int]) -> Read[int, OpenCart]:
    """Each customer's cart; a customer without anything in it is absent (rulings 23 and 24)."""
    silence, currency = silence_of(account), account.currency

    def collect(rows: list[Row]) -> Mapping[int, OpenCart]:
        states: dict[int, CartState] = {}
        lines: dict[int, list[CartLine]] = {}
        totals: dict[int, int] = {}
        for customer_id, changed_at, said_at, product_id, quantity_milli, price, money_of, original, added_at in rows:
            if customer_id not in states:
                states[customer_id], totals[customer_id] = CartState(changed_at, said_at), 0
            line = CartLine(
                product_id, exact_quantity(quantity_milli), stored_money(price, money_of, original, "price"), added_at
            )
            lines.setdefault(customer_id, []).append(line)
            if money_of == currency:
                totals[customer_id] += order_line_total(price, line.quantity)
        carts = {}
        for id, state in states.items():
            became = moment.derive(lambda now, state=state: waiting_status(state, now, silence))  # type: ignore[misc]
            carts[id] = OpenCart(became, Money(totals[id], currency), state.changed_at, tuple(lines[id]))
        return carts

    return Read(_waiting(), {"ids": customer_ids}, collect, BY_CUSTOMER)


_KEPT = Kept(Whose.CUSTOMER, clock=("since",))


@shaped()
def _left() -> Build:
    def build(dialect: DialectName) -> Any:
        carts, items = table(Cart), table(CartItem)
        products, bought = table(Product), table(PurchasedProduct)
        own = [
            items.c.customer_id,
            items.c.id,
            items.c.product_id,
            items.c.price_minor,
            items.c.currency,
            items.c.original,
            items.c.added_at,
            items.c.abandoned_at,
        ]
        nothing = type_coerce(null(), Instant())
        still_in = (
            select(*own, carts.c.changed_at.label("changed_at"), carts.c.said_abandoned_at.label("said_at"))
            .select_from(items.join(carts, carts.c.customer_id == items.c.customer_id))
            .where(among_ids(dialect, carts.c.customer_id), items.c.left_at.is_(None))
        )
        taken_out = select(*own, nothing.label("changed_at"), nothing.label("said_at")).where(
            among_ids(dialect, items.c.customer_id),
            items.c.left_at.is_not(None),
            items.c.abandoned_at.is_not(None),
            items.c.abandoned_at > bindparam("since", type_=Instant()),
        )
        lines = union_all(still_in, taken_out).subquery("lines")
        purchase = and_(bought.c.customer_id == lines.c.customer_id, bought.c.product_id == lines.c.product_id)
        return select(
            lines.c.customer_id,
            lines.c.id,
            lines.c.product_id,
            products.c.name,
            lines.c.price_minor,
            lines.c.currency,
            lines.c.original,
            lines.c.added_at,
            lines.c.abandoned_at,
            lines.c.changed_at,
            lines.c.said_at,
            bought.c.last_purchased_at,
        ).select_from(lines.join(products, products.c.id == lines.c.product_id).outerjoin(bought, purchase))

    return build


def left_lines(
    viewer: Viewer, account: Account, moment: Moment, customer_ids: Sequence[int]
) -> Read[int, Sequence[LeftLine]]:
    """What each customer left behind in abandoned carts and did not buy since (ruling 24), newest first."""
    silence, window = silence_of(account), timedelta(days=account.settings.abandoned_cart_days)

    def collect(rows: list[Row]) -> Mapping[int, Sequence[LeftLine]]:
        lines: dict[int, list[LeftLine]] = {}
        for customer_id, id, product_id, name, price, currency, original, added_at, left_at, changed_at, *more in rows:
            said_at, last_purchased_at = more
            since = left_at if changed_at is None else abandoned_at(CartState(changed_at, said_at), silence)
            money = stored_money(price, currency, original, "price")
            line = LeftLine(id, product_id, name, money, added_at, since, last_purchased_at)
            lines.setdefault(customer_id, []).append(line)
        return {
            id: moment.derive(lambda now, own=own: left_behind(own, now, window))  # type: ignore[misc]
            for id, own in lines.items()
        }

    # What is older only grows older, and what is read too much the rule leaves out.
    since = moment.derive(lambda now: (now - window, None))
    # What is kept of one span of days is no answer for another, which `since` alone would not say.
    return Read(_left(), {"ids": customer_ids, "since": since, "window_days": window.days}, collect, _KEPT)
