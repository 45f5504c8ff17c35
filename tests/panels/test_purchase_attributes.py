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
    return load_account().model_copy(update={"views": views, "attributes": (WARRANTY,)})


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
