"""Orders: a share of the receipts was ordered first, visits end in orders, and some orders came to nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from profiles.amounts import MOST_PIECES_OF_A_LINE
from profiles.attribution import Click, is_attributed
from profiles.orders import OrderOrigin
from profiles.stored_amounts import Conversion
from sources.rows import Basket
from sources.shape.activity import SitePurchase
from sources.shape.draft import Draft
from sources.shape.engagement import Code, Engagement
from sources.shape.sales import Sale, SaleLine, add_sale, charge
from sources.shape.units import ONLINE, business_unit_id
from sources.shop import ONLINE_STORE, store_id

ORDERING_HOUSEHOLDS = 0.5
ORDERED_RECEIPTS = 0.15
RETURNED = 0.06
CANCELLED, UNPAID = 0.3, 0.12
CODE_USED = 0.5
CODE_DISCOUNT_PERCENT = 10
SMALLEST_ORDER_MINOR = 500
RETURN_DAYS = (2, 14)


def place_orders(draft: Draft, engagement: Engagement, purchases: Sequence[SitePurchase]) -> frozenset[str]:
    """Adds orders, their items and events, and redeems promo codes in them; gives where the orders came from."""
    dice = draft.dice("orders")
    orders = [_of_visit(draft, dice, purchase) for purchase in purchases]
    if draft.is_showcase or dice.random() < ORDERING_HOUSEHOLDS:
        fitting = [basket for basket in draft.facts.baskets[1:] if _can_be_ordered(basket)]
        orders.extend(_of_receipts(draft, dice, fitting))
        orders.extend(_without_receipt(draft, dice, fitting))
    orders.sort(key=lambda order: (order.placed_at, order.key))
    _redeem(draft, dice, engagement, orders)
    for number, order in enumerate(orders, start=1):
        charge(order)
        add_sale(draft, order, f"W{draft.facts.household_id:04d}-{number:03d}")
    return frozenset(order.source for order in orders)


def _can_be_ordered(basket: Basket) -> bool:
    """Whole pieces only: nobody has fuel or a weighed melon sent home."""
    return basket.product_total_minor >= SMALLEST_ORDER_MINOR and all(
        line.total_minor >= 0
        and line.quantity_milli % 1000 == 0
        and 0 < line.quantity_milli // 1000 <= MOST_PIECES_OF_A_LINE
        for line in basket.lines
    )


def _lines(dice: Random, basket: Basket) -> tuple[SaleLine, ...]:
    """Standard prices: what was paid, rounded up to a whole price for one, and more where the basket had discounts."""
    lines = []
    for line in basket.lines:
        total_minor = line.original["total"] if line.original is not None else line.total_minor
        unit_price = -(-total_minor * 1000 // line.quantity_milli)
        if basket.discount_minor and dice.random() < 0.3:
            unit_price += unit_price * dice.randint(5, 25) // 100
        lines.append(SaleLine(line.product_id, line.external_id, line.name, line.quantity_milli, unit_price))
    return tuple(lines)


def _origin(dice: Random, platform: str | None = None) -> tuple[OrderOrigin, str]:
    is_app = platform == "mobile" if platform is not None else dice.random() < 0.4
    if is_app:
        return OrderOrigin.MOBILE_APP, dice.choice(("ios app", "android app"))
    return OrderOrigin.WEB, "website"


def _of_receipts(draft: Draft, dice: Random, baskets: Sequence[Basket]) -> list[Sale]:
    """The goods were paid on delivery, so the receipt follows the order; the products cost the same in both."""
    chosen = [basket for basket in baskets if dice.random() < ORDERED_RECEIPTS]
    orders = []
    for basket in chosen:
        lines = _lines(dice, basket)
        placed_at = basket.issued_at - timedelta(minutes=dice.randint(40, 1600))
        origin, source = _origin(dice)
        paid_minor = basket.original["product_total"] if basket.original is not None else basket.product_total_minor
        order = Sale(
            key=f"receipt:{basket.external_id}",
            external_id=f"O{basket.external_id}",
            placed_at=max(placed_at, draft.facts.first_seen),
            origin=origin,
            source=source,
            lines=lines,
            conversion=Conversion.behind(basket.currency, basket.original),
            store_id=basket.store_id,
            business_unit_id=basket.business_unit_id or business_unit_id(ONLINE),
            discount_minor=sum(line.total_minor for line in lines) - paid_minor,
            is_picked_up=dice.random() < 0.35,
            receipt_id=basket.receipt_id,
        )
        if order.is_picked_up:
            order.delivery_status = "PICKED_UP"
        _perhaps_return(draft, dice, order, basket.issued_at)
        orders.append(order)
    if draft.is_showcase and orders and all(order.ended_at is None for order in orders):
        _return(draft, orders[0], chosen[0].issued_at + timedelta(days=RETURN_DAYS[0]))
    return orders


def _of_visit(draft: Draft, dice: Random, purchase: SitePurchase) -> Sale:
    """Paid online, so without a receipt of a till: it is a purchase of its own (ruling 17)."""
    origin, source = _origin(dice, purchase.platform)
    lines = tuple(
        SaleLine(
            product.product_id,
            product.external_id,
            product.name,
            dice.choice((1, 2, 2, 3, 4)) * 1000,
            product.price_minor or 0,
        )
        for product in purchase.products
    )
    order = Sale(
        key=f"site:{purchase.key}",
        external_id=f"S{draft.facts.household_id}-{purchase.key}",
        placed_at=purchase.at,
        origin=origin,
        source=source,
        lines=lines,
        conversion=Conversion.behind(draft.world.account.currency, None),
        store_id=store_id(ONLINE_STORE),
        business_unit_id=business_unit_id(ONLINE),
        session_id=purchase.session_id,
        received_at=purchase.received_at,
    )
    age = draft.clock.end - purchase.at
    if age < timedelta(days=1):
        order.status, order.delivery_status = "CONFIRMED", "WAITING"
    elif age < timedelta(days=3):
        order.status, order.delivery_status = "SHIPPED", "ON_THE_WAY"
    else:
        _perhaps_return(draft, dice, order, purchase.at + timedelta(days=3))
    return order


def _without_receipt(draft: Draft, dice: Random, baskets: Sequence[Basket]) -> list[Sale]:
    """Orders that were cancelled, and one that nobody has paid yet."""
    is_cancelled, is_unpaid = dice.random() < CANCELLED, dice.random() < UNPAID
    orders: list[Sale] = []
    ours = [basket for basket in baskets if basket.original is None]
    if not ours:
        return orders
    if draft.is_showcase or is_cancelled:
        order = _like(draft, dice, dice.choice(ours), "cancelled")
        order.status, order.delivery_status, order.payment_status = "CANCELLED", "NOT_DELIVERED", "UNPAID"
        order.ended_at = min(order.placed_at + timedelta(minutes=dice.randint(10, 1200)), draft.clock.end)
        orders.append(order)
    if draft.is_showcase or is_unpaid:
        order = _like(draft, dice, dice.choice(ours), "unpaid")
        hours = dice.randint(1, 60)
        order.placed_at = max(draft.clock.end - timedelta(hours=hours), draft.facts.first_seen)
        order.status, order.delivery_status, order.payment_status = "NEW", "WAITING", "UNPAID"
        orders.append(order)
    return orders


def _like(draft: Draft, dice: Random, basket: Basket, kind: str) -> Sale:
    origin, source = _origin(dice)
    return Sale(
        key=kind,
        external_id=f"W{draft.facts.household_id}-{kind}",
        placed_at=max(basket.issued_at - timedelta(minutes=dice.randint(100, 3000)), draft.facts.first_seen),
        origin=origin,
        source=source,
        lines=_lines(dice, basket)[:6],
        conversion=Conversion.behind(basket.currency, basket.original),
        store_id=store_id(ONLINE_STORE),
        business_unit_id=business_unit_id(ONLINE),
    )


def _perhaps_return(draft: Draft, dice: Random, order: Sale, delivered_at: datetime) -> None:
    is_returned = dice.random() < RETURNED
    at = delivered_at + timedelta(days=dice.randint(*RETURN_DAYS), minutes=dice.randint(0, 600))
    if is_returned:
        _return(draft, order, at)


def _return(draft: Draft, order: Sale, at: datetime) -> None:
    """A return is a whole order (ruling 18); one that lies ahead has not happened."""
    if draft.is_past(at):
        order.ended_at = at
        order.status, order.delivery_status, order.payment_status = "RETURNED", "RETURNED", "REFUNDED"


def _redeem(draft: Draft, dice: Random, engagement: Engagement, orders: Sequence[Sale]) -> None:
    """Codes first, then the account's days after a click: that is what makes an order marketing's (ruling 21)."""
    window = timedelta(days=draft.world.account.settings.attribution_days)
    baskets = {basket.receipt_id: basket for basket in draft.facts.baskets}
    by_day = {
        code.redeemed_at.astimezone(draft.clock.zone).date(): code
        for code in draft.facts.promo_codes
        if code.redeemed_at is not None
    }
    for order in orders:
        wants = draft.is_showcase or dice.random() < CODE_USED
        if order.receipt_id is not None:
            day = baskets[order.receipt_id].issued_at.astimezone(draft.clock.zone).date()
            coupon = by_day.get(day)
            if coupon is not None and coupon.issued_at <= order.placed_at:
                order.coupon = coupon.code
        if order.coupon is None and wants and order.status != "CANCELLED":
            code = _usable(engagement, order.placed_at)
            if code is not None:
                code.redeemed_at = order.placed_at
                order.coupon = code.code
                _drop_reissue(engagement, code)
                if order.receipt_id is None:
                    order.discount_minor += order.subtotal_minor * CODE_DISCOUNT_PERCENT // 100
        clicks = (Click(at) for at in engagement.clicks)
        order.is_attributed = order.coupon is not None or is_attributed(None, order.placed_at, (), clicks, window)


def _usable(engagement: Engagement, at: datetime) -> Code | None:
    """The newest code in hand whose text was not used before; codes last for six weeks."""
    used = {code.code for code in engagement.codes if code.redeemed_at is not None}
    inhand = [
        code
        for code in engagement.codes
        if code.issued_at <= at <= code.issued_at + timedelta(weeks=6) and code.code not in used
    ]
    return max(inhand, key=lambda code: code.issued_at, default=None)


def _drop_reissue(engagement: Engagement, used: Code) -> None:
    """What was used within three weeks was not issued again."""
    engagement.codes[:] = [
        code for code in engagement.codes if code.code != used.code or code.issued_at <= used.issued_at
    ]
