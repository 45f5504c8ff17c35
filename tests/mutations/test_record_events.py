"""Events that other systems send: each is kept once, in its place, with the purchases and visits it tells of."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.catalog import Category, DataSource, ExchangeRate, Product, Store
from profiles.changes import Change
from profiles.contacts import Channel
from profiles.customers import Customer, CustomerSource, Identifier
from profiles.mailings import Campaign, Mailing, MailingKind, MailingParticipation
from profiles.metrics import CustomerMetrics
from profiles.orders import Order, OrderItem
from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.receipts import Receipt, ReceiptItem
from profiles.summaries import recompute_summaries
from profiles.timeline import EventCategory, OutboxEntry, Session, TimelineEvent
from profiles.viewer import ALL_SCOPES, Scope
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.people import add, count, customer_id, people, stored

RECORD = """
mutation ($input: RecordEventsInput!) {
  recordEvents(input: $input) { recorded duplicates userErrors { message field code } }
}
"""
NOW = datetime.now(UTC).replace(microsecond=0)
TEA, STORE = 7, 3


def event(
    external_id: str = "e-1", category: str = "PAGE_VIEW", minutes_ago: float = 10, **fields: Any
) -> dict[str, Any]:
    """An event of customer 1."""
    return {
        "customer": {"id": customer_id(1)},
        "externalId": external_id,
        "category": category,
        "type": category.lower(),
        "occurredAt": (NOW - timedelta(minutes=minutes_ago)).isoformat(),
    } | fields


def item(product: str, quantity: str, price: str, **fields: Any) -> dict[str, Any]:
    return {"productExternalId": product, "quantity": quantity, "unitPrice": price} | fields


def payload(**said: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in said.items()]


async def record(gateway: Gateway, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the mutation answers."""
    scopes = more.pop("scopes", None)
    answer = await gateway.ask(RECORD, {"input": {"events": list(events)} | more}, scopes=scopes)
    assert answer.errors == []
    payload: dict[str, Any] = answer.data["recordEvents"]
    return payload


def done(recorded: int, duplicates: int = 0) -> dict[str, Any]:
    return {"recorded": recorded, "duplicates": duplicates, "userErrors": []}


def refused(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and path of each userError; nothing was recorded."""
    assert (payload["recorded"], payload["duplicates"]) == (0, 0)
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def shop(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(
        gateway,
        Store(id=STORE, external_id="s", name="Main Street"),
        Category(id=TEA, name="Tea"),
        Product(id=71, external_id="green", name="Green tea", category_id=TEA),
        Product(id=72, external_id="black", name="Black tea", category_id=TEA),
    )


async def summaries_are_true(gateway: Gateway, id: int = 1) -> None:
    """What the write left in the summaries is what computing them anew gives."""

    async def rows() -> list[Any]:
        kept = [
            await stored(gateway, model, customer_id=id)
            for model in (CustomerMetrics, PurchasedProduct, PurchasedStore)
        ]
        return [row.model_dump() for some in kept for row in some]

    before = await rows()
    async with gateway.store.write() as unit:
        await recompute_summaries(await unit.session.connection(), unit.dialect, gateway.account, [id])
    assert before == await rows()


async def test_an_event_is_kept_as_it_was_sent(gateway: Gateway) -> None:
    await shop(gateway)
    sent = event(
        category="CALL_CENTER",
        type="call",
        description="Asked about an order",
        storeId=encode("Store", STORE),
        payload=payload(subject="order", minutes="5"),
    )
    assert await record(gateway, sent) == done(1)
    (row,) = await stored(gateway, TimelineEvent, customer_id=1)
    assert (row.category, row.type, row.name) == (EventCategory.CALL_CENTER, "call", "Call with the call center")
    assert (row.description, row.external_id, row.store_id) == ("Asked about an order", "e-1", STORE)
    assert row.occurred_at == NOW - timedelta(minutes=10)
    assert row.received_at >= NOW
    assert row.details == {"details": [{"label": "subject", "value": "order"}, {"label": "minutes", "value": "5"}]}
    (customer,) = await stored(gateway, Customer, id=1)
    assert (customer.activity_seq, customer.version) == (1, 1)
    assert await count(gateway, OutboxEntry) == 0


async def test_an_event_that_was_recorded_before_is_counted_and_not_written_again(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, event("a"), event("b"), event("a", description="again")) == done(2, 1)
    assert await record(gateway, event("b"), event("c")) == done(1, 1)
    assert await record(gateway, event("a", customer={"id": customer_id(2)})) == done(1)
    rows = await stored(gateway, TimelineEvent, customer_id=1)
    assert [(row.external_id, row.activity_seq, row.description) for row in rows] == [
        ("a", 1, None),
        ("b", 2, None),
        ("c", 3, None),
    ]


async def test_parallel_calls_with_the_same_events_write_each_once(gateway: Gateway) -> None:
    await shop(gateway)
    mine = [event(f"e-{number}", customer={"id": customer_id(1 + number % 2)}) for number in range(20)]
    answers = await asyncio.gather(*(record(gateway, *(mine if call % 2 else mine[::-1])) for call in range(8)))
    assert sum(answer["recorded"] for answer in answers) == 20
    assert sum(answer["duplicates"] for answer in answers) == 7 * 20
    assert [row.activity_seq for row in await stored(gateway, TimelineEvent, customer_id=1)] == list(range(1, 11))


async def test_a_repeated_call_answers_the_same_and_writes_nothing(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, event(), clientMutationId="x") == done(1)
    assert await record(gateway, event(), clientMutationId="x") == done(1)
    assert refused(await record(gateway, event("other"), clientMutationId="x")) == [
        ("CONFLICT", "input.clientMutationId")
    ]
    assert await count(gateway, TimelineEvent) == 1


@pytest.mark.parametrize(
    ("key", "column", "value"),
    [
        ({"externalId": "new-1"}, "external_id", "new-1"),
        ({"crmId": "C-9"}, "crm_id", "C-9"),
        ({"email": "New.One@Example.com"}, "email", "New.One@Example.com"),
        ({"phone": "(212) 555-0143"}, "phone", "(212) 555-0143"),
    ],
)
async def test_an_unknown_customer_becomes_a_contact_only_where_wanted(
    gateway: Gateway, key: dict[str, str], column: str, value: str
) -> None:
    await shop(gateway)
    mine = [event(customer=key), event("e-2", customer=key)]
    assert refused(await record(gateway, event("known"), *mine)) == [
        ("NOT_FOUND", "input.events.1.customer"),
        ("NOT_FOUND", "input.events.2.customer"),
    ]
    assert await count(gateway, TimelineEvent) == 0
    assert await record(gateway, *mine, createContacts=True) == done(2)
    assert await record(gateway, event("e-3", customer=key)) == done(1)
    (contact,) = await stored(gateway, Customer, **{column: value})
    assert [row.external_id for row in await stored(gateway, TimelineEvent, customer_id=contact.id)] == [
        "e-1",
        "e-2",
        "e-3",
    ]
    assert len(await stored(gateway, Identifier, customer_id=contact.id)) == 1
    assert (await stored(gateway, CustomerMetrics, customer_id=contact.id))[0].last_activity_at is not None
    answer = await gateway.ask("query ($by: CustomerKey!) { customer(by: $by) { id kind } }", {"by": key})
    assert answer.data["customer"] == {"id": customer_id(contact.id), "kind": "CONTACT"}


async def test_an_unknown_id_is_never_made(gateway: Gateway) -> None:
    await shop(gateway)
    answer = await record(gateway, event(customer={"id": customer_id(99)}), createContacts=True)
    assert refused(answer) == [("NOT_FOUND", "input.events.0.customer")]
    assert await count(gateway, Customer) == 2


async def test_blanks_around_an_identifier_make_no_second_contact(gateway: Gateway) -> None:
    await shop(gateway)
    keys = [{"externalId": "new"}, {"externalId": " new\t"}, {"crmId": "c-1"}, {"crmId": " c-1 "}]
    events = [event(f"{number}", customer=key) for number, key in enumerate(keys)]
    assert await record(gateway, *events, createContacts=True) == done(4)
    assert await count(gateway, Customer) == 2 + 2
    for key in ('externalId: " new "', 'crmId: "c-1 "'):
        answer = await gateway.ask(f"{{ customer(by: {{ {key} }}) {{ timeline {{ totalCount }} }} }}")
        assert answer.data == {"customer": {"timeline": {"totalCount": 2}}}


async def test_parallel_calls_make_a_new_contact_once(gateway: Gateway) -> None:
    await shop(gateway)
    keys = [{"externalId": f"new-{number}"} for number in range(4)]

    async def call(number: int) -> dict[str, Any]:
        mine = [event(f"{number}", customer=key) for key in (keys if number % 2 else keys[::-1])]
        return await record(gateway, *mine, createContacts=True)

    answers = await asyncio.gather(*(call(number) for number in range(6)))
    assert answers == [done(4)] * 6
    assert await count(gateway, Customer) == 2 + 4
    assert await count(gateway, TimelineEvent) == 6 * 4


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"category": "NOTE"}, "INVALID", "category"),
    ({"category": "CONSENT"}, "INVALID", "category"),
    ({"category": "TAG_ASSIGNED"}, "INVALID", "category"),
    ({"category": "SEGMENT"}, "INVALID", "category"),
    ({"category": "LIFECYCLE"}, "INVALID", "category"),
    ({"category": "PROFILE"}, "INVALID", "category"),
    ({"occurredAt": (NOW + timedelta(hours=1)).isoformat()}, "INVALID", "occurredAt"),
    ({"occurredAt": "0001-01-01T00:00:00Z"}, "INVALID", "occurredAt"),
    ({"externalId": " "}, "REQUIRED", "externalId"),
    ({"externalId": "x" * 201}, "INVALID", "externalId"),
    ({"customer": {"externalId": ""}}, "REQUIRED", "customer"),
    ({"customer": {"crmId": " \t"}}, "REQUIRED", "customer"),
    ({"customer": {"email": " "}}, "REQUIRED", "customer"),
    ({"type": ""}, "REQUIRED", "type"),
    ({"type": "x" * 101}, "INVALID", "type"),
    ({"name": "a\x00b"}, "INVALID", "name"),
    ({"storeId": encode("Store", 99)}, "NOT_FOUND", "storeId"),
    ({"items": [item("green", "1", "1")]}, "INVALID", "items"),
    ({"category": "RECEIPT", "items": [item("green", "-1", "1")]}, "INVALID", "items.0.quantity"),
    ({"category": "RECEIPT", "items": [item("green", "0.0001", "1")]}, "INVALID", "items.0.quantity"),
    ({"category": "ORDER", "items": [item("green", "1", "-1")]}, "INVALID", "items.0.unitPrice"),
    ({"category": "ORDER", "items": [item("green", "1", "999999999999999999")]}, "INVALID", "items.0.unitPrice"),
    ({"category": "ORDER", "items": [item("green", "1000000000", "1000000000000")]}, "INVALID", "items.0"),
    ({"category": "ORDER", "items": [item("green", "0", "1000000000000.01")]}, "INVALID", "items.0"),
    ({"category": "RECEIPT", "items": [item("green", "1", "500000000001")] * 2}, "INVALID", "items"),
    ({"category": "ORDER", "payload": payload(tax="1000000000000.01")}, "INVALID", "payload.0.value"),
    ({"category": "POINTS_ACCRUED", "payload": payload(amount="1000000001")}, "INVALID", "payload.0.value"),
    ({"category": "BONUS_ACCRUED", "payload": payload(amount="-1000000001")}, "INVALID", "payload.0.value"),
    (
        {"category": "ORDER", "items": [item("green", "1", "1"), item("green", "1", "1", currencyCode="CAD")]},
        "INVALID",
        "items",
    ),
    ({"category": "ORDER", "payload": payload(status="GONE")}, "INVALID", "payload.0.value"),
    # What says nothing has its place all the same.
    (
        {"category": "ORDER", "payload": [{"key": "tax", "value": None}, *payload(status="GONE")]},
        "INVALID",
        "payload.1.value",
    ),
    ({"category": "ORDER", "payload": payload(discount="much")}, "INVALID", "payload.0.value"),
    ({"category": "BONUS_ACCRUED"}, "REQUIRED", "payload"),
    ({"category": "EMAIL", "payload": payload(mailingExternalId="none")}, "NOT_FOUND", "payload"),
]


@pytest.mark.parametrize(("fields", "code", "place"), FAULTS)
async def test_a_bad_event_refuses_the_whole_call_and_says_why(
    gateway: Gateway, fields: dict[str, Any], code: str, place: str
) -> None:
    await shop(gateway)
    answer = await record(gateway, event("good"), event("bad") | fields, createContacts=True)
    assert refused(answer) == [(code, f"input.events.1.{place}")]
    assert await count(gateway, TimelineEvent) == 0
    assert (await stored(gateway, Customer, id=1))[0].activity_seq == 0


async def test_the_largest_amounts_are_recorded_and_add_up(gateway: Gateway) -> None:
    await shop(gateway)
    most = [item("green", "1", "500000000000")] * 2
    extras = payload(tax="1000000000000", shipping="1000000000000")
    events = [event(f"{number}", category="ORDER", items=most, payload=extras) for number in range(300)]
    assert await record(gateway, *events[:150]) == done(150)
    assert await record(gateway, *events[150:]) == done(150)
    answer = await gateway.ask("{ customers(first: 0) { aggregate { revenue { amount } } } }")
    assert answer.data == {"customers": {"aggregate": {"revenue": {"amount": "900000000000000.00"}}}}


async def test_a_refused_call_lists_its_first_twenty_faults(gateway: Gateway) -> None:
    await shop(gateway)
    answer = await record(gateway, *(event(f"{number}", type="") for number in range(30)))
    assert refused(answer) == [("REQUIRED", f"input.events.{number}.type") for number in range(20)]


async def test_a_clock_a_little_ahead_is_forgiven(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, event(minutes_ago=-4)) == done(1)


async def test_a_call_takes_five_hundred_events_and_no_more(gateway: Gateway) -> None:
    await shop(gateway)
    mine = [event(f"{number}", customer={"id": customer_id(1 + number % 2)}) for number in range(501)]
    assert refused(await record(gateway, *mine)) == [("TOO_MANY", "input.events")]
    assert await record(gateway, *mine[:500]) == done(500)
    assert await record(gateway, *mine[:500]) == done(0, 500)
    assert await record(gateway) == done(0)


async def test_recording_needs_its_scope(gateway: Gateway) -> None:
    await shop(gateway)
    answer = await gateway.ask(RECORD, {"input": {"events": [event()]}}, scopes=ALL_SCOPES - {Scope.EVENTS_WRITE})
    assert (answer.data, answer.codes) == ({"recordEvents": None}, ["FORBIDDEN"])
    assert await count(gateway, TimelineEvent) == 0


async def test_a_personal_key_needs_the_scope_of_personal_data(gateway: Gateway) -> None:
    await people(gateway, 1, email="ann@example.com")
    mine = event(customer={"email": "ann@example.com"})
    assert await record(gateway, event("b", customer={"externalId": "ext-1"}), scopes=[Scope.EVENTS_WRITE]) == done(1)
    answer = await gateway.ask(RECORD, {"input": {"events": [mine]}}, scopes=[Scope.EVENTS_WRITE])
    assert (answer.data, answer.codes) == ({"recordEvents": None}, ["FORBIDDEN"])
    assert await record(gateway, mine) == done(1)


async def test_a_blank_word_of_a_payload_says_nothing(gateway: Gateway) -> None:
    await shop(gateway)
    words = dict.fromkeys(("paymentStatus", "deliveryStatus", "couponCode", "source", "number"), " ")
    said = {key: f"{key}!" for key in words}
    for category, model in (("RECEIPT", Receipt), ("ORDER", Order)):
        blank, worded = f"{category}-blank", f"{category}-worded"
        plain = {"category": category, "items": [item("green", "1", "1")]}
        assert await record(gateway, event(blank, payload=payload(**words), **plain)) == done(1)
        assert await record(gateway, event(worded, payload=payload(**said), **plain)) == done(1)
        rows = {row.external_id: row for row in await stored(gateway, model, customer_id=1)}
        assert rows[blank].number == blank
        assert "" not in rows[blank].model_dump().values()
        assert " " not in rows[blank].model_dump().values()
        assert rows[worded].payment_status == "paymentStatus!"


async def test_a_receipt_with_items_becomes_a_receipt(gateway: Gateway) -> None:
    await shop(gateway)
    sent = event(
        "r-1",
        "RECEIPT",
        type="receipt_issued",
        storeId=encode("Store", STORE),
        items=[item("green", "2", "3.50"), item("unknown-1", "0.345", "10", name="Loose tea"), item("black", "0", "4")],
        payload=payload(number="N-17", discount="1.25", deliveryCost="2"),
    )
    assert await record(gateway, sent) == done(1)
    (receipt,) = await stored(gateway, Receipt, customer_id=1)
    assert (receipt.external_id, receipt.number, receipt.status) == ("r-1", "N-17", "COMPLETED")
    assert (receipt.issued_at, receipt.store_id) == (NOW - timedelta(minutes=10), STORE)
    assert (receipt.product_total_minor, receipt.delivery_cost_minor) == (700 + 345 + 400, 200)
    assert (receipt.discount_minor, receipt.total_minor) == (125, 1645)
    lines = await stored(gateway, ReceiptItem, customer_id=1)
    assert [(line.name, line.quantity_milli, line.price_minor, line.total_minor) for line in lines] == [
        ("Green tea", 2000, 350, 700),
        ("Loose tea", 345, 1000, 345),
        ("Black tea", 0, 400, 400),
    ]
    (made,) = await stored(gateway, Product, external_id="unknown-1")
    assert (made.name, made.is_named, made.brand, made.category_id, made.price_minor) == (
        "unknown-1",
        False,
        None,
        None,
        None,
    )
    (row,) = await stored(gateway, TimelineEvent, customer_id=1)
    assert (row.subject_id, row.name, row.description) == (receipt.id, "Receipt was issued", "N-17")
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.receipt_count, metrics.receipt_total_minor, metrics.purchase_count) == (1, 1645, 1)
    assert {row.product_id for row in await stored(gateway, PurchasedProduct, customer_id=1)} == {71, 72, made.id}
    await summaries_are_true(gateway)


async def test_a_receipt_said_again_has_the_lines_that_were_said_last(gateway: Gateway) -> None:
    await shop(gateway)
    first = event(
        "a", "RECEIPT", items=[item("green", "2", "3"), item("black", "1", "1")], payload=payload(receiptExternalId="R")
    )
    again = event("b", "RECEIPT", 5, items=[item("black", "3", "2")], payload=payload(receiptExternalId="R"))
    late = event("c", "RECEIPT", 8, items=[item("green", "9", "9")], payload=payload(receiptExternalId="R"))
    for sent in (first, again, late):
        assert await record(gateway, sent) == done(1)
    (receipt,) = await stored(gateway, Receipt, customer_id=1)
    assert (receipt.external_id, receipt.total_minor, receipt.issued_at) == ("R", 600, NOW - timedelta(minutes=10))
    assert [line.product_id for line in await stored(gateway, ReceiptItem, customer_id=1)] == [72]
    assert {row.subject_id for row in await stored(gateway, TimelineEvent, customer_id=1)} == {receipt.id}
    await summaries_are_true(gateway)


async def test_an_order_with_items_becomes_an_order_that_counts(gateway: Gateway) -> None:
    await shop(gateway)
    said = payload(discount="1", tax="0.61", shipping="4.95", origin="MOBILE_APP", source="ios app", number="W-1")
    sent = event(
        "o-1", "ORDER", type="order_placed", items=[item("green", "2", "3.50"), item("black", "1.5", "2")], payload=said
    )
    assert await record(gateway, sent) == done(1)
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (order.external_id, order.number, order.status) == ("o-1", "W-1", "CONFIRMED")
    assert (order.origin, order.source, order.payment_status, order.is_returned) == (
        "MOBILE_APP",
        "ios app",
        "UNPAID",
        False,
    )
    assert (order.subtotal_minor, order.product_cost_minor, order.total_minor) == (1000, 900, 900 + 61 + 495)
    assert (order.product_count, order.is_attributed) == (3, False)
    lines = await stored(gateway, OrderItem, customer_id=1)
    assert [(line.unit_price_minor, line.total_minor) for line in lines] == [(350, 700), (200, 300)]
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.order_count, metrics.order_total_minor, metrics.purchase_count) == (1, 1456, 1)
    await summaries_are_true(gateway)


async def test_an_order_changes_by_later_events_and_not_by_late_ones(gateway: Gateway) -> None:
    await shop(gateway)
    await record(
        gateway, event("e1", "ORDER", 30, type="order_placed", orderExternalId="O", items=[item("green", "1", "5")])
    )
    shipped = event("e2", "ORDER", 10, type="order_changed", orderExternalId="O", payload=payload(status="SHIPPED"))
    late = event("e3", "ORDER", 20, type="order_changed", orderExternalId="O", payload=payload(status="NEW"))
    assert await record(gateway, shipped) == done(1)
    assert await record(gateway, late) == done(1)
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (order.status, order.total_minor) == ("SHIPPED", 500)
    returned = event("e4", "ORDER", 5, type="order_returned", orderExternalId="O")
    assert await record(gateway, returned) == done(1)
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (order.status, order.is_returned) == ("RETURNED", True)
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.order_count, metrics.return_count, metrics.returns_total_minor) == (1, 1, 500)
    assert await count(gateway, OrderItem) == 1
    await summaries_are_true(gateway)


async def test_a_return_stays_one_when_a_later_event_says_nothing_of_it(gateway: Gateway) -> None:
    await shop(gateway)
    lines = [item("green", "1", "5")]
    await record(
        gateway,
        event("e1", "ORDER", 30, orderExternalId="O", items=lines),
        event("e2", "ORDER", 20, type="order_changed", orderExternalId="O", payload=payload(isReturned="true")),
        event("e3", "ORDER", 10, type="refund", orderExternalId="O", payload=payload(paymentStatus="REFUNDED")),
    )
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (order.is_returned, order.payment_status) == (True, "REFUNDED")
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.return_count, metrics.returns_total_minor) == (1, 500)
    said = payload(status="COMPLETED")
    await record(gateway, event("e4", "ORDER", 5, type="order_changed", orderExternalId="O", payload=said))
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (order.is_returned, order.status) == (False, "COMPLETED")


async def test_an_event_about_an_order_that_nobody_knows_is_kept_alone(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, event("e", "ORDER", type="order_cancelled", orderExternalId="O")) == done(1)
    assert await count(gateway, Order) == 0
    assert (await stored(gateway, TimelineEvent, customer_id=1))[0].subject_id is None


async def test_an_order_and_its_receipt_count_once(gateway: Gateway) -> None:
    await shop(gateway)
    lines = [item("green", "1", "5")]
    receipt = event("r", "RECEIPT", 10, orderExternalId="O", items=lines)
    order = event("o", "ORDER", 10, orderExternalId="O", items=lines)
    assert await record(gateway, receipt, order) == done(2)
    (kept,) = await stored(gateway, Order, customer_id=1)
    (issued,) = await stored(gateway, Receipt, customer_id=1)
    assert (kept.receipt_id, kept.payment_status) == (issued.id, "PAID")
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.receipt_count, metrics.order_count, metrics.purchase_count) == (1, 1, 1)
    await summaries_are_true(gateway)


@pytest.mark.parametrize("names", ["the order", "the receipt"])
@pytest.mark.parametrize("is_receipt_first", [True, False])
@pytest.mark.parametrize("in_one_call", [True, False])
async def test_an_order_and_its_receipt_count_once_in_whatever_order_they_arrive(
    gateway: Gateway, names: str, is_receipt_first: bool, in_one_call: bool
) -> None:
    await shop(gateway)
    lines = [item("green", "1", "5")]
    receipt = event("R", "RECEIPT", 10 if is_receipt_first else 5, items=lines)
    order = event("O", "ORDER", 5 if is_receipt_first else 10, items=lines)
    if names == "the order":
        receipt["orderExternalId"] = "O"
    else:
        order["payload"] = payload(receiptExternalId="R")
    calls = [[receipt], [order]] if is_receipt_first else [[order], [receipt]]
    for sent in [[receipt, order]] if in_one_call else calls:
        assert await record(gateway, *sent) == done(len(sent))
    (kept,) = await stored(gateway, Order, customer_id=1)
    (issued,) = await stored(gateway, Receipt, customer_id=1)
    assert (kept.receipt_id, kept.payment_status) == (issued.id, "PAID")
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.receipt_count, metrics.order_count, metrics.purchase_count) == (1, 1, 1)
    (product,) = await stored(gateway, PurchasedProduct, customer_id=1)
    assert product.purchase_count == 1
    await summaries_are_true(gateway)


async def test_another_currency_is_converted_at_the_rate_of_its_day(gateway: Gateway) -> None:
    await shop(gateway)
    day = (NOW - timedelta(days=3)).date()
    await add(
        gateway,
        ExchangeRate(currency="CAD", day=(day - timedelta(days=9)).isoformat(), rate="0.74"),
        ExchangeRate(currency="CAD", day=NOW.date().isoformat(), rate="0.5"),
    )
    sent = event("r", "RECEIPT", 60 * 24 * 3, items=[item("green", "3", "3.33", currencyCode="CAD")])
    unknown = event("o", "ORDER", 5, items=[item("green", "1", "1000", currencyCode="JPY")])
    assert await record(gateway, sent, unknown) == done(2)
    (receipt,) = await stored(gateway, Receipt, customer_id=1)
    assert (receipt.currency, receipt.total_minor) == ("USD", 739)
    assert receipt.original == {
        "currency": "CAD",
        "rate": "0.74",
        "rate_date": (day - timedelta(days=9)).isoformat(),
        "product_total": 999,
        "discount": 0,
        "total": 999,
    }
    (line,) = await stored(gateway, ReceiptItem, customer_id=1)
    assert (line.price_minor, line.total_minor, line.original["price"], line.original["total"]) == (246, 739, 333, 999)
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (order.currency, order.total_minor, order.original) == ("JPY", 1000, None)
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.order_count, metrics.order_total_minor) == (1, 0)
    await summaries_are_true(gateway)


@pytest.mark.parametrize(
    ("minutes_before", "is_attributed"),
    [
        pytest.param(60, True, id="an hour before"),
        pytest.param(0, True, id="at the same instant"),
        pytest.param(-1 / 60, False, id="a second after the order"),
        pytest.param(60 * 24 * 5, True, id="exactly five days before"),
        pytest.param(60 * 24 * 5 + 1 / 60, False, id="a second more than five days before"),
    ],
)
async def test_an_order_soon_after_an_email_click_is_attributed(
    gateway: Gateway, minutes_before: float, is_attributed: bool
) -> None:
    await shop(gateway)
    await record(gateway, event("click", "EMAIL", 10 + minutes_before, type="email_clicked"))
    await record(gateway, event("o", "ORDER", 10, items=[item("green", "1", "5")]))
    assert (await stored(gateway, Order, customer_id=1))[0].is_attributed is is_attributed


async def test_a_click_that_arrives_after_its_order_attributes_it_unless_the_source_denies_it(gateway: Gateway) -> None:
    await shop(gateway)
    lines = [item("green", "1", "5")]
    await record(
        gateway,
        event("won", "ORDER", 10, items=lines),
        event("denied", "ORDER", 10, items=lines, payload=payload(isAttributed="false")),
        event("before", "ORDER", 30, items=lines),
        event("other", "ORDER", 10, items=lines, customer={"id": customer_id(2)}),
    )
    group = event("group", "EMAIL", 15, type="email_clicked", payload=payload(isControlGroup="true"))
    assert await record(gateway, group) == done(1)
    assert not any(order.is_attributed for order in await stored(gateway, Order))
    assert await record(gateway, event("click", "EMAIL", 15, type="email_clicked")) == done(1)
    assert {order.external_id for order in await stored(gateway, Order) if order.is_attributed} == {"won"}
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.order_count, metrics.attributed_order_count) == (3, 1)
    await summaries_are_true(gateway)


async def test_an_order_with_a_promo_code_of_a_campaign_is_attributed(gateway: Gateway) -> None:
    await shop(gateway)
    code = {"customer_id": 1, "issued_at": NOW - timedelta(days=30)}
    await add(
        gateway,
        PromoCode(id=1, code="SAVE", origin_kind=PromoCodeOriginKind.CAMPAIGN, origin_id=1, **code),
        PromoCode(id=2, code="OTHER", **code),
    )
    lines = [item("green", "1", "5")]
    await record(
        gateway,
        event("a", "ORDER", items=lines, payload=payload(couponCode="SAVE")),
        event("b", "ORDER", items=lines, payload=payload(couponCode="OTHER")),
        event("c", "ORDER", items=lines, payload=payload(isAttributed="true")),
        event("d", "ORDER", items=lines, payload=payload(couponCode="SAVE", isAttributed="false")),
    )
    orders = await stored(gateway, Order, customer_id=1)
    assert {order.external_id: order.is_attributed for order in orders} == {
        "a": True,
        "b": False,
        "c": True,
        "d": False,
    }


async def test_what_the_source_said_of_an_order_stays_when_later_events_say_nothing_of_it(gateway: Gateway) -> None:
    await shop(gateway)
    lines = [item("green", "1", "5")]
    await record(
        gateway,
        event("click", "EMAIL", 60, type="email_clicked"),
        event("denied", "ORDER", 50, items=lines, payload=payload(isAttributed="false")),
        event("claimed", "ORDER", 50, items=lines, payload=payload(isAttributed="true")),
        event("at once", "ORDER", 50, items=lines, payload=payload(isAttributed="false")),
        event("at once, later", "ORDER", 45, orderExternalId="at once", payload=payload(status="SHIPPED")),
        event("taken back", "ORDER", 50, items=lines),
    )
    for name in ("denied", "claimed"):
        later = event(f"{name}, later", "ORDER", 40, orderExternalId=name, payload=payload(status="SHIPPED"))
        assert await record(gateway, later) == done(1)
    denial = event("denial", "ORDER", 40, orderExternalId="taken back", payload=payload(isAttributed="false"))
    assert await record(gateway, denial) == done(1)
    orders = await stored(gateway, Order, customer_id=1)
    assert {order.external_id for order in orders if order.is_attributed} == {"claimed"}
    assert await record(gateway, event("click again", "EMAIL", 55, type="email_clicked")) == done(1)
    orders = await stored(gateway, Order, customer_id=1)
    assert {order.external_id for order in orders if order.is_attributed} == {"claimed"}
    await summaries_are_true(gateway)


@pytest.mark.parametrize("is_told_with_the_order", [True, False])
async def test_control_groups_never_attribute(gateway: Gateway, is_told_with_the_order: bool) -> None:
    await shop(gateway)
    await add(
        gateway,
        Campaign(id=1, external_id="c-1", name="Spring"),
        Campaign(id=2, external_id="c-2", name="Summer"),
        *(
            Mailing(
                id=id,
                external_id=f"m-{id}",
                name="News",
                channel=Channel.EMAIL,
                kind=MailingKind.CAMPAIGN,
                campaign_id=campaign,
            )
            for id, campaign in ((1, 1), (2, 2), (3, 2))
        ),
        *(
            PromoCode(
                customer_id=1, id=id, code=code, issued_at=NOW - timedelta(days=30), origin_kind=kind, origin_id=of
            )
            for id, (code, kind, of) in enumerate(
                (
                    ("HELD", PromoCodeOriginKind.MAILING, 1),
                    ("SENT", PromoCodeOriginKind.MAILING, 2),
                    ("HELD-CAMPAIGN", PromoCodeOriginKind.CAMPAIGN, 1),
                    ("SENT-CAMPAIGN", PromoCodeOriginKind.CAMPAIGN, 2),
                ),
                start=1,
            )
        ),
    )
    held = payload(mailingExternalId="m-1", isControlGroup="true")
    told = [
        event("held", "MAILING_CAMPAIGN", 90, payload=held),
        event("sent", "MAILING_CAMPAIGN", 90, payload=payload(mailingExternalId="m-2")),
        event("both", "MAILING_CAMPAIGN", 90, payload=payload(mailingExternalId="m-3", isControlGroup="true")),
        # It does not say itself that it is of the control group: their participation says so.
        event("click", "EMAIL", 80, type="email_clicked", payload=payload(mailingExternalId="m-1")),
    ]
    lines = [item("green", "1", "5")]
    ordered = [event("plain", "ORDER", 10, items=lines)] + [
        event(code, "ORDER", 10, items=lines, payload=payload(couponCode=code))
        for code in ("HELD", "SENT", "HELD-CAMPAIGN", "SENT-CAMPAIGN")
    ]
    for sent in [told + ordered] if is_told_with_the_order else [told, ordered]:
        assert await record(gateway, *sent) == done(len(sent))
    orders = await stored(gateway, Order, customer_id=1)
    assert {order.external_id for order in orders if order.is_attributed} == {"SENT", "SENT-CAMPAIGN"}
    late = event("late click", "EMAIL", 70, type="email_clicked", payload=payload(mailingExternalId="m-1"))
    assert await record(gateway, late) == done(1)
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.order_count, metrics.attributed_order_count) == (5, 2)
    await summaries_are_true(gateway)


async def test_views_know_their_product_and_category(gateway: Gateway) -> None:
    await shop(gateway)
    mine = [
        event("a", "PRODUCT_VIEW", productExternalId="green", url="https://shop.example/green?who=ann"),
        event("b", "CATEGORY_VIEW", payload=payload(category="Tea")),
        event("c", "CATEGORY_VIEW", payload=payload(category="Coffee")),
        event("d", "PAGE_VIEW", productExternalId="green"),
        event("e", "PRODUCT_VIEW", productExternalId="never seen"),
        event("f", "CATEGORY_VIEW", payload=payload(category=" Tea ")),
        event("g", "CATEGORY_VIEW", payload=payload(category=" ")),
    ]
    assert await record(gateway, *mine) == done(7)
    assert {row.name for row in await stored(gateway, Category)} == {"Tea", "Coffee"}
    (coffee,) = await stored(gateway, Category, name="Coffee")
    (unknown,) = await stored(gateway, Product, external_id="never seen")
    rows = await stored(gateway, TimelineEvent, customer_id=1)
    assert [(row.product_id, row.viewed_category_id, row.description) for row in rows] == [
        (71, TEA, "Green tea"),
        (None, TEA, "Tea"),
        (None, coffee.id, "Coffee"),
        (71, None, "Green tea"),
        (unknown.id, None, "never seen"),
        (None, TEA, "Tea"),
        (None, None, None),
    ]
    await summaries_are_true(gateway)


async def test_a_visit_has_one_event_and_follows_its_visitor(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, event("r", "RECEIPT", 500, items=[item("green", "1", "5")]))
    visit = {"sessionId": "v-1", "storeId": encode("Store", STORE)}
    first = [
        event("1", "PAGE_VIEW", 9, url="https://shop.example/", **visit),
        event("2", "PRODUCT_VIEW", 7, productExternalId="green", url="https://shop.example/green", **visit),
    ]
    assert await record(gateway, *first) == done(2)
    (session,) = await stored(gateway, Session, customer_id=1)
    assert (session.state, session.external_id, session.store_id) == ("LIVE", "v-1", STORE)
    assert (session.started_at, session.last_seen_at) == (NOW - timedelta(minutes=9), NOW - timedelta(minutes=7))
    assert session.current_url == "https://shop.example/green"
    rows = await stored(gateway, TimelineEvent, customer_id=1, session_id=session.id)
    assert [(row.category, row.activity_seq) for row in rows] == [
        ("SITE_VISIT", 2),
        ("PAGE_VIEW", 3),
        ("PRODUCT_VIEW", 4),
    ]
    # What comes later but happened earlier begins the visit earlier, and does not take it back.
    assert await record(gateway, event("3", "PAGE_VIEW", 12, url="https://shop.example/start", **visit)) == done(1)
    (session,) = await stored(gateway, Session, customer_id=1)
    assert (session.started_at, session.current_url) == (NOW - timedelta(minutes=12), "https://shop.example/green")
    (visited,) = await stored(gateway, TimelineEvent, customer_id=1, category=EventCategory.SITE_VISIT)
    assert visited.occurred_at == NOW - timedelta(minutes=12)
    # The source's own event of the visit is that event, not another.
    again = event("4", "SITE_VISIT", 6, type=" app_visit ", name="Came by", **visit)
    assert await record(gateway, again) == done(1)
    assert await record(gateway, event("4", "SITE_VISIT", 6, name="Came by", **visit)) == done(0, 1)
    (visited,) = await stored(gateway, TimelineEvent, customer_id=1, category=EventCategory.SITE_VISIT)
    assert (visited.name, visited.external_id, visited.occurred_at) == ("Came by", "4", NOW - timedelta(minutes=12))
    assert visited.type == "app_visit"
    (metrics,) = await stored(gateway, CustomerMetrics, customer_id=1)
    assert (metrics.visit_count, metrics.first_visit_at) == (1, NOW - timedelta(minutes=12))
    assert (metrics.last_activity_at, metrics.receipt_count) == (NOW - timedelta(minutes=7), 1)
    await summaries_are_true(gateway)


async def test_the_event_of_a_visit_is_as_early_as_the_visit_when_all_is_told_at_once(gateway: Gateway) -> None:
    await shop(gateway)
    told = [event("v", "SITE_VISIT", 9, sessionId="v-1"), event("p", "PAGE_VIEW", 12, sessionId="v-1")]
    for id, calls in ((1, [told]), (2, [[each] for each in told])):
        for events in calls:
            await record(gateway, *({**each, "customer": {"id": customer_id(id)}} for each in events))
        (visit,) = await stored(gateway, TimelineEvent, customer_id=id, category=EventCategory.SITE_VISIT)
        assert visit.occurred_at == NOW - timedelta(minutes=12)


async def test_an_order_turns_a_live_visit_into_a_purchase(gateway: Gateway) -> None:
    await shop(gateway)
    visit = {"sessionId": "v-1"}
    await record(gateway, event("1", "PAGE_VIEW", 9, **visit))
    await record(gateway, event("2", "ORDER", 8, items=[item("green", "1", "5")], **visit))
    await record(gateway, event("3", "PAGE_VIEW", 7, url="https://shop.example/thanks", **visit))
    (session,) = await stored(gateway, Session, customer_id=1)
    (order,) = await stored(gateway, Order, customer_id=1)
    assert (session.state, session.order_id, session.current_url) == (
        "PURCHASED",
        order.id,
        "https://shop.example/thanks",
    )
    assert session.ended_at == NOW - timedelta(minutes=7)
    await summaries_are_true(gateway)


async def test_an_abandoned_cart_keeps_its_items(gateway: Gateway) -> None:
    await shop(gateway)
    sent = event("c", "CART_ABANDONED", items=[item("green", "2", "3.50"), item("black", "1", "1", currencyCode="USD")])
    assert await record(gateway, sent) == done(1)
    (row,) = await stored(gateway, TimelineEvent, customer_id=1)
    at = (NOW - timedelta(minutes=10)).isoformat()
    assert row.details == {
        "items": [
            {"product_id": 71, "quantity_milli": 2000, "price_minor": 350, "currency": "USD", "added_at": at},
            {"product_id": 72, "quantity_milli": 1000, "price_minor": 100, "currency": "USD", "added_at": at},
        ]
    }
    assert await count(gateway, Order) == 0


async def test_a_cart_in_another_currency_is_converted_at_the_rate_of_its_day(gateway: Gateway) -> None:
    await shop(gateway)
    day = (NOW - timedelta(days=9)).date().isoformat()
    await add(gateway, ExchangeRate(currency="CAD", day=day, rate="0.74"))
    known = event("known", "CART_ABANDONED", 5, items=[item("green", "1", "3.33", currencyCode="CAD")])
    unknown = event("unknown", "CART_ABANDONED", 9, items=[item("green", "1", "1000", currencyCode="JPY")])
    assert await record(gateway, known, unknown) == done(2)
    answer = await gateway.ask(
        """query ($id: ID!) { customer(by: { id: $id }) { timeline { nodes { ... on CartEvent { items { price {
          amount currencyCode original { amount currencyCode rate rateDate } } } } } } } }""",
        {"id": customer_id(1)},
    )
    carts = answer.data["customer"]["timeline"]["nodes"]
    original = {"amount": "3.33", "currencyCode": "CAD", "rate": "0.74", "rateDate": day}
    assert [cart["items"][0]["price"] for cart in carts] == [
        {"amount": "2.46", "currencyCode": "USD", "original": original},
        {"amount": "1000", "currencyCode": "JPY", "original": None},
    ]
    (warning,) = answer.extensions["warnings"]
    assert warning["code"] == "RATE_MISSING"
    assert warning["path"] == ["customer", "timeline", "nodes", 1, "items", 0, "price"]


async def test_bonuses_say_how_many(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, event("b", "BONUS_ACCRUED", payload=payload(amount="12.345")))
    assert (await stored(gateway, TimelineEvent, customer_id=1))[0].amount_milli == 12_345


async def test_mailing_events_know_their_mailing_and_a_hard_bounce_its_address(gateway: Gateway) -> None:
    await people(gateway, 1, email="ann@example.com")
    await add(gateway, Mailing(id=5, external_id="m", name="Spring", channel=Channel.EMAIL, kind=MailingKind.MASS))
    sent = event("s", "MAILING_MASS", payload=payload(mailingExternalId="m", isControlGroup="true"))
    bounced = event("b", "EMAIL", 9, type="email_bounced", payload=payload(mailingExternalId="m", bounce="hard"))
    assert await record(gateway, sent, bounced) == done(2)
    assert await record(gateway, sent | {"externalId": "again"}) == done(1)
    (took_part,) = await stored(gateway, MailingParticipation, customer_id=1)
    assert (took_part.mailing_id, took_part.is_control_group) == (5, True)
    assert took_part.participated_at == NOW - timedelta(minutes=10)
    rows = await stored(gateway, TimelineEvent, customer_id=1)
    assert [(row.subject_id, row.is_control_group) for row in rows] == [(5, True), (5, False), (5, True)]
    (customer,) = await stored(gateway, Customer, id=1)
    assert customer.email_bounced_at == NOW - timedelta(minutes=9)
    answer = await gateway.ask(
        "query ($id: ID!) { customer(by: { id: $id }) { email { warning } } }", {"id": customer_id(1)}
    )
    assert answer.data["customer"]["email"] == {"warning": "INVALID"}


async def test_a_bounce_from_before_the_address_changed_leaves_the_new_one_alone(gateway: Gateway) -> None:
    await people(gateway, 1, email="new@example.com")
    changed_at = NOW - timedelta(minutes=10)
    await add(gateway, Change(customer_id=1, id=1, at=changed_at, actor="ann", field="email", before="old@example.com"))
    said = payload(bounce="hard")
    await record(gateway, event("late", "EMAIL", 11, type="email_bounced", payload=said))
    assert (await stored(gateway, Customer, id=1))[0].email_bounced_at is None
    await record(gateway, event("new", "EMAIL", 9, type="email_bounced", payload=said))
    assert (await stored(gateway, Customer, id=1))[0].email_bounced_at == NOW - timedelta(minutes=9)


async def test_what_was_recorded_is_in_the_profile_at_once(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, event("r", "RECEIPT", items=[item("green", "2", "3.50")]))
    answer = await gateway.ask(
        """query ($id: ID!) { customer(by: { id: $id }) {
             kind metrics { receiptCount receiptTotal { amount } }
             receipts { nodes { total { amount } items { name } } }
             timeline { nodes { ... on ReceiptEvent { receipt { number } } } } } }""",
        {"id": customer_id(1)},
    )
    assert answer.errors == []
    assert answer.data["customer"] == {
        "kind": "CUSTOMER",
        "metrics": {"receiptCount": 1, "receiptTotal": {"amount": "7.00"}},
        "receipts": {"nodes": [{"total": {"amount": "7.00"}, "items": [{"name": "Green tea"}]}]},
        "timeline": {"nodes": [{"receipt": {"number": "r"}}]},
    }


@pytest.mark.parametrize("last", [None, NOW - timedelta(days=1)], ids=["never before", "before"])
async def test_a_key_named_as_a_data_source_is_that_source_heard_of(gateway: Gateway, last: datetime | None) -> None:
    await people(gateway, 1, 2, 3)
    # The first key of a test's gateway.
    await add(gateway, DataSource(id=31, name="staff 1", last_received_at=last), DataSource(id=32, name="Till"))
    await add(gateway, CustomerSource(customer_id=1, source_id=31))
    new = {"email": "eve@example.com"}
    events = [event(), event(customer={"id": customer_id(2)}), event(customer=new)]
    assert await record(gateway, *events, createContacts=True) == done(3)
    known = await stored(gateway, CustomerSource)
    (eve,) = {row.customer_id for row in known} - {1, 2}
    assert {(row.customer_id, row.source_id) for row in known} == {(1, 31), (2, 31), (eve, 31)}
    heard = {row.name: row.last_received_at for row in await stored(gateway, DataSource)}
    assert heard["Till"] is None
    assert heard["staff 1"] >= NOW


async def test_a_source_is_not_heard_of_by_what_is_refused(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, DataSource(id=31, name="staff 1"))
    assert refused(await record(gateway, event(), event(category="NOTE"))) != []
    assert [row.last_received_at for row in await stored(gateway, DataSource)] == [None]
    assert await stored(gateway, CustomerSource) == []
