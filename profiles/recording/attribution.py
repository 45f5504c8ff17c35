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

CLICK = "email_clicked"


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
    clicks: dict[int, list[datetime]] = {}
    for each in placed:
        said = each.said
        is_click = said.category is EventCategory.EMAIL and said.type == CLICK and not said.is_said("isControlGroup")
        if is_click:
            clicks.setdefault(each.customer_id, []).append(said.occurred_at)
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
