"""Attribution: which orders marketing won, by a promo code of its own or by an email's click before (ruling 21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from profiles.account import Account
from profiles.orders import Order
from profiles.promo_codes import PromoCode
from profiles.recording.placed import Placed
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, TimelineEvent
from profiles.timeline.details import labelled

CLICK = "email_clicked"
SAID = "isAttributed"
"""The key of an order's payload by which its source says whether marketing won it."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The customers' codes (when each was issued) and clicks; control groups have neither."""

    window: timedelta
    codes: Mapping[tuple[int, str], datetime]
    clicks: Mapping[int, Sequence[datetime]]

    def won(self, order: Order) -> bool:
        """Whether marketing won the order."""
        issued_at = self.codes.get((order.customer_id, order.coupon_code or ""))
        if issued_at is not None and issued_at <= order.placed_at:
            return True
        return any(
            clicked_at <= order.placed_at <= clicked_at + self.window
            for clicked_at in self.clicks.get(order.customer_id, ())
        )


async def attribution(unit: Unit, account: Account, placed: Sequence[Placed]) -> Attribution:
    """What attributes the orders among these events; clicks that arrive with them count too."""
    window = timedelta(days=account.settings.attribution_days)
    orders = [each for each in placed if each.said.category is EventCategory.ORDER]
    if not orders:
        return Attribution(window, {}, {})
    customer_ids = sorted({each.customer_id for each in orders})
    clicks = _clicks(placed)
    found = await unit.session.exec(
        select(col(TimelineEvent.customer_id), col(TimelineEvent.occurred_at)).where(
            col(TimelineEvent.customer_id).in_(customer_ids),
            col(TimelineEvent.occurred_at) >= min(each.said.occurred_at for each in orders) - window,
            col(TimelineEvent.category) == EventCategory.EMAIL,
            col(TimelineEvent.type) == CLICK,
            col(TimelineEvent.is_control_group).is_(False),
        )
    )
    for customer_id, clicked_at in found:
        clicks.setdefault(customer_id, []).append(clicked_at)
    return Attribution(window, await _codes(unit, customer_ids, orders), clicks)


async def credit_clicks(unit: Unit, account: Account, placed: Sequence[Placed]) -> frozenset[int]:
    """Attributes the orders that were known before the click that won them; gives the customers whose orders changed.

    A click arrives late as any event does (ruling 10), while the order it led to may have been on time.
    """
    clicks = _clicks(placed)
    if not clicks:
        return frozenset()
    marketing = Attribution(timedelta(days=account.settings.attribution_days), {}, clicks)
    moments = [moment for own in clicks.values() for moment in own]
    judged = {each.subject_id for each in placed if each.said.category is EventCategory.ORDER}
    found = await unit.session.exec(
        select(Order).where(
            col(Order.customer_id).in_(sorted(clicks)),
            col(Order.placed_at) >= min(moments),
            col(Order.placed_at) <= max(moments) + marketing.window,
            col(Order.is_attributed).is_(False),
        )
    )
    won = [order for order in found if order.id not in judged and marketing.won(order)]
    denied = await _denied(unit, won)
    credited = [order for order in won if (order.customer_id, order.id) not in denied]
    for order in credited:
        order.is_attributed = True
        unit.session.add(order)
    await unit.session.flush()
    return frozenset(order.customer_id for order in credited)


async def _denied(unit: Unit, orders: Sequence[Order]) -> frozenset[tuple[int, int | None]]:
    """The orders of which their source said itself that marketing did not win them: that decides."""
    if not orders:
        return frozenset()
    found = await unit.session.exec(
        select(TimelineEvent).where(
            col(TimelineEvent.customer_id).in_({order.customer_id for order in orders}),
            col(TimelineEvent.category) == EventCategory.ORDER,
            col(TimelineEvent.subject_id).in_({order.id for order in orders}),
        )
    )
    return frozenset(
        (event.customer_id, event.subject_id)
        for event in found
        if any(said.label == SAID and said.value == "false" for said in labelled(event.details))
    )


def _clicks(placed: Sequence[Placed]) -> dict[int, list[datetime]]:
    """When whom clicked, among these events."""
    clicks: dict[int, list[datetime]] = {}
    for each in placed:
        said = each.said
        if said.category is EventCategory.EMAIL and said.type == CLICK and not said.is_said("isControlGroup"):
            clicks.setdefault(each.customer_id, []).append(said.occurred_at)
    return clicks


async def _codes(
    unit: Unit, customer_ids: Sequence[int], orders: Sequence[Placed]
) -> Mapping[tuple[int, str], datetime]:
    used = sorted({code for each in orders if (code := each.said.said.get("couponCode"))})
    if not used:
        return {}
    found = await unit.session.exec(
        select(col(PromoCode.customer_id), col(PromoCode.code), col(PromoCode.issued_at))
        .where(
            col(PromoCode.customer_id).in_(customer_ids),
            col(PromoCode.code).in_(used),
            col(PromoCode.origin_kind).is_not(None),
        )
        # The first issue decides: a code that was issued again had been in hand since.
        .order_by(col(PromoCode.issued_at).desc())
    )
    return {(customer_id, code): issued_at for customer_id, code, issued_at in found}
