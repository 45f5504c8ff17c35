"""Optional blocks: what the account switches off is null, is named, and costs no statement; all else stays."""

from typing import Any

import pytest

from profiles.account import Account, load_account
from tests.gateway_client import Answer, Gateway
from tests.panels.shop import arrange, open_shop, order, reads
from tests.people import customer_id

PROFILE = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer {
    orders { nodes { number } }
    favoriteStores { store { name } }
    interests { score }
    loyalty { active }
    metrics { orderCount }
    timeline { nodes { category } }
  } }
}
"""
PANELS = "{ account { panels { key enabled } settings { %s } } }"
READS = {
    "orders": "LatestOrders",
    "favoriteStores": "FavoriteStores",
    "interests": "StrongestInterests",
    "loyalty": "Balances",
}
SWITCHES = {
    "orders_enabled": ("ordersEnabled", "orders"),
    "favorite_stores_enabled": ("favoriteStoresEnabled", "favoriteStores"),
    "interests_enabled": ("interestsEnabled", "interests"),
    "loyalty_enabled": ("loyaltyEnabled", "loyalty"),
    "order_events_enabled": ("orderEventsEnabled", None),
}
"""Each switch with its name in the schema and the panel that it switches; order events are no panel."""


def with_switches(**switches: bool) -> Account:
    """The default account with these switches, and no rules of segments."""
    default = load_account()
    settings = default.settings.model_copy(update=switches)
    return default.model_copy(update={"settings": settings, "segments": ()})


@pytest.fixture(params=[None, *SWITCHES])
def off(request: pytest.FixtureRequest) -> str | None:
    """The switch that is off; None where all are on."""
    switch: str | None = request.param
    return switch


@pytest.fixture
def account(off: str | None) -> Account:
    return with_switches(**{switch: switch != off for switch in SWITCHES})


async def ask(gateway: Gateway, ids: range = range(1, 2)) -> Answer:
    answer = await gateway.ask(PROFILE, {"ids": [customer_id(id) for id in ids]})
    assert answer.errors == []
    return answer


@pytest.mark.usefixtures("uncached")
async def test_what_is_off_is_null_named_and_not_read_and_the_others_are_as_ever(
    gateway: Gateway, off: str | None
) -> None:
    everybody = range(1, 11)
    await open_shop(gateway, everybody)
    await arrange(gateway, [order(id, id) for id in everybody])
    panel = SWITCHES[off][1] if off else None
    expected = {name: 10 for key, name in READS.items() if key != panel}
    answer = await ask(gateway, everybody)
    shown: dict[str, Any] = answer.data["nodes"][0]
    # Loyalty is null for who was never credited, too: that one is not named.
    assert {key for key in READS if shown[key] is None} == {"loyalty", panel} - {None}
    assert answer.extensions.get("disabledPanels", []) == ([panel] if panel else [])
    assert {name: keys for name, keys in reads(answer).items() if name in READS.values()} == expected
    # Switched off or not, what was ordered counts.
    assert set(reads(answer)) >= {"MetricsOf", "LatestEvents"}


async def test_the_account_says_what_is_on(gateway: Gateway, off: str | None) -> None:
    names = {name: switch for switch, (name, _) in SWITCHES.items()}
    answer = await gateway.ask(PANELS % " ".join(names))
    assert answer.errors == []
    assert answer.data["account"]["settings"] == {name: switch != off for name, switch in names.items()}
    panel = SWITCHES[off][1] if off else None
    assert [each["key"] for each in answer.data["account"]["panels"] if not each["enabled"]] == (
        [panel] if panel else []
    )
