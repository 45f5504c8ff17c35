"""The stores a customer purchased at most often."""

from datetime import timedelta

import pytest

from profiles.account import Account, load_account
from profiles.catalog import Store
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import MAIN_STREET, NOON, ONLINE, arrange, customer_id, open_shop, purchased_at, reads

LIST = """
query ($id: ID!, $first: Int! = 10) {
  customer(by: { id: $id }) { favoriteStores(first: $first) { store { id externalId name } receiptCount } }
}
"""


async def _stores(gateway: Gateway, first: int = 10) -> list[tuple[str, int]]:
    answer = await gateway.ask(LIST, {"id": customer_id(), "first": first})
    assert answer.errors == []
    found = answer.data["customer"]["favoriteStores"]
    return [(favorite["store"]["name"], favorite["receiptCount"]) for favorite in found]


async def test_stores_come_by_number_of_receipts_then_the_latest(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    await arrange(
        gateway,
        [
            Store(id=3, external_id="s-3", name="Harbour"),
            purchased_at(1, MAIN_STREET, 4, NOON - timedelta(days=1)),
            purchased_at(1, ONLINE, 4, NOON),
            purchased_at(1, 3, 1, NOON),
            purchased_at(2, MAIN_STREET, 99, NOON),
        ],
    )
    assert await _stores(gateway) == [("Online", 4), ("Main Street", 4), ("Harbour", 1)]
    assert await _stores(gateway, first=1) == [("Online", 4)]
    answer = await gateway.ask(LIST, {"id": customer_id(), "first": 1})
    assert answer.data["customer"]["favoriteStores"][0]["store"] == {
        "id": encode("Store", ONLINE),
        "externalId": "s-2",
        "name": "Online",
    }


async def test_a_customer_without_receipts_has_an_empty_list(gateway: Gateway) -> None:
    await open_shop(gateway)
    assert await _stores(gateway) == []


@pytest.mark.parametrize("customers", [1, 3])
async def test_favorite_stores_cost_one_read_a_level(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await open_shop(gateway, ids)
    await arrange(gateway, [purchased_at(customer, store, 2, NOON) for customer in ids for store in (1, 2)])
    fields = "favoriteStores { store { businessUnit { number } } }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {
        "CustomerById": customers,
        "FavoriteStores": customers,
        "StoreById": 2,
        "BusinessUnitById": 1,
    }


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    query = f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ externalId favoriteStores {{ receiptCount }} }} }}'
    answer = await gateway.ask(query, scopes={"profile:read", "debug"})
    assert answer.data["customer"] == {"externalId": "c-1", "favoriteStores": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "favoriteStores"])
    assert reads(answer) == {"CustomerById": 1}


async def test_stores_and_business_units_can_be_fetched_again(gateway: Gateway) -> None:
    await open_shop(gateway)
    query = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Store { externalId businessUnit { number } } "
        "... on BusinessUnit { number name } } }"
    )
    ids = [encode("Store", MAIN_STREET), encode("BusinessUnit", 5), encode("Store", 999), encode("BusinessUnit", 999)]
    answer = await gateway.ask(query, {"ids": ids})
    assert answer.errors == []
    unit = {"number": 20}
    assert answer.data["nodes"] == [{"externalId": "s-1", "businessUnit": unit}, unit | {"name": "North"}, None, None]
    refused = await gateway.ask(query, {"ids": ids[:2]}, scopes={"profile:read", "debug"})
    assert (refused.data["nodes"], refused.codes, reads(refused)) == ([None, None], ["FORBIDDEN"] * 2, {})


class TestWithFavoriteStoresSwitchedOff:
    """`favoriteStoresEnabled: false`."""

    @pytest.fixture
    def account(self) -> Account:
        account = load_account()
        off = account.settings.model_copy(update={"favorite_stores_enabled": False})
        return account.model_copy(update={"settings": off})

    async def test_the_panel_is_null_without_an_error_and_nothing_is_read(self, gateway: Gateway) -> None:
        await open_shop(gateway)
        await arrange(gateway, [purchased_at(1, MAIN_STREET, 1, NOON)])
        answer = await gateway.ask(LIST, {"id": customer_id()})
        assert (answer.data["customer"], answer.errors) == ({"favoriteStores": None}, [])
        assert answer.extensions["disabledPanels"] == ["favoriteStores"]
        assert reads(answer) == {"CustomerById": 1}
