"""Receipts, with their lines."""

import pytest

from profiles.account import Account
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import MAIN_STREET, MILK, ONLINE, arrange, customer_id, open_shop, reads, receipt
from tests.panels.shop import receipt_item as item

LIST = """
query ($id: ID!, $filter: ReceiptFilter, $first: Int! = 10, $after: String) {
  customer(by: { id: $id }) {
    receipts(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { number } }
      nodes { number }
    }
  }
}
"""
WHOLE = """
fragment Whole on Receipt {
  id externalId number issuedAt status paymentStatus
  productTotal { ...Amount } deliveryCost { ...Amount } discount { ...Amount } total { ...Amount }
  store { id externalId name businessUnit { id number name } }
  items {
    productExternalId productId name quantity price { ...Amount } total { ...Amount }
    product { id externalId name brand category { name } price { amount } imageUrl url }
  }
  customer { id }
}
fragment Amount on Money { amount currencyCode original { amount currencyCode rate rateDate } }
"""
CANADIAN = {"currency": "CAD", "rate": "0.74", "rate_date": "2026-03-09", "product_total": 1351, "total": 2026}


async def _numbers(gateway: Gateway, **filter: object) -> list[str]:
    answer = await gateway.ask(LIST, {"id": customer_id(), "filter": filter})
    assert answer.errors == []
    found = answer.data["customer"]["receipts"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["number"] for node in found["nodes"]]


async def test_a_receipt_shows_everything_it_holds(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(
        gateway,
        [
            receipt(1, 1, delivery_cost_minor=500, total_minor=1500, original=CANADIAN),
            item(1, 1, 1),
            item(1, 1, 2, product_id=None, product_external_id="gone", name="Gone", quantity_milli=1250),
        ],
    )
    query = "query ($id: ID!) { customer(by: { id: $id }) { receipts { nodes { ...Whole } } } }" + WHOLE
    answer = await gateway.ask(query, {"id": customer_id()})
    assert answer.errors == []
    usd = {"currencyCode": "USD", "original": None}
    cad = {"currencyCode": "CAD", "rate": "0.74", "rateDate": "2026-03-09"}
    line = {"price": {"amount": "5.00", **usd}, "total": {"amount": "10.00", **usd}}
    shown = {
        "id": encode("Receipt", 1, 1),
        "externalId": "r-1",
        "number": "N-001",
        "issuedAt": "2026-03-10T11:00:00Z",
        "status": "COMPLETED",
        "paymentStatus": "PAID",
        "productTotal": {"amount": "10.00", "currencyCode": "USD", "original": {"amount": "13.51", **cad}},
        "deliveryCost": {"amount": "5.00", **usd},
        "discount": {"amount": "1.50", **usd},
        "total": {"amount": "15.00", "currencyCode": "USD", "original": {"amount": "20.26", **cad}},
        "store": {
            "id": encode("Store", MAIN_STREET),
            "externalId": "s-1",
            "name": "Main Street",
            "businessUnit": {"id": encode("BusinessUnit", 5), "number": 20, "name": "North"},
        },
        "items": [
            {
                **line,
                "productExternalId": "p-11",
                "productId": encode("Product", MILK),
                "name": "Whole milk",
                "quantity": "2",
                "product": {
                    "id": encode("Product", MILK),
                    "externalId": "p-11",
                    "name": "Whole milk",
                    "brand": None,
                    "category": {"name": "Dairy"},
                    "price": {"amount": "11.00"},
                    "imageUrl": None,
                    "url": None,
                },
            },
            {
                **line,
                "productExternalId": "gone",
                "productId": None,
                "name": "Gone",
                "quantity": "1.25",
                "product": None,
            },
        ],
        "customer": {"id": customer_id()},
    }
    assert answer.data["customer"]["receipts"]["nodes"] == [shown]
    node = await gateway.ask("query ($id: ID!) { node(id: $id) { ...Whole } }" + WHOLE, {"id": encode("Receipt", 1, 1)})
    assert (node.data["node"], node.errors) == (shown, [])


async def test_walking_the_pages_gives_every_receipt_once_newest_first(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    same_time = receipt(1, 1).issued_at
    rows = [receipt(1, id, issued_at=same_time) if id < 4 else receipt(1, id) for id in range(1, 8)]
    await arrange(gateway, [*rows, receipt(2, 90)])
    walked: list[str] = []
    after = None
    for page in range(4):
        answer = await gateway.ask(LIST, {"id": customer_id(), "first": 2, "after": after})
        found = answer.data["customer"]["receipts"]
        assert found["totalCount"] == 7
        assert [edge["node"] for edge in found["edges"]] == found["nodes"]
        info = found["pageInfo"]
        assert (info["hasPreviousPage"], info["hasNextPage"]) == (page > 0, page < 3)
        assert (info["startCursor"], info["endCursor"]) == (found["edges"][0]["cursor"], found["edges"][-1]["cursor"])
        walked += [node["number"] for node in found["nodes"]]
        after = info["endCursor"]
    assert walked == ["N-003", "N-002", "N-001", "N-004", "N-005", "N-006", "N-007"]


async def test_a_customer_without_receipts_has_an_empty_list(gateway: Gateway) -> None:
    await open_shop(gateway)
    answer = await gateway.ask(LIST, {"id": customer_id()})
    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert answer.errors == []
    assert answer.data["customer"]["receipts"] == {"totalCount": 0, "pageInfo": nothing, "edges": [], "nodes": []}


async def test_filters_narrow_and_combine(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(
        gateway,
        [
            receipt(1, 1, number="AB-1"),
            receipt(1, 2, number="ab-2", store_id=ONLINE),
            receipt(1, 3, number="Éa_3", store_id=None),
            receipt(1, 4, number="X%4"),
        ],
    )
    here, online = encode("Store", MAIN_STREET), encode("Store", ONLINE)
    assert await _numbers(gateway) == ["AB-1", "ab-2", "Éa_3", "X%4"]
    assert await _numbers(gateway, number="aB-") == ["AB-1", "ab-2"]
    assert await _numbers(gateway, number="B-") == []
    assert await _numbers(gateway, number="ea_") == ["Éa_3"]
    assert await _numbers(gateway, number="EA%") == []
    assert await _numbers(gateway, number="x%") == ["X%4"]
    assert await _numbers(gateway, storeIds=[here]) == ["AB-1", "X%4"]
    assert await _numbers(gateway, storeIds=[here, online]) == ["AB-1", "ab-2", "X%4"]
    assert await _numbers(gateway, storeIds=[]) == []
    assert await _numbers(gateway, storeIds=None, number=None) == ["AB-1", "ab-2", "Éa_3", "X%4"]
    assert await _numbers(gateway, **{"from": "2026-03-10T10:00:00Z"}) == ["AB-1", "ab-2"]
    assert await _numbers(gateway, to="2026-03-10T10:00:00Z") == ["Éa_3", "X%4"]
    assert await _numbers(gateway, number="A", storeIds=[online], to="2026-03-10T11:00:00Z") == ["ab-2"]


async def test_a_filter_by_what_is_no_store_is_a_bad_request(gateway: Gateway) -> None:
    await open_shop(gateway)
    for id in (encode("Product", MILK), "nonsense"):
        answer = await gateway.ask(LIST, {"id": customer_id(), "filter": {"storeIds": [id]}})
        assert answer.data["customer"]["receipts"] is None
        assert answer.codes == ["BAD_REQUEST"]
        assert answer.errors[0]["path"] == ["customer", "receipts"]


async def test_a_period_that_ends_before_it_begins_is_a_bad_request_and_reads_nothing(gateway: Gateway) -> None:
    await open_shop(gateway)
    period = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T23:59:59Z"}
    answer = await gateway.ask(LIST, {"id": customer_id(), "filter": period})
    assert (answer.data["customer"]["receipts"], answer.codes) == (None, ["BAD_REQUEST"])
    assert answer.errors[0]["path"] == ["customer", "receipts"]
    assert answer.errors[0]["extensions"]["field"] == ["filter", "from"]
    assert reads(answer) == {"CustomerById": 1}
    # An instant is a period too, in which nothing happens.
    assert await _numbers(gateway, **dict.fromkeys(("from", "to"), "2026-03-02T00:00:00Z")) == []


async def test_a_page_has_at_most_100_and_a_cursor_must_be_one(gateway: Gateway) -> None:
    await open_shop(gateway)
    for variables, code in (
        ({"first": 101}, "LIMIT_EXCEEDED"),
        ({"first": -1}, "LIMIT_EXCEEDED"),
        ({"after": "x"}, "BAD_CURSOR"),
    ):
        answer = await gateway.ask(LIST, {"id": customer_id(), **variables})
        assert (answer.data["customer"]["receipts"], answer.codes) == (None, [code])
    assert len((await gateway.ask(LIST, {"id": customer_id(), "first": 0})).data["customer"]["receipts"]["nodes"]) == 0


@pytest.mark.parametrize("customers", [1, 3])
async def test_receipts_cost_one_read_a_level_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await open_shop(gateway, ids)
    receipts = [receipt(customer, id) for customer in ids for id in (1, 2, 3)]
    items = [
        item(customer, id, line, product_id=MILK + line) for customer in ids for id in (1, 2, 3) for line in (0, 1)
    ]
    await arrange(gateway, [*receipts, *items])
    fields = "receipts(first: 2) { totalCount nodes { store { name } items { product { category { name } } } } }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {
        "CustomerById": customers,
        "LatestReceipts": customers,
        "ReceiptCount": customers,
        "StoreById": 1,
        "ItemsOfReceipt": customers * 2,
        "ProductById": 2,
        "CategoryById": 1,
    }
    assert [len(answer.data[f"c{id}"]["receipts"]["nodes"]) for id in ids] == [2] * customers
    first = answer.data["c1"]["receipts"]["nodes"][0]["items"]
    assert first == [{"product": {"category": {"name": "Dairy"}}}] * 2


async def test_what_is_not_asked_for_is_not_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1), item(1, 1, 1)])
    count = await gateway.ask(f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ receipts {{ totalCount }} }} }}')
    assert reads(count) == {"CustomerById": 1, "ReceiptCount": 1}
    page = await gateway.ask(f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ receipts {{ nodes {{ number }} }} }} }}')
    assert reads(page) == {"CustomerById": 1, "LatestReceipts": 1}


async def test_lines_stay_with_their_own_receipt_where_ids_cross(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    receipts = [receipt(customer, id) for customer in (1, 2) for id in (1, 2)]
    items = [
        item(row.customer_id, row.id, line, name=f"{row.customer_id}/{row.id}/{line}")
        for row in receipts
        for line in (2, 1)
    ]
    await arrange(gateway, [*receipts, *items])
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Receipt { items { name } } } }"
    answer = await gateway.ask(query, {"ids": [encode("Receipt", 2, 1), encode("Receipt", 1, 2)]})
    names = [[line["name"] for line in node["items"]] for node in answer.data["nodes"]]
    assert names == [["2/1/1", "2/1/2"], ["1/2/1", "1/2/2"]]
    assert reads(answer) == {"ReceiptById": 2, "ItemsOfReceipt": 2}


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1)])
    query = f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ externalId receipts {{ totalCount }} }} }}'
    answer = await gateway.ask(query, scopes={"profile:read", "debug"})
    assert answer.data["customer"] == {"externalId": "c-1", "receipts": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "receipts"])
    assert reads(answer) == {"CustomerById": 1}
    node = await gateway.ask(
        "query ($id: ID!) { node(id: $id) { id } }", {"id": encode("Receipt", 1, 1)}, scopes={"profile:read", "debug"}
    )
    assert (node.data["node"], node.codes, reads(node)) == (None, ["FORBIDDEN"], {})


async def test_an_amount_without_a_rate_stays_in_its_currency_and_is_warned_about_where_asked(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1), receipt(1, 2, currency="JPY", product_total_minor=1200, total_minor=1200)])
    query = """
    query ($id: ID!) {
      customer(by: { id: $id }) { receipts { nodes { cost: total { amount currencyCode original { rate } } } } }
    }
    """
    answer = await gateway.ask(query, {"id": customer_id()})
    costs = [node["cost"] for node in answer.data["customer"]["receipts"]["nodes"]]
    assert costs[1] == {"amount": "1200", "currencyCode": "JPY", "original": None}
    assert costs[0]["currencyCode"] == "USD"
    (warning,) = answer.extensions["warnings"]
    assert (warning["code"], warning["path"]) == ("RATE_MISSING", ["customer", "receipts", "nodes", 1, "cost"])
    unasked = await gateway.ask(LIST, {"id": customer_id()})
    assert "warnings" not in unasked.extensions


ATTRIBUTES = """
query ($id: ID!, $block: Block!) {
  node(id: $id) {
    ... on Receipt {
      attributes(block: $block) { definition { key } value number dateTime money { amount currencyCode } }
      items { attributes { definition { key } value number money { amount } } }
    }
  }
}
"""


async def test_attributes_are_the_accounts_in_the_accounts_order(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1), item(1, 1, 1, quantity_milli=1250)])
    answer = await gateway.ask(ATTRIBUTES, {"id": encode("Receipt", 1, 1), "block": "RECEIPT_ATTRIBUTES"})
    assert answer.errors == []
    found = answer.data["node"]["attributes"]
    assert [(value["definition"]["key"], value["value"]) for value in found] == [
        ("status", "COMPLETED"),
        ("issuedAt", "2026-03-10T11:00:00Z"),
        ("deliveryCost", None),
        ("discount", "1.50 USD"),
        ("total", "10.00 USD"),
        ("store", "Main Street"),
    ]
    assert found[1]["dateTime"] == "2026-03-10T11:00:00Z"
    assert found[3]["money"] == {"amount": "1.50", "currencyCode": "USD"}
    (line,) = answer.data["node"]["items"]
    assert [(value["definition"]["key"], value["value"]) for value in line["attributes"]] == [
        ("productExternalId", "p-11"),
        ("name", "Whole milk"),
        ("quantity", "1.25"),
        ("total", "10.00 USD"),
        ("price", "5.00 USD"),
    ]
    assert line["attributes"][2]["number"] == 1.25


async def test_every_built_in_attribute_of_a_receipt_has_a_value(gateway: Gateway, account: Account) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1, delivery_cost_minor=0), item(1, 1, 1)])
    answer = await gateway.ask(ATTRIBUTES, {"id": encode("Receipt", 1, 1), "block": "RECEIPT_LIST"})
    shown = [*answer.data["node"]["attributes"], *answer.data["node"]["items"][0]["attributes"]]
    assert [value["definition"]["key"] for value in shown] == [
        *account.views["RECEIPT_LIST"],
        *account.views["RECEIPT_ITEMS"],
    ]
    assert all(value["value"] for value in shown)


async def test_a_block_of_another_thing_is_a_bad_request(gateway: Gateway) -> None:
    await open_shop(gateway)
    await arrange(gateway, [receipt(1, 1)])
    for block in ("ORDER_LIST", "PROFILE", "RECEIPT_ITEMS"):
        answer = await gateway.ask(ATTRIBUTES, {"id": encode("Receipt", 1, 1), "block": block})
        assert (answer.data["node"], answer.codes) == (None, ["BAD_REQUEST"])


@pytest.mark.parametrize("key", [(1, 2), (2, 1)])
async def test_a_receipt_that_is_not_there_is_null(gateway: Gateway, key: tuple[int, int]) -> None:
    await open_shop(gateway, (1, 2))
    await arrange(gateway, [receipt(1, 1)])
    answer = await gateway.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": encode("Receipt", *key)})
    assert (answer.data["node"], answer.errors) == (None, [])
