"""Recording what happened elsewhere."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles.recording import MOST_EVENTS, CustomerRef, RecordedEvent, RecordedItem, record_events
from profiles.storage.unit import Unit
from resolvers.arguments import Input
from resolvers.context import Info
from resolvers.ids import number
from resolvers.mutations.customers import AttributeInput
from resolvers.scalars import URL, CurrencyCode
from resolvers.types.customer_key import CustomerKey, read_key
from resolvers.types.event_category import EventCategory
from resolvers.writes import Outcome, UserError, repeat_key, run_once


@strawberry.input(description="A line of a receipt, an order or a cart.")
class EventItemInput:
    product_external_id: str = strawberry.field(
        description="The product's identifier in the source system; one that is not known yet becomes a product."
    )
    name: str | None = strawberry.field(default=None, description="What it was called; null means as the product is.")
    quantity: Decimal = strawberry.field(description="Pieces, or a weight with at most three decimals; 0 or more.")
    unit_price: Decimal = strawberry.field(description="The price of one; 0 or more.")
    currency_code: CurrencyCode | None = strawberry.field(
        default=None, description="The currency, one for all items of an event; null means the account's."
    )


@strawberry.input(description="Something that happened, as another system says.")
class EventInput:
    customer: CustomerKey = strawberry.field(description="Whom it happened to.")
    external_id: str = strawberry.field(
        description="The event's identifier in the source system. A customer has it once: sent again, it is a "
        "duplicate."
    )
    category: EventCategory = strawberry.field(
        description="What kind of thing happened. TAG_ASSIGNED, LIFECYCLE, CONSENT, NOTE, SEGMENT and PROFILE are "
        "written by the gateway itself and refused here."
    )
    type: str = strawberry.field(
        description="What happened, for a machine: one of `Account.eventTypes`, or another. `order_returned` and "
        "`order_cancelled` change the order; a view `added_to_cart`, `removed_from_cart`, `added_to_wishlist` or "
        "`removed_from_wishlist` changes the cart or the wish list by its product (or its items); `email_clicked` "
        "attributes orders, `email_bounced` with `bounce: hard` makes the address invalid."
    )
    name: str | None = strawberry.field(default=None, description="In a few words; null means the type's label.")
    description: str | None = strawberry.field(default=None, description="What it was about, up to 2,000 characters.")
    occurred_at: datetime = strawberry.field(
        description="When it happened. Late events take their place; before 1900, or more than 5 minutes ahead, is "
        "INVALID."
    )
    store_id: strawberry.ID | None = strawberry.field(default=None, description="The store, site or app.")
    session_id: str | None = strawberry.field(
        default=None,
        description="The visit in which it happened, by the source system's identifier. The first event of a visit "
        "makes its SITE_VISIT event too; an order ends it.",
    )
    url: URL | None = strawberry.field(default=None, description="The page.")
    product_external_id: str | None = strawberry.field(
        default=None, description="The product it is about; a viewed one's category feeds interests."
    )
    order_external_id: str | None = strawberry.field(
        default=None,
        description="The order that an ORDER event is about (without it, the event's own identifier names the order), "
        "or that a RECEIPT was issued for.",
    )
    items: list[EventItemInput] | None = strawberry.field(
        default=None,
        description="What was bought, put into the cart, or left in it. A RECEIPT or ORDER with items makes the "
        "receipt or order, or changes its lines; without, it changes what is known already. At most 500.",
    )
    payload: list[AttributeInput] | None = strawberry.field(
        default=None,
        description="What more is known, shown under the event as its details; at most 50, each key once. Some keys "
        "mean something. ORDER: number, status, deliveryStatus, paymentStatus, origin, discount, tax, shipping, "
        "source, couponCode, isReturned, isAttributed, receiptExternalId. RECEIPT: receiptExternalId, number, status, "
        "paymentStatus, deliveryCost, discount. Both: the keys of the account's own attributes of receipts and orders, "
        "where an empty text takes the value away. BONUS_ACCRUED, POINTS_ACCRUED: amount (required; a negative one "
        "takes back). BONUS_ACCRUED: activeFrom (at once where it is not said), expiresAt (never where it is not "
        "said). CATEGORY_VIEW: category (its name). Mailings and EMAIL: mailingExternalId, isControlGroup, bounce. "
        "Amounts are numbers with a point, in the items' currency; moments are `2026-01-31T09:30:00Z`; yes and no are "
        "true and false.",
    )


@strawberry.input(description="Events to record, all or none of them.")
class RecordEventsInput:
    events: list[EventInput] = strawberry.field(description=f"At most {MOST_EVENTS}; delivered live in this order.")
    create_contacts: bool = strawberry.field(
        default=False, description="Whether an unknown identifier becomes a new contact instead of being refused."
    )
    client_mutation_id: str | None = repeat_key()


@strawberry.type(description="What came of recording events.")
class RecordEventsPayload:
    recorded: int = strawberry.field(description="How many events were written; 0 when refused.")
    duplicates: int = strawberry.field(description="How many had been recorded before, and were not written again.")
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the call, at most 20; empty when all went well. One bad event refuses them all."
    )


async def record(info: Info, input: Input[RecordEventsInput]) -> RecordEventsPayload | None:
    context = info.context
    events = [_event(info, position, event) for position, event in enumerate(input.events)]

    async def act(unit: Unit) -> Outcome:
        done = await record_events(
            unit, context.account, context.viewer.name, events, input.create_contacts, context.now
        )
        return {"recorded": done.recorded, "duplicates": done.duplicates}

    outcome, errors = await run_once(info, "recordEvents", input, act)
    return RecordEventsPayload(
        recorded=outcome.get("recorded", 0), duplicates=outcome.get("duplicates", 0), user_errors=errors
    )


def _event(info: Info, position: int, event: EventInput) -> RecordedEvent:
    path = ("input", "events", str(position))
    store_id = None if event.store_id is None else number(event.store_id, "Store", (*path, "storeId"))
    return RecordedEvent(
        position=position,
        customer=_customer(info, event.customer, (*path, "customer")),
        external_id=event.external_id,
        category=event.category,
        type=event.type,
        name=event.name,
        description=event.description,
        occurred_at=event.occurred_at,
        store_id=store_id,
        session_external_id=event.session_id,
        url=event.url,
        product_external_id=event.product_external_id,
        order_external_id=event.order_external_id,
        items=tuple(
            RecordedItem(item.product_external_id, item.name, item.quantity, item.unit_price, item.currency_code)
            for item in event.items or ()
        ),
        payload=tuple((entry.key, entry.value) for entry in event.payload or ()),
    )


def _customer(info: Info, key: CustomerKey, path: tuple[str, ...]) -> CustomerRef:
    asked = read_key(info, key, path)
    given = next((said.value for said in (key.external_id, key.crm_id, key.email, key.phone) if said is not None), None)
    return CustomerRef(asked.customer_id, asked.kind, asked.value, given)
