"""Last activity: the newest event of the customer's own doing that the viewer may see."""

from typing import Any

import pytest

from profiles.account import Account, load_account
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.panels.test_timeline import event
from tests.people import add, customer_id, people

PANEL = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { lastActivity { __typename id name category occurredAt } } }
}
"""
ACTIVE = ("SITE_VISIT", "CATEGORY_VIEW", "PRODUCT_VIEW", "PAGE_VIEW", "CART_ABANDONED", "EMAIL")
NOT_ACTIVE = (
    *("MAILING_MASS", "MAILING_CAMPAIGN", "RECEIPT", "ORDER", "CALL_CENTER", "BONUS_ACCRUED", "POINTS_ACCRUED"),
    *("TAG_ASSIGNED", "LIFECYCLE", "CONSENT", "NOTE", "SEGMENT", "PROFILE"),
)


async def last(gateway: Gateway, **more: Any) -> str | None:
    answer = await gateway.ask(PANEL, {"ids": [customer_id(1)]}, **more)
    assert answer.errors == []
    found = answer.data["nodes"][0]["lastActivity"]
    return None if found is None else str(found["name"])


async def test_it_is_the_newest_event_of_its_categories(gateway: Gateway) -> None:
    await people(gateway, 1)
    # Event n is n hours before noon: what is no activity is newer here.
    await add(gateway, *(event(id, category) for id, category in enumerate(NOT_ACTIVE, 1)))
    assert await last(gateway) is None
    for id, category in enumerate(ACTIVE, 1):
        await add(gateway, event(50 - id, category))
        assert await last(gateway) == f"e{50 - id}"
    answer = await gateway.ask(PANEL, {"ids": [customer_id(1)]})
    assert answer.data["nodes"][0]["lastActivity"] == {
        "__typename": "MailingEvent",
        "id": encode("MailingEvent", 1, 44),
        "name": "e44",
        "category": "EMAIL",
        "occurredAt": "2026-03-08T16:00:00Z",
    }


async def test_at_one_moment_the_later_id_is_the_newest(gateway: Gateway) -> None:
    await people(gateway, 1)
    at = event(1).occurred_at
    await add(gateway, event(3, "SITE_VISIT", occurred_at=at), event(2, "PAGE_VIEW", occurred_at=at))
    assert await last(gateway) == "e3"


async def test_what_the_viewer_may_not_see_is_no_activity_to_them(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, event(1, "EMAIL"), event(2, "PAGE_VIEW"))
    assert await last(gateway) == "e1"
    assert await last(gateway, scopes=ALL_SCOPES - {"mailings:read"}) == "e2"


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    answer = await gateway.ask(PANEL, {"ids": ids}, scopes=ALL_SCOPES - {"activity:read"})
    assert (answer.data, answer.codes) == ({"nodes": [{"lastActivity": None}]}, ["FORBIDDEN"])
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(gateway, *(event(1, customer=customer) for customer in range(1, customers + 1)))
    answer = await gateway.ask(PANEL, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "LatestEvents": customers}
    assert all(node["lastActivity"] for node in answer.data["nodes"])


class TestAnAccountWithoutOrders:
    """The gates of the timeline hold here; an order is no activity in any case."""

    @pytest.fixture
    def account(self) -> Account:
        account = load_account()
        return account.model_copy(update={"settings": account.settings.model_copy(update={"orders_enabled": False})})

    async def test_the_last_activity_is_what_it_was(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, event(1, "ORDER"), event(2, "SITE_VISIT"))
        assert await last(gateway) == "e2"
