"""Subscriptions by channel: every channel, chosen or not."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.contacts import Channel
from profiles.subscriptions import ChannelChoice
from profiles.viewer import ALL_SCOPES
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, people

PANEL = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { channelSubscriptions { channel isSubscribed changedAt } } }
}
"""


def chosen(customer: int, channel: Channel, is_subscribed: bool = True, hours: int = 0) -> ChannelChoice:
    at = MADE_AT + timedelta(hours=hours)
    return ChannelChoice(customer_id=customer, channel=channel, is_subscribed=is_subscribed, changed_at=at)


def entry(channel: str, is_subscribed: bool = False, changed_at: str | None = None) -> dict[str, Any]:
    return {"channel": channel, "isSubscribed": is_subscribed, "changedAt": changed_at}


async def test_every_channel_is_listed_and_no_choice_is_not_subscribed(gateway: Gateway) -> None:
    ids = await people(gateway, 1, 2)
    await add(gateway, chosen(1, Channel.PHONE, False, 1), chosen(1, Channel.EMAIL))
    answer = await gateway.ask(PANEL, {"ids": ids})
    assert answer.errors == []
    assert answer.data["nodes"][0]["channelSubscriptions"] == [
        entry("EMAIL", True, "2026-01-02T03:04:05.678901Z"),
        entry("SMS"),
        entry("PUSH"),
        entry("PHONE", False, "2026-01-02T04:04:05.678901Z"),
    ]
    nothing = [entry(channel.value) for channel in Channel]
    assert answer.data["nodes"][1]["channelSubscriptions"] == nothing


async def test_an_edit_of_the_email_channel_shows_at_once(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1)
    query = "query ($id: ID!) { customer(by: { id: $id }) { channelSubscriptions { channel isSubscribed } } }"
    edit = "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }"

    async def wanted() -> set[str]:
        listed = (await gateway.ask(query, {"id": id})).data["customer"]["channelSubscriptions"]
        return {each["channel"] for each in listed if each["isSubscribed"]}

    assert await wanted() == set()
    await gateway.ask(edit, {"input": {"customerId": id, "subscriptionStatus": "SUBSCRIBED"}})
    assert await wanted() == {"EMAIL"}
    await gateway.ask(edit, {"input": {"customerId": id, "subscriptionStatus": "UNSUBSCRIBED"}})
    assert await wanted() == set()


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1)
    answer = await gateway.ask(PANEL, {"ids": [id]}, scopes=ALL_SCOPES - {"consents:read"})
    assert answer.data == {"nodes": [{"channelSubscriptions": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "channelSubscriptions"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_reachability_and_the_panel_share_one_read_for_any_number(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    await add(gateway, *(chosen(customer, Channel.EMAIL) for customer in range(1, customers + 1)))
    query = PANEL.replace("channelSubscriptions", "reachability { isReachable } channelSubscriptions")
    answer = await gateway.ask(query, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "Consents": customers, "ChannelChoices": customers}
