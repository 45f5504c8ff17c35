"""Stored households: the rows of every table that households become, their events numbered."""

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import Any

from profiles.customers import Customer, SubscriptionStatus, contacts_judged
from profiles.folding import stored_key
from profiles.ids import imported_id
from profiles.mailings import MailingParticipation
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.receipts import Receipt, ReceiptItem
from profiles.text import search_key
from profiles.timeline import EventCategory, TimelineEvent
from sources.rows import SOURCE, EventRow, HouseholdFacts, IssuedCode, Rows, ShapeRows

RECEIPT_STATUS, RECEIPT_PAYMENT_STATUS = "COMPLETED", "PAID"

CUSTOMER_COLUMNS = tuple(Customer.model_fields)
EVENT_COLUMNS = ("activity_seq", *EventRow._fields)
RECEIPT_COLUMNS = (
    "customer_id",
    "id",
    "external_id",
    "number",
    "number_key",
    "issued_at",
    "status",
    "payment_status",
    "currency",
    "product_total_minor",
    "delivery_cost_minor",
    "discount_minor",
    "total_minor",
    "original",
    "store_id",
)
ITEM_COLUMNS = (
    "customer_id",
    "receipt_id",
    "line",
    "product_id",
    "product_external_id",
    "name",
    "quantity_milli",
    "currency",
    "price_minor",
    "total_minor",
    "original",
)
PARTICIPATION_COLUMNS = ("customer_id", "id", "mailing_id", "participated_at", "is_control_group")
CODE_COLUMNS = (
    "customer_id",
    "id",
    "code",
    "issued_at",
    "is_reissued",
    "redeemed_at",
    "origin_kind",
    "origin_id",
)


def stored_rows(
    households: Iterable[tuple[HouseholdFacts, ShapeRows]],
    items: Sequence[tuple[Any, ...]],
    updated_at: datetime,
    account_country: str,
) -> Rows:
    """The rows of these households; `items` are those of their receipts."""
    rows = Rows()
    rows.add(ReceiptItem, ITEM_COLUMNS, items)
    events: list[tuple[Any, ...]] = []
    for household, shape in households:
        own = sorted([*_events(household, shape), *shape.events], key=_in_time)
        events.extend((number, *event) for number, event in enumerate(own, 1))
        rows.add(Customer, CUSTOMER_COLUMNS, [_customer(household, shape, len(own), updated_at, account_country)])
        _add_receipts(rows, household)
        _add_mailings(rows, household, shape)
        rows.extend(shape.rows)
    rows.add(TimelineEvent, EVENT_COLUMNS, events)
    return rows


def _in_time(event: EventRow) -> tuple[datetime, int]:
    return event.occurred_at, event.id


def _customer(
    household: HouseholdFacts, shape: ShapeRows, event_count: int, updated_at: datetime, account_country: str
) -> tuple[Any, ...]:
    values: dict[str, Any] = {
        "subscription_status": SubscriptionStatus.NEVER_SUBSCRIBED,
        **shape.customer,
        "id": household.customer_id,
        "external_id": household.external_id,
        "external_id_key": search_key(household.external_id),
        "created_at": household.first_seen,
        "updated_at": updated_at,
        "version": 1,
        "generation": 1,
        "activity_seq": event_count,
    }
    values |= contacts_judged(
        values.get("email"),
        values.get("email_bounced_at") is not None,
        values.get("phone"),
        values.get("country"),
        account_country,
    )
    return tuple(values.get(name) for name in CUSTOMER_COLUMNS)


def _add_receipts(rows: Rows, household: HouseholdFacts) -> None:
    customer_id = household.customer_id
    rows.add(
        Receipt,
        RECEIPT_COLUMNS,
        [
            (
                customer_id,
                basket.receipt_id,
                basket.external_id,
                basket.number,
                stored_key(basket.number),
                basket.issued_at,
                RECEIPT_STATUS,
                RECEIPT_PAYMENT_STATUS,
                basket.currency,
                basket.product_total_minor,
                None,
                basket.discount_minor,
                basket.product_total_minor,
                basket.original,
                basket.store_id,
            )
            for basket in household.baskets
        ],
    )


def _add_mailings(rows: Rows, household: HouseholdFacts, shape: ShapeRows) -> None:
    customer_id = household.customer_id
    held_back = {sent.campaign_id for sent in household.mailings if sent.participation_id in shape.control_group}
    rows.add(
        MailingParticipation,
        PARTICIPATION_COLUMNS,
        [
            (
                customer_id,
                sent.participation_id,
                sent.mailing_id,
                sent.sent_at,
                sent.participation_id in shape.control_group,
            )
            for sent in household.mailings
        ],
    )
    rows.add(
        PromoCode,
        CODE_COLUMNS,
        [
            (
                customer_id,
                code.promo_code_id,
                code.code,
                code.issued_at,
                code.is_reissued,
                code.redeemed_at,
                PromoCodeOriginKind.CAMPAIGN,
                code.campaign_id,
            )
            for code in _without(held_back, household.promo_codes)
        ],
    )


def _without(held_back: Set[int], codes: Iterable[IssuedCode]) -> Iterator[IssuedCode]:
    """The codes that really went out: a control group gets none, so a later one may be the first after all."""
    seen: set[str] = set()
    for code in codes:
        if code.campaign_id not in held_back:
            yield code._replace(is_reissued=code.code in seen)
            seen.add(code.code)


def _events(household: HouseholdFacts, shape: ShapeRows) -> list[EventRow]:
    """Receipts, and campaign mailings that were really sent. A till reports at once, so both times are one."""
    customer_id = household.customer_id
    events = [
        EventRow(
            customer_id=customer_id,
            id=imported_id(SOURCE, "receipt_issued", basket.external_id),
            category=EventCategory.RECEIPT,
            type="receipt_issued",
            name="Receipt was issued",
            occurred_at=basket.issued_at,
            received_at=basket.issued_at,
            description=basket.number,
            store_id=basket.store_id,
            business_unit_id=basket.business_unit_id,
            subject_id=basket.receipt_id,
        )
        for basket in household.baskets
    ]
    events.extend(
        EventRow(
            customer_id=customer_id,
            id=imported_id(SOURCE, "mailing_sent", str(sent.participation_id)),
            category=EventCategory.MAILING_CAMPAIGN,
            type="mailing_sent",
            name="Mailing was sent",
            occurred_at=sent.sent_at,
            received_at=sent.sent_at,
            description=sent.name,
            subject_id=sent.mailing_id,
        )
        for sent in household.mailings
        if sent.participation_id not in shape.control_group
    )
    return events
