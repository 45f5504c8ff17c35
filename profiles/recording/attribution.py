"""Attribution of recorded orders: the codes, clicks and statements that decide, read once a call (ruling 21)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from profiles.account import Account
from profiles.attribution import Click, IssuedCode, is_attributed
from profiles.mailings import Mailing, MailingParticipation
from profiles.orders import Order
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.recording.participations import SENDING
from profiles.recording.placed import Placed
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, TimelineEvent
from profiles.timeline.details import labelled

CLICK = "email_clicked"
SAID = "isAttributed"
"""The key of an order's payload by which its source says whether marketing won it."""

OrderKey = tuple[int, int]
"""(customer id, order id)"""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the customers' orders are judged by: codes by customer and text, clicks, and what sources said before."""

    window: timedelta
    codes: Mapping[tuple[int, str], Sequence[IssuedCode]]
    clicks: Mapping[int, Sequence[Click]]
    said: dict[OrderKey, bool]

    def won(self, order: Order) -> bool:
        """Whether marketing won the order."""
        return is_attributed(
            self.said.get((order.customer_id, order.id)),
            order.placed_at,
            self.codes.get((order.customer_id, order.coupon_code or ""), ()),
            self.clicks.get(order.customer_id, ()),
            self.window,
        )


@dataclass(frozen=True, slots=True)
class _ControlGroups:
    """Of mailings: whether the customer was in its control group, by (customer id, mailing id); and their campaigns."""

    of_mailings: Mapping[tuple[int, int], bool]
    campaigns: Mapping[int, int]

    def holds_mailing(self, customer_id: int, mailing_id: int | None) -> bool:
        return mailing_id is not None and self.of_mailings.get((customer_id, mailing_id), False)

    def holds_campaign(self, customer_id: int, campaign_id: int | None) -> bool:
        """Whether they took part in the campaign as control group alone."""
        held = [
            is_held
            for (participant, mailing_id), is_held in self.of_mailings.items()
            if participant == customer_id and self.campaigns.get(mailing_id) == campaign_id
        ]
        return bool(held) and all(held)


async def attribution(
    unit: Unit, account: Account, placed: Sequence[Placed], known_orders: Iterable[Order]
) -> Attribution:
    """What attributes the orders among these events; clicks that arrive with them count too."""
    window = timedelta(days=account.settings.attribution_days)
    orders = [each for each in placed if each.said.category is EventCategory.ORDER]
    if not orders:
        return Attribution(window, {}, {}, {})
    customer_ids = sorted({each.customer_id for each in orders})
    codes = await _codes(unit, customer_ids, orders)
    since = min([*(each.said.occurred_at for each in orders), *(order.placed_at for order in known_orders)]) - window
    found = await unit.session.exec(
        select(TimelineEvent).where(
            col(TimelineEvent.customer_id).in_(customer_ids),
            col(TimelineEvent.occurred_at) >= since,
            col(TimelineEvent.category) == EventCategory.EMAIL,
            col(TimelineEvent.type) == CLICK,
        )
    )
    clicks = [(row.customer_id, row.subject_id, row.occurred_at, row.is_control_group) for row in found]
    clicks += _clicks(placed)
    groups = await _control_groups(unit, customer_ids, placed) if codes or clicks else _ControlGroups({}, {})
    return Attribution(
        window, _issued(codes, groups), _judged(clicks, groups), await _said_before(unit, list(known_orders))
    )


async def credit_clicks(unit: Unit, account: Account, placed: Sequence[Placed]) -> frozenset[int]:
    """Attributes the orders that were known before the click that won them; gives the customers whose orders changed.

    A click arrives late as any event does (ruling 10), while the order it led to may have been on time.
    """
    clicks = _clicks(placed)
    if not clicks:
        return frozenset()
    customer_ids = sorted({customer_id for customer_id, *_ in clicks})
    moments = [moment for _, _, moment, _ in clicks]
    window = timedelta(days=account.settings.attribution_days)
    judged = {each.subject_id for each in placed if each.said.category is EventCategory.ORDER}
    found = await unit.session.exec(
        select(Order).where(
            col(Order.customer_id).in_(customer_ids),
            col(Order.placed_at) >= min(moments),
            col(Order.placed_at) <= max(moments) + window,
            col(Order.is_attributed).is_(False),
        )
    )
    orders = [order for order in found if order.id not in judged]
    if not orders:
        return frozenset()
    groups = await _control_groups(unit, customer_ids, placed)
    marketing = Attribution(window, {}, _judged(clicks, groups), await _said_before(unit, orders))
    credited = [order for order in orders if marketing.won(order)]
    for order in credited:
        order.is_attributed = True
        unit.session.add(order)
    await unit.session.flush()
    return frozenset(order.customer_id for order in credited)


async def _said_before(unit: Unit, orders: Sequence[Order]) -> dict[OrderKey, bool]:
    """What their sources said of these orders in earlier events, the newest that said anything."""
    if not orders:
        return {}
    found = await unit.session.exec(
        select(TimelineEvent)
        .where(
            col(TimelineEvent.customer_id).in_({order.customer_id for order in orders}),
            col(TimelineEvent.category) == EventCategory.ORDER,
            col(TimelineEvent.subject_id).in_({order.id for order in orders}),
        )
        .order_by(col(TimelineEvent.occurred_at), col(TimelineEvent.id))
    )
    return {
        (event.customer_id, event.subject_id): detail.value == "true"
        for event in found
        if event.subject_id is not None
        for detail in labelled(event.details)
        if detail.label == SAID
    }


_ClickRow = tuple[int, int | None, datetime, bool]
"""Customer, mailing, instant, and whether the event itself says that it is of a control group."""


def _clicks(placed: Sequence[Placed]) -> list[_ClickRow]:
    """Who clicked, among these events."""
    return [
        (each.customer_id, each.subject_id, each.said.occurred_at, each.said.is_said("isControlGroup"))
        for each in placed
        if each.said.category is EventCategory.EMAIL and each.said.type == CLICK
    ]


def _judged(clicks: Iterable[_ClickRow], groups: _ControlGroups) -> dict[int, list[Click]]:
    judged: dict[int, list[Click]] = {}
    for customer_id, mailing_id, at, is_said in clicks:
        is_control_group = is_said or groups.holds_mailing(customer_id, mailing_id)
        judged.setdefault(customer_id, []).append(Click(at, is_control_group))
    return judged


async def _codes(unit: Unit, customer_ids: Sequence[int], orders: Sequence[Placed]) -> Sequence[PromoCode]:
    used = sorted({code for each in orders if (code := each.said.said.get("couponCode"))})
    if not used:
        return ()
    found = await unit.session.exec(
        select(PromoCode).where(col(PromoCode.customer_id).in_(customer_ids), col(PromoCode.code).in_(used))
    )
    return found.all()


def _issued(codes: Iterable[PromoCode], groups: _ControlGroups) -> dict[tuple[int, str], list[IssuedCode]]:
    """Every issue of each code: one that was issued again had been in hand since the first."""
    issued: dict[tuple[int, str], list[IssuedCode]] = {}
    for code in codes:
        holds = groups.holds_campaign if code.origin_kind is PromoCodeOriginKind.CAMPAIGN else groups.holds_mailing
        one = IssuedCode(code.issued_at, code.origin_kind is not None, holds(code.customer_id, code.origin_id))
        issued.setdefault((code.customer_id, code.code), []).append(one)
    return issued


async def _control_groups(unit: Unit, customer_ids: Sequence[int], placed: Sequence[Placed]) -> _ControlGroups:
    """In which mailings these customers took part as what; what is stored was told first, and stays."""
    sent = [each for each in placed if each.said.category in SENDING]
    groups = {
        (each.customer_id, each.subject_id): each.said.is_said("isControlGroup")
        for each in sorted(sent, key=lambda each: each.said.occurred_at, reverse=True)
        if each.subject_id is not None
    }
    part, mailing = MailingParticipation, Mailing
    found = await unit.session.exec(
        select(col(part.customer_id), col(part.mailing_id), col(part.is_control_group)).where(
            col(part.customer_id).in_(customer_ids)
        )
    )
    groups |= {(customer_id, mailing_id): is_held for customer_id, mailing_id, is_held in found}
    ids = sorted({mailing_id for _, mailing_id in groups})
    campaigns: dict[int, int | None] = {}
    if ids:
        rows = await unit.session.exec(
            select(col(mailing.id), col(mailing.campaign_id)).where(col(mailing.id).in_(ids))
        )
        campaigns = dict(rows.all())
    return _ControlGroups(groups, {id: campaign for id, campaign in campaigns.items() if campaign is not None})
