"""The account and the viewer."""

from typing import Any

import pytest

from profiles.account import Account, EventType, load_account
from profiles.catalog import BusinessUnit
from profiles.timeline import EventCategory
from profiles.viewer import ALL_SCOPES, ViewerKind
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import add, people


@pytest.fixture
def account() -> Account:
    """The account with two panels switched off."""
    default = load_account()
    off = {"favorite_stores_enabled": False, "interests_enabled": False, "interest_window_days": 7}
    return default.model_copy(update={"settings": default.settings.model_copy(update=off), "segments": ()})


async def ask(gateway: Gateway, selection: str) -> Any:
    answer = await gateway.ask(f"{{ account {{ {selection} }} }}")
    assert answer.errors == []
    assert answer.extensions["profile"]["sqlStatements"] == 0
    return answer.data["account"]


async def test_the_account_shows_its_settings_without_a_read(gateway: Gateway) -> None:
    found = await ask(
        gateway,
        "id name currency timeZone affinityAttributes orderStatuses settings { interestWindowDays lastOrderValueBasis "
        "ordersEnabled orderEventsEnabled favoriteStoresEnabled interestsEnabled loyaltyEnabled }",
    )
    assert found == {
        "id": encode("Account", 1),
        "name": "Corner Market",
        "currency": "USD",
        "timeZone": "America/New_York",
        "affinityAttributes": ["category", "brand", "department", "store"],
        "orderStatuses": ["NEW", "CONFIRMED", "SHIPPED", "COMPLETED", "RETURNED", "CANCELLED"],
        "settings": {
            "interestWindowDays": 7,
            "lastOrderValueBasis": "ORDER_TOTAL",
            "ordersEnabled": True,
            "orderEventsEnabled": True,
            "favoriteStoresEnabled": False,
            "interestsEnabled": False,
            "loyaltyEnabled": True,
        },
    }


async def test_business_units_come_by_number_in_one_read(gateway: Gateway) -> None:
    units = [BusinessUnit(id=id, number=number, name=f"Number {number}") for id, number in ((1, 20), (2, 3), (3, 100))]
    await add(gateway, *units)
    answer = await gateway.ask("{ account { businessUnits { id number name } } }")
    assert [unit["number"] for unit in answer.data["account"]["businessUnits"]] == [3, 20, 100]
    assert answer.data["account"]["businessUnits"][0] == {
        "id": encode("BusinessUnit", 2),
        "number": 3,
        "name": "Number 3",
    }
    assert reads(answer) == {"EveryBusinessUnit": 1}


async def test_panels_come_in_the_accounts_order_and_switched_off_ones_say_so(gateway: Gateway) -> None:
    panels = (await ask(gateway, "panels { key label side position enabled tab }"))["panels"]
    assert [panel["key"] for panel in panels] == [panel.key for panel in gateway.account.panels]
    assert {panel["key"] for panel in panels if not panel["enabled"]} == {"favoriteStores", "interests"}
    for side in ("LEFT", "RIGHT"):
        places = [panel["position"] for panel in panels if panel["side"] == side]
        assert places == list(range(1, len(places) + 1))
    assert panels[0] == {
        "key": "metrics",
        "label": "Statistics",
        "side": "LEFT",
        "position": 1,
        "enabled": True,
        "tab": None,
    }


async def test_a_switched_off_panel_is_null_without_an_error_and_is_named(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    query = """
    query ($ids: [ID!]!) {
      nodes(ids: $ids) { ... on Customer { externalId favoriteStores { receiptCount } interests { score } } }
    }
    """
    answer = await gateway.ask(query, {"ids": ids})
    assert answer.errors == []
    assert answer.data == {"nodes": [{"externalId": "ext-1", "favoriteStores": None, "interests": None}]}
    assert answer.extensions["disabledPanels"] == ["favoriteStores", "interests"]
    assert reads(answer) == {"CustomerById": 1}


async def test_definitions_of_each_entity_come_built_in_ones_first(gateway: Gateway) -> None:
    selection = "attributeDefinitions(entity: ENTITY) { key isCustom isEditable }"
    for entity in ("CUSTOMER", "RECEIPT", "RECEIPT_ITEM", "ORDER", "ORDER_ITEM"):
        found = (await ask(gateway, selection.replace("ENTITY", entity)))["attributeDefinitions"]
        expected = [each for each in gateway.account.all_attributes if each.entity.value == entity]
        assert [each["key"] for each in found] == [each.key for each in expected]
        assert [each["isCustom"] for each in found] == sorted(each["isCustom"] for each in found)
        assert not [each for each in found if each["isEditable"] and not each["isCustom"]]
    assert await ask(gateway, "attributeDefinitions { key }") == await ask(
        gateway, "attributeDefinitions(entity: CUSTOMER) { key }"
    )


async def test_each_block_shows_its_view(gateway: Gateway) -> None:
    for block, keys in gateway.account.views.items():
        answer = await gateway.ask(f"{{ account {{ view(block: {block.value}) {{ key }} }} }}")
        assert [each["key"] for each in answer.data["account"]["view"]] == list(keys)
        assert reads(answer) == {"ChosenViews": 1}


async def test_the_lists_of_the_choosers_are_the_accounts(gateway: Gateway) -> None:
    found = await ask(
        gateway,
        "consents { name label channels } subscriptionCategories { id name isActive } eventTypes { key category }",
    )
    assert found["consents"][1] == {"name": "calls", "label": "Telephone contact", "channels": ["PHONE"]}
    assert [each["id"] for each in found["subscriptionCategories"]] == [
        encode("SubscriptionCategory", each.key) for each in gateway.account.mailing_categories
    ]
    # An inactive one keeps its data and is listed as such.
    assert False in [each["isActive"] for each in found["subscriptionCategories"]]
    own = [{"key": each.key, "category": each.category.value} for each in gateway.account.event_types]
    assert found["eventTypes"][: len(own)] == own
    # Whatever stands in a timeline can be filtered by, so what the gateway itself tells is named too.
    assert {each["category"] for each in found["eventTypes"]} == set(EventCategory)


async def test_the_account_may_call_what_the_gateway_tells_by_its_own_name(gateway: Gateway) -> None:
    renamed = EventType(key="note_added", label="Memo", category=EventCategory.NOTE)
    account = gateway.account.model_copy(update={"event_types": (renamed,)})
    said = [each for each in account.all_event_types if each.category is EventCategory.NOTE]
    assert [(each.key, each.label) for each in said] == [("note_added", "Memo"), ("note_deleted", "Note deleted")]


async def test_the_account_needs_its_scope(gateway: Gateway) -> None:
    answer = await gateway.ask("{ account { name } }", scopes=ALL_SCOPES - {"account:read"})
    assert (answer.data, answer.codes) == ({"account": None}, ["FORBIDDEN"])


async def test_the_viewer_sees_who_they_are_with_any_key(gateway: Gateway) -> None:
    query = "{ viewer { id name kind scopes rateLimit { remaining } } }"
    answer = await gateway.ask(query, scopes=["notes:read", "debug"], kind=ViewerKind.PARTNER)
    assert answer.errors == []
    found = answer.data["viewer"]
    assert (found["name"], found["kind"], found["scopes"]) == ("partner 1", "PARTNER", ["debug", "notes:read"])
    assert found["rateLimit"] is None
    assert reads(answer) == {}
    nobody = await gateway.ask(query, scopes=[])
    assert (nobody.errors, nobody.data["viewer"]["scopes"]) == ([], [])
    assert nobody.data["viewer"]["id"] != found["id"]


async def test_a_viewer_can_fetch_themselves_and_nobody_else(gateway: Gateway) -> None:
    mine = (await gateway.ask("{ viewer { id } }")).data["viewer"]["id"]
    other = (await gateway.ask("{ viewer { id } }", scopes=["profile:read"])).data["viewer"]["id"]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    answer = await gateway.ask(query, {"ids": [mine, other]})
    assert (answer.data, answer.errors) == ({"nodes": [{"id": mine}, None]}, [])
