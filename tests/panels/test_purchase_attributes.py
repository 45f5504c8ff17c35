"""The built-in attributes of purchases, in an account that shows all of them."""

import pytest

from profiles.account import BUILT_IN_ATTRIBUTES, Account, AttributeDefinition, AttributeEntity, Block, load_account
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import arrange, open_shop, order, order_item, receipt, receipt_item

SHOWN = {
    Block.RECEIPT_ATTRIBUTES: AttributeEntity.RECEIPT,
    Block.RECEIPT_ITEMS: AttributeEntity.RECEIPT_ITEM,
    Block.ORDER_ATTRIBUTES: AttributeEntity.ORDER,
    Block.ORDER_ITEMS: AttributeEntity.ORDER_ITEM,
}
WARRANTY = AttributeDefinition(key="warranty", label="Warranty", entity=AttributeEntity.RECEIPT)
QUERY = """
query ($id: ID!) {
  node(id: $id) {
    ... on Receipt { all: attributes { ...Shown } lines: items { all: attributes { ...Shown } } }
    ... on Order { all: attributes { ...Shown } lines: items { all: attributes { ...Shown } } }
  }
}
fragment Shown on AttributeValue { definition { key isCustom } value }
"""


def _keys(entity: AttributeEntity) -> tuple[str, ...]:
    return tuple(definition.key for definition in BUILT_IN_ATTRIBUTES if definition.entity is entity)


@pytest.fixture
def account() -> Account:
    views = {block: _keys(entity) for block, entity in SHOWN.items()}
    views[Block.RECEIPT_ATTRIBUTES] += (WARRANTY.key,)
    return load_account().model_copy(update={"views": views, "attributes": (WARRANTY,), "segments": ()})


async def _shown(gateway: Gateway, id: str) -> tuple[dict[str, str | None], dict[str, str | None]]:
    answer = await gateway.ask(QUERY, {"id": id})
    assert answer.errors == []
    node = answer.data["node"]
    (line,) = node["lines"]
    whole, part = (
        {value["definition"]["key"]: value["value"] for value in values} for values in (node["all"], line["all"])
    )
    return whole, part


async def test_every_built_in_attribute_of_a_receipt_and_its_lines_has_its_value(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1, delivery_cost_minor=50, total_minor=1050), receipt_item(1, 1, 1)])
    whole, line = await _shown(gateway, encode("Receipt", 1, 1))
    assert whole == {
        "externalId": "r-1",
        "number": "N-001",
        "issuedAt": "2026-03-10T11:00:00Z",
        "status": "COMPLETED",
        "paymentStatus": "PAID",
        "productTotal": "10.00 USD",
        "deliveryCost": "0.50 USD",
        "discount": "1.50 USD",
        "total": "10.50 USD",
        "store": "Main Street",
        "warranty": None,
    }
    assert line == {
        "productExternalId": "p-11",
        "name": "Whole milk",
        "quantity": "2",
        "price": "5.00 USD",
        "total": "10.00 USD",
    }


async def test_every_built_in_attribute_of_an_order_and_its_lines_has_its_value(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [order(1, 1, coupon_code="SPRING"), order_item(1, 1, 1)])
    whole, line = await _shown(gateway, encode("Order", 1, 1))
    assert whole == {
        "externalId": "WEB-001",
        "number": "O1",
        "placedAt": "2026-03-10T11:00:00Z",
        "origin": "WEB",
        "status": "CONFIRMED",
        "deliveryStatus": "SHIPPED",
        "paymentStatus": "PAID",
        "productCount": "2",
        "productCost": "17.00 USD",
        "subtotal": "20.00 USD",
        "discount": "3.00 USD",
        "tax": "1.36 USD",
        "shipping": "5.00 USD",
        "total": "23.36 USD",
        "source": "website",
        "couponCode": "SPRING",
        "store": "Online",
    }
    assert line == {
        "productExternalId": "p-12",
        "name": "Rye bread",
        "quantity": "2",
        "unitPrice": "10.00 USD",
        "total": "20.00 USD",
    }


async def test_an_amount_keeps_what_its_source_said_and_one_without_a_rate_is_warned_about(gateway: Gateway) -> None:
    await open_shop(gateway)
    said = {"currency": "CAD", "rate": "0.74", "rate_date": "2026-03-01", "total": 1351}
    yen = receipt(1, 2, currency="JPY", product_total_minor=1200, discount_minor=0, total_minor=1200)
    await arrange(gateway, [receipt(1, 1, original=said), yen])
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Receipt { attributes {
      definition { key } value money { amount currencyCode original { amount currencyCode rate rateDate } } } } } }"""
    answer = await gateway.ask(query, {"ids": [encode("Receipt", 1, id) for id in (1, 2)]})
    assert answer.errors == []
    converted, kept = (
        next(each for each in node["attributes"] if each["definition"]["key"] == "total")
        for node in answer.data["nodes"]
    )
    original = {"amount": "13.51", "currencyCode": "CAD", "rate": "0.74", "rateDate": "2026-03-01"}
    assert (converted["value"], converted["money"]["original"]) == ("10.00 USD", original)
    assert (kept["value"], kept["money"]["original"]) == ("1200 JPY", None)
    warned = [warning["path"] for warning in answer.extensions["warnings"] if warning["code"] == "RATE_MISSING"]
    places = [place for place, each in enumerate(answer.data["nodes"][1]["attributes"]) if each["money"] is not None]
    assert len(places) == 3
    assert warned == [["nodes", 1, "attributes", place, "money"] for place in places]
