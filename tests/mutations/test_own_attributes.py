"""The account's own attributes of receipts and orders: said by the events that tell of them."""

from typing import Any

import pytest

from profiles.account import Account, AttributeDefinition, AttributeEntity, AttributeType, Block, load_account
from profiles.orders import Order
from profiles.receipts import Receipt
from profiles.timeline import TimelineEvent
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import done, event, item, payload, record, refused, shop
from tests.people import count, customer_id

OWN = (
    AttributeDefinition(key="warranty", label="Warranty", entity=AttributeEntity.RECEIPT),
    AttributeDefinition(key="points", label="Points", entity=AttributeEntity.RECEIPT, type=AttributeType.NUMBER),
    AttributeDefinition(key="gift", label="Gift", entity=AttributeEntity.ORDER, type=AttributeType.BOOLEAN),
    AttributeDefinition(key="insured", label="Insured", entity=AttributeEntity.ORDER, type=AttributeType.MONEY),
)
SHOWN = """
query ($id: ID!) { customer(by: {id: $id}) {
  receipts { nodes { attributes { ...A } } } orders { nodes { attributes { ...A } } }
} }
fragment A on AttributeValue { definition { key isCustom isEditable } value number boolean money { amount } }
"""


@pytest.fixture
def account() -> Account:
    views = {Block.RECEIPT_ATTRIBUTES: ("warranty", "points"), Block.ORDER_ATTRIBUTES: ("gift", "insured")}
    said = load_account().model_dump() | {"attributes": OWN, "views": views, "segments": ()}
    return Account.model_validate(said)


def receipt(external_id: str, minutes_ago: float, **said: str) -> dict[str, Any]:
    said |= {"receiptExternalId": "R1"}
    return event(
        external_id, "RECEIPT", minutes_ago=minutes_ago, items=[item("green", "1", "2")], payload=payload(**said)
    )


def order(external_id: str, minutes_ago: float, **said: str) -> dict[str, Any]:
    lines = [item("green", "1", "2")]
    return event(
        external_id, "ORDER", minutes_ago=minutes_ago, orderExternalId="W1", items=lines, payload=payload(**said)
    )


async def attributes(gateway: Gateway, field: str) -> dict[str, Any]:
    """The attributes of the only receipt or order."""
    answer = await gateway.ask(SHOWN, {"id": customer_id(1)})
    assert answer.errors == []
    (node,) = answer.data["customer"][field]["nodes"]
    assert all(each["definition"]["isCustom"] for each in node["attributes"])
    assert not any(each["definition"]["isEditable"] for each in node["attributes"])
    return {each["definition"]["key"]: each for each in node["attributes"]}


async def values(gateway: Gateway, field: str) -> dict[str, str | None]:
    return {key: each["value"] for key, each in (await attributes(gateway, field)).items()}


async def test_what_the_event_of_a_receipt_says_of_them_is_shown_typed(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, receipt("a", 9, warranty="two years", points="7.50", other="x")) == done(1)
    shown = await attributes(gateway, "receipts")
    assert (shown["warranty"]["value"], shown["warranty"]["number"]) == ("two years", None)
    assert (shown["points"]["value"], shown["points"]["number"]) == ("7.5", 7.5)


async def test_what_the_event_of_an_order_says_of_them_is_shown_typed(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, order("a", 9, gift="true", insured="12.50 USD")) == done(1)
    shown = await attributes(gateway, "orders")
    assert (shown["gift"]["value"], shown["gift"]["boolean"]) == ("true", True)
    assert (shown["insured"]["value"], shown["insured"]["money"]) == ("12.50 USD", {"amount": "12.50"})


async def test_a_later_event_changes_what_it_names_and_an_earlier_one_nothing(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, order("a", 9, gift="true", insured="1 USD")) == done(1)
    assert await record(gateway, order("b", 5, gift="false")) == done(1)
    assert await record(gateway, order("c", 7, gift="true", insured="3 USD")) == done(1)
    assert await values(gateway, "orders") == {"gift": "false", "insured": "1.00 USD"}


async def test_an_empty_value_takes_one_away(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, receipt("a", 9, warranty="one year", points="3")) == done(1)
    assert await record(gateway, receipt("b", 8, warranty="", points="")) == done(1)
    assert await values(gateway, "receipts") == {"warranty": None, "points": None}


async def test_a_null_value_says_nothing_of_one(gateway: Gateway) -> None:
    await shop(gateway)
    assert await record(gateway, receipt("a", 9, warranty="one year")) == done(1)
    later = receipt("b", 8)
    later["payload"].append({"key": "warranty", "value": None})
    assert await record(gateway, later) == done(1)
    assert await values(gateway, "receipts") == {"warranty": "one year", "points": None}


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (receipt("a", 9, warranty="x" * 501), "input.events.0.payload.0.value"),
        (receipt("a", 9, warranty="x", points="many"), "input.events.0.payload.1.value"),
        (order("a", 9, gift="yes"), "input.events.0.payload.0.value"),
        (order("a", 9, insured="12 XYZ"), "input.events.0.payload.0.value"),
    ],
    ids=["a text too long", "no number", "neither true nor false", "no currency"],
)
async def test_what_is_no_value_of_its_type_is_refused_and_nothing_recorded(
    gateway: Gateway, sent: dict[str, Any], place: str
) -> None:
    await shop(gateway)
    assert refused(await record(gateway, sent)) == [("INVALID", place)]
    assert [await count(gateway, model) for model in (Receipt, Order, TimelineEvent)] == [0, 0, 0]


async def test_the_key_means_nothing_in_events_of_other_kinds(gateway: Gateway) -> None:
    await shop(gateway)
    sent = event("a", "CALL_CENTER", minutes_ago=9, payload=payload(gift="maybe", points="many"))
    assert await record(gateway, sent, order("b", 8, points="many")) == done(2)
    assert await values(gateway, "orders") == {"gift": None, "insured": None}
