"""Subscriptions by mailing category: every active one, with every channel."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.account import Account, load_account
from profiles.contacts import Channel
from profiles.subscriptions import CategoryChannelChoice, CategoryChoice
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people

PANEL = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { subscriptions {
    category { id name isActive } isSubscribed channels { channel isSubscribed changedAt }
  } } }
}
"""
CHOSEN_AT = "2026-01-02T03:04:05.678901Z"
SILENT = [{"channel": channel.value, "isSubscribed": False, "changedAt": None} for channel in Channel]


def category(customer: int, key: str, is_subscribed: bool = True) -> CategoryChoice:
    return CategoryChoice(customer_id=customer, category=key, is_subscribed=is_subscribed, changed_at=MADE_AT)


def through(customer: int, key: str, channel: Channel, is_subscribed: bool = True, hours: int = 0) -> Any:
    return CategoryChannelChoice(
        customer_id=customer,
        category=key,
        channel=channel,
        is_subscribed=is_subscribed,
        changed_at=MADE_AT + timedelta(hours=hours),
    )


def shown(key: str, name: str, is_subscribed: bool, channels: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "category": {"id": encode("SubscriptionCategory", key), "name": name, "isActive": True},
        "isSubscribed": is_subscribed,
        "channels": channels,
    }


async def test_every_active_category_is_listed_with_every_channel(gateway: Gateway) -> None:
    ids = await people(gateway, 1, 2)
    await add(
        gateway,
        category(1, "offers"),
        category(1, "newsletter", False),
        # Inactive in the account: it keeps its data and is not shown. One that is no longer there neither.
        category(1, "surveys-2019"),
        category(1, "gone"),
        through(1, "offers", Channel.SMS),
        through(1, "offers", Channel.EMAIL, False, 1),
        # Channels may be chosen for a category of which nothing else is stored.
        through(1, "entertainment", Channel.PUSH),
    )
    answer = await gateway.ask(PANEL, {"ids": ids})
    assert answer.errors == []
    email, sms, push, phone = SILENT
    assert answer.data["nodes"][0]["subscriptions"] == [
        shown(
            "offers",
            "Offers",
            True,
            [
                {"channel": "EMAIL", "isSubscribed": False, "changedAt": "2026-01-02T04:04:05.678901Z"},
                {"channel": "SMS", "isSubscribed": True, "changedAt": CHOSEN_AT},
                push,
                phone,
            ],
        ),
        shown("newsletter", "Newsletter", False, SILENT),
        shown(
            "entertainment",
            "Entertainment",
            False,
            [email, sms, {"channel": "PUSH", "isSubscribed": True, "changedAt": CHOSEN_AT}, phone],
        ),
    ]
    names = {"offers": "Offers", "newsletter": "Newsletter", "entertainment": "Entertainment"}
    assert answer.data["nodes"][1]["subscriptions"] == [shown(key, name, False, SILENT) for key, name in names.items()]


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1)
    answer = await gateway.ask(PANEL, {"ids": [id]}, scopes=ALL_SCOPES - {"consents:read"})
    assert answer.data == {"nodes": [{"subscriptions": None}]}
    assert answer.codes == ["FORBIDDEN"]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_the_subscriptions_of_many_customers_cost_one_read(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(gateway, *(category(customer, "offers") for customer in range(1, customers + 1)))
    answer = await gateway.ask(PANEL, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "CategorySubscriptions": customers}
    assert all(node["subscriptions"][0]["isSubscribed"] for node in answer.data["nodes"])


class TestWithoutCategories:
    """An account that has none."""

    @pytest.fixture
    def account(self) -> Account:
        return load_account().model_copy(update={"mailing_categories": ()})

    async def test_the_panel_is_empty(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        answer = await gateway.ask(PANEL, {"ids": [customer_id(1)]})
        assert (answer.data["nodes"][0]["subscriptions"], answer.errors) == ([], [])
