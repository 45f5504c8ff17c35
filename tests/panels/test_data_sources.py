"""The field of sources, and the account's list of them."""

from profiles.catalog import DataSource
from profiles.customers import CustomerSource
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, people

SOURCES = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { sources { id name lastReceivedAt } } } }"


async def arrange(gateway: Gateway) -> list[str]:
    ids = await people(gateway, 1, 2, 3)
    await add(
        gateway,
        DataSource(id=31, name="Web shop", last_received_at=MADE_AT),
        DataSource(id=32, name="loyalty"),
        *(CustomerSource(customer_id=customer, source_id=source) for customer, source in ((1, 31), (1, 32), (2, 31))),
    )
    return ids


async def test_the_systems_that_know_a_customer_come_by_name(gateway: Gateway) -> None:
    ids = await arrange(gateway)
    answer = await gateway.ask(SOURCES, {"ids": ids})
    assert answer.errors == []
    shop = {"id": encode("DataSource", 31), "name": "Web shop", "lastReceivedAt": "2026-01-02T03:04:05.678901Z"}
    loyalty = {"id": encode("DataSource", 32), "name": "loyalty", "lastReceivedAt": None}
    assert [node["sources"] for node in answer.data["nodes"]] == [[loyalty, shop], [shop], []]
    assert reads(answer) == {"CustomerById": 3, "SourcesOf": 3}


async def test_the_account_lists_all_of_them_by_name(gateway: Gateway) -> None:
    await arrange(gateway)
    answer = await gateway.ask("{ account { dataSources { name } } }")
    assert answer.data["account"]["dataSources"] == [{"name": "loyalty"}, {"name": "Web shop"}]
    assert reads(answer) == {"EverySource": 1}
