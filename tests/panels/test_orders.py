"""Orders, with their lines."""

import pytest

from profiles.account import Account, load_account
from profiles.orders import OrderOrigin
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import BREAD, MAIN_STREET, ONLINE, arrange, customer_id, open_shop, order, reads, receipt
from tests.panels.shop import order_item as item

LIST = """
query ($id: ID!, $filter: OrderFilter, $first: Int! = 10, $after: String) {
  customer(by: { id: $id }) {
    orders(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { number } }
      nodes { number }
    }
  }
}
"""
WHOLE = """
fragment Whole on Order {
  id externalId number placedAt origin status deliveryStatus paymentStatus isReturned isAttributed productCount
  productCost { ...Amount } subtotal { ...Amount } discount { ...Amount } tax { ...Amount } shipping { ...Amount }
  total { ...Amount } source couponCode store { id name businessUnit { number } } receipt { id number }
  items {
    productExternalId name quantity unitPrice { ...Amount } total { ...Amount } product { id externalId name }
  }
  customer { id }
}
fragment Amount on Money { amount currencyCode original { amount currencyCode rate rateDate } }
"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"


async def _numbers(gateway: Gateway, **filter: object) -> list[str]:
    answer = await gateway.ask(LIST, {"id": customer_id(), "filter": filter})
    assert answer.errors == []
    found = answer.data["customer"]["orders"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["number"] for node in found["nodes"]]


async def test_an_order_shows_everything_it_holds(gateway: Gateway) -> None:
    await open_shop(gateway)
    canadian = {"currency": "CAD", "rate": "0.74", "rate_date": "2026-03-09", "tax": 184, "shipping": 676}
    await arrange(
        gateway,
        [
            receipt(1, 9),
            order(
                1,
                1,
                origin=OrderOrigin.MOBILE_APP,
                is_returned=True,
                is_attributed=True,
                coupon_code="SPRING",
                receipt_id=9,
                original=canadian,
            ),
            item(1, 1, 1),
            item(
                1,
                1,
                2,
                product_id=None,
                product_external_id="gone",
                name="Gone",
                original=canadian | {"unit_price": 1351},
            ),
        ],
    )
    query = "query ($id: ID!) { customer(by: { id: $id }) { orders { nodes { ...Whole } } } }" + WHOLE
    answer = await gateway.ask(query, {"id": customer_id()})
    assert answer.errors == []
    usd = {"currencyCode": "USD", "original": None}
    cad = {"currencyCode": "CAD", "rate": "0.74", "rateDate": "2026-03-09"}
    shown = {
        "id": encode("Order", 1, 1),
        "externalId": "WEB-001",
        "number": "O1",
        "placedAt": "2026-03-10T11:00:00Z",
        "origin": "MOBILE_APP",
        "status": "CONFIRMED",
        "deliveryStatus": "SHIPPED",
        "paymentStatus": "PAID",
        "isReturned": True,
        "isAttributed": True,
        "productCount": 2,
        "productCost": {"amount": "17.00", **usd},
        "subtotal": {"amount": "20.00", **usd},
        "discount": {"amount": "3.00", **usd},
        "tax": {"amount": "1.36", "currencyCode": "USD", "original": {"amount": "1.84", **cad}},
        "shipping": {"amount": "5.00", "currencyCode": "USD", "original": {"amount": "6.76", **cad}},
        "total": {"amount": "23.36", **usd},
        "source": "website",
        "couponCode": "SPRING",
        "store": {"id": encode("Store", ONLINE), "name": "Online", "businessUnit": None},
        "receipt": {"id": encode("Receipt", 1, 9), "number": "N-009"},
        "items": [
            {
                "productExternalId": "p-12",
                "name": "Rye bread",
                "quantity": "2",
                "unitPrice": {"amount": "10.00", **usd},
                "total": {"amount": "20.00", **usd},
                "product": {"id": encode("Product", BREAD), "externalId": "p-12", "name": "Rye bread"},
            },
            {
                "productExternalId": "gone",
                "name": "Gone",
                "quantity": "2",
                "unitPrice": {"amount": "10.00", "currencyCode": "USD", "original": {"amount": "13.51", **cad}},
                "total": {"amount": "20.00", **usd},
                "product": None,
            },
        ],
        "customer": {"id": customer_id()},
    }
    assert answer.data["customer"]["orders"]["nodes"] == [shown]
    node = await gateway.ask("query ($id: ID!) { node(id: $id) { ...Whole } }" + WHOLE, {"id": encode("Order", 1, 1)})
    assert (node.data["node"], node.errors) == (shown, [])


async def test_walking_the_pages_gives_every_order_once_newest_first(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    same_time = order(1, 1).placed_at
    await arrange(gateway, [*(order(1, id, placed_at=same_time) for id in (1, 2, 3)), order(1, 4), order(2, 5)])
    walked: list[str] = []
    after, has_next = None, True
    while has_next:
        answer = await gateway.ask(LIST, {"id": customer_id(), "first": 1, "after": after})
        found = answer.data["customer"]["orders"]
        assert found["totalCount"] == 4
        walked += [node["number"] for node in found["nodes"]]
        after, has_next = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    assert walked == ["O3", "O2", "O1", "O4"]


async def test_a_customer_without_orders_has_an_empty_list(gateway: Gateway) -> None:
    await open_shop(gateway)
    assert await _numbers(gateway) == []


async def test_filters_narrow_and_combine(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(
        gateway,
        [
            order(1, 1),
            order(1, 2, status="CANCELLED", store_id=MAIN_STREET),
            order(1, 3, external_id="Größe-3", status="RETURNED", store_id=None),
        ],
    )
    assert await _numbers(gateway, externalId="web-00") == ["O1", "O2"]
    assert await _numbers(gateway, externalId="GRÖSSE") == ["O3"]
    assert await _numbers(gateway, externalId="grosse-3") == ["O3"]
    assert await _numbers(gateway, externalId="osse") == []
    assert await _numbers(gateway, status=["CANCELLED", "RETURNED"]) == ["O2", "O3"]
    assert await _numbers(gateway, status=["cancelled"]) == []
    assert await _numbers(gateway, status=["\u0000", "CANCELLED"]) == ["O2"]
    assert await _numbers(gateway, status=[]) == []
    assert await _numbers(gateway, storeIds=[encode("Store", MAIN_STREET)]) == ["O2"]
    assert await _numbers(gateway, **{"from": "2026-03-10T09:00:00Z", "to": "2026-03-10T11:00:00Z"}) == ["O2", "O3"]
    assert await _numbers(gateway, externalId="WEB", status=["CONFIRMED"], storeIds=[encode("Store", ONLINE)]) == ["O1"]


@pytest.mark.parametrize("customers", [1, 3])
async def test_orders_cost_one_read_a_level_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await open_shop(gateway, ids)
    await arrange(
        gateway,
        [
            *(receipt(customer, id) for customer in ids for id in (1, 2, 3)),
            *(order(customer, id, receipt_id=id) for customer in ids for id in (1, 2, 3)),
            *(item(customer, id, line) for customer in ids for id in (1, 2, 3) for line in (1, 2)),
        ],
    )
    fields = "orders(first: 2) { totalCount nodes { store { name } receipt { number } items { product { name } } } }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {
        "CustomerById": customers,
        "LatestOrders": customers,
        "OrderCount": customers,
        "StoreById": 1,
        "ReceiptById": customers * 2,
        "ItemsOfOrder": customers * 2,
        "ProductById": 1,
    }
    receipts = [node["receipt"]["number"] for node in answer.data["c1"]["orders"]["nodes"]]
    assert receipts == ["N-001", "N-002"]


async def test_a_period_that_ends_before_it_begins_is_a_bad_request_and_reads_nothing(gateway: Gateway) -> None:
    await open_shop(gateway)
    period = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T23:59:59Z"}
    answer = await gateway.ask(LIST, {"id": customer_id(), "filter": period})
    assert (answer.data["customer"]["orders"], answer.codes) == (None, ["BAD_REQUEST"])
    assert answer.errors[0]["path"] == ["customer", "orders"]
    assert answer.errors[0]["extensions"]["field"] == ["filter", "from"]
    assert reads(answer) == {"CustomerById": 1}
    # An instant is a period too, in which nothing happens.
    assert await _numbers(gateway, **dict.fromkeys(("from", "to"), "2026-03-02T00:00:00Z")) == []


async def test_collapsed_orders_read_no_lines(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [order(1, 1), item(1, 1, 1)])
    query = (
        "query ($id: ID!, $expanded: Boolean!) { customer(by: { id: $id }) { orders { nodes { number "
        "items @include(if: $expanded) { name } } } } }"
    )
    collapsed = await gateway.ask(query, {"id": customer_id(), "expanded": False})
    assert reads(collapsed) == {"CustomerById": 1, "LatestOrders": 1}
    expanded = await gateway.ask(query, {"id": customer_id(), "expanded": True})
    assert reads(expanded) == {"CustomerById": 1, "LatestOrders": 1, "ItemsOfOrder": 1}


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [order(1, 1)])
    query = f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ externalId orders {{ totalCount }} }} }}'
    scopes = {"profile:read", "debug"}
    answer = await gateway.ask(query, scopes=scopes)
    assert answer.data["customer"] == {"externalId": "c-1", "orders": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "orders"])
    assert reads(answer) == {"CustomerById": 1}
    node = await gateway.ask(NODE, {"id": encode("Order", 1, 1)}, scopes=scopes)
    assert (node.data["node"], node.codes, reads(node)) == (None, ["FORBIDDEN"], {})


async def test_an_orders_receipt_needs_the_scope_of_receipts(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1), order(1, 1, receipt_id=1)])
    query = (
        f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ orders {{ nodes {{ number receipt {{ number }} }} }} }} }}'
    )
    answer = await gateway.ask(query, scopes=ALL_SCOPES - {"receipts:read"})
    assert answer.data["customer"]["orders"]["nodes"] == [{"number": "O1", "receipt": None}]
    assert answer.codes == ["FORBIDDEN"]
    assert answer.errors[0]["path"] == ["customer", "orders", "nodes", 0, "receipt"]
    assert reads(answer) == {"CustomerById": 1, "LatestOrders": 1}


async def test_a_line_without_a_rate_warns_at_its_own_path(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [order(1, 1), item(1, 1, 1), item(1, 1, 2, currency="KWD")])
    query = "query ($id: ID!) { node(id: $id) { ... on Order { items { total { amount currencyCode } } } } }"
    answer = await gateway.ask(query, {"id": encode("Order", 1, 1)})
    assert answer.data["node"]["items"][1]["total"] == {"amount": "2.000", "currencyCode": "KWD"}
    warnings = [(warning["code"], warning["path"]) for warning in answer.extensions["warnings"]]
    assert warnings == [("RATE_MISSING", ["node", "items", 1, "total"])]


async def test_attributes_are_the_accounts_in_the_accounts_order(gateway: Gateway, account: Account) -> None:
    await open_shop(gateway)
    await arrange(gateway, [order(1, 1), item(1, 1, 1)])
    query = """
    query ($id: ID!) {
      node(id: $id) {
        ... on Order {
          row: attributes(block: ORDER_LIST) { definition { key } value }
          attributes { definition { key } value }
          items { attributes { definition { key } value } }
        }
      }
    }
    """
    answer = await gateway.ask(query, {"id": encode("Order", 1, 1)})
    assert answer.errors == []
    node = answer.data["node"]
    assert {value["definition"]["key"]: value["value"] for value in node["row"]} == {
        "number": "O1",
        "placedAt": "2026-03-10T11:00:00Z",
        "status": "CONFIRMED",
        "deliveryStatus": "SHIPPED",
        "paymentStatus": "PAID",
        "productCount": "2",
        "productCost": "17.00 USD",
    }
    assert tuple(value["definition"]["key"] for value in node["attributes"]) == account.views["ORDER_ATTRIBUTES"]
    assert [value["value"] for value in node["attributes"]][-3:] == ["website", None, None]
    (line,) = node["items"]
    assert [value["value"] for value in line["attributes"]] == ["p-12", "Rye bread", "2", "10.00 USD", "20.00 USD"]
    # The store is no attribute of these blocks, so it is not read for them.
    assert reads(answer) == {"OrderById": 1, "ItemsOfOrder": 1, "ChosenViews": 1}


class TestWithOrdersSwitchedOff:
    """`ordersEnabled: false`."""

    @pytest.fixture
    def account(self) -> Account:
        account = load_account()
        return account.model_copy(update={"settings": account.settings.model_copy(update={"orders_enabled": False})})

    async def test_the_panel_and_the_node_are_null_without_an_error_and_nothing_is_read(self, gateway: Gateway) -> None:
        await open_shop(gateway)
        await arrange(gateway, [order(1, 1)])
        answer = await gateway.ask(LIST, {"id": customer_id()})
        assert (answer.data["customer"], answer.errors) == ({"orders": None}, [])
        assert answer.extensions["disabledPanels"] == ["orders"]
        assert reads(answer) == {"CustomerById": 1}
        node = await gateway.ask(NODE, {"id": encode("Order", 1, 1)})
        assert (node.data["node"], node.errors, reads(node)) == (None, [], {})
        assert node.extensions["disabledPanels"] == ["orders"]
