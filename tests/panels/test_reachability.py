"""The panel of reachability: derived when read, with every reason that applies."""

from typing import Any

import pytest

from profiles.consents import ConsentChange, ConsentStatus
from profiles.contacts import Channel
from profiles.subscriptions import CategoryChannelChoice, CategoryChoice, ChannelChoice
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people

REACH = """
query ($ids: [ID!]!, $channels: [Channel!], $categoryId: ID) {
  nodes(ids: $ids) { ... on Customer {
    reachability(channels: $channels, categoryId: $categoryId) { channel isReachable reasons }
  } }
}
"""
OFFERS = encode("SubscriptionCategory", "offers")
EVERY_CHANNEL = ("EMAIL", "SMS", "PUSH", "PHONE")
WELL: dict[str, str] = {"email": "ada@example.com", "phone": "+447911123456"}


def consent(name: str, status: ConsentStatus, id: int = 1) -> ConsentChange:
    return ConsentChange(customer_id=1, id=id, name=name, status=status, at=MADE_AT, source="form", actor="Ann")


def chosen(*channels: Channel, customer: int = 1) -> list[ChannelChoice]:
    return [
        ChannelChoice(customer_id=customer, channel=channel, is_subscribed=True, changed_at=MADE_AT)
        for channel in channels
    ]


async def reasons(gateway: Gateway, **asked: Any) -> dict[str, list[str]]:
    answer = await gateway.ask(REACH, {"ids": [customer_id(1)], **asked})
    assert answer.errors == []
    found = answer.data["nodes"][0]["reachability"]
    assert all(each["isReachable"] == (not each["reasons"]) for each in found)
    return {each["channel"]: each["reasons"] for each in found}


async def test_a_subscriber_with_good_contacts_is_reachable_everywhere(gateway: Gateway) -> None:
    await people(gateway, 1, **WELL)
    await add(gateway, *chosen(*Channel), consent("news", ConsentStatus.GRANTED))
    assert await reasons(gateway) == {channel: [] for channel in EVERY_CHANNEL}


async def test_every_reason_that_applies_is_given(gateway: Gateway) -> None:
    await people(gateway, 1, email="ada@example.com", email_bounced_at=MADE_AT, phone="020 7946 0958", country="GB")
    await add(gateway, consent("news", ConsentStatus.REVOKED, 1), consent("calls", ConsentStatus.REVOKED, 2))
    further = ["UNSUBSCRIBED", "CATEGORY_UNSUBSCRIBED", "CHANNEL_NOT_CHOSEN", "CONSENT_REVOKED"]
    assert await reasons(gateway, categoryId=OFFERS) == {
        "EMAIL": ["INVALID_EMAIL", *further],
        "SMS": ["LANDLINE", *further],
        "PUSH": further,
        "PHONE": further,
    }


async def test_missing_and_invalid_contacts_close_their_channels_and_never_push(gateway: Gateway) -> None:
    await people(gateway, 1, phone="+44 1")
    await add(gateway, *chosen(*Channel))
    assert await reasons(gateway) == {
        "EMAIL": ["MISSING_CONTACT"],
        "SMS": ["INVALID_PHONE"],
        "PUSH": [],
        "PHONE": ["INVALID_PHONE"],
    }


async def test_a_number_whose_type_cannot_be_told_is_reachable(gateway: Gateway) -> None:
    await people(gateway, 1, phone="(202) 555-0143")
    await add(gateway, *chosen(Channel.SMS))
    assert await reasons(gateway, channels=["SMS"]) == {"SMS": []}


async def test_a_revoked_consent_blocks_the_channels_that_it_names_and_a_granted_one_none(gateway: Gateway) -> None:
    await people(gateway, 1, **WELL)
    await add(
        gateway,
        *chosen(*Channel),
        consent("calls", ConsentStatus.REVOKED, 1),
        consent("news", ConsentStatus.REVOKED, 2),
        consent("news", ConsentStatus.GRANTED, 3),
        consent("profiling", ConsentStatus.REVOKED, 4),
        consent("unknown to the account", ConsentStatus.REVOKED, 5),
    )
    assert await reasons(gateway) == {"EMAIL": [], "SMS": [], "PUSH": [], "PHONE": ["CONSENT_REVOKED"]}


async def test_a_category_needs_its_own_choice_and_its_channels(gateway: Gateway) -> None:
    await people(gateway, 1, **WELL)
    own = {"customer_id": 1, "changed_at": MADE_AT}
    await add(
        gateway,
        *chosen(*Channel),
        CategoryChoice(category="offers", is_subscribed=True, **own),
        CategoryChannelChoice(category="offers", channel=Channel.EMAIL, is_subscribed=True, **own),
        CategoryChannelChoice(category="offers", channel=Channel.SMS, is_subscribed=False, **own),
        CategoryChannelChoice(category="newsletter", channel=Channel.SMS, is_subscribed=True, **own),
    )
    not_chosen = ["CHANNEL_NOT_CHOSEN"]
    assert await reasons(gateway, categoryId=OFFERS) == {
        "EMAIL": [],
        "SMS": not_chosen,
        "PUSH": not_chosen,
        "PHONE": not_chosen,
    }
    newsletter = await reasons(
        gateway, categoryId=encode("SubscriptionCategory", "newsletter"), channels=["SMS", "EMAIL"]
    )
    assert newsletter == {
        "SMS": ["CATEGORY_UNSUBSCRIBED"],
        "EMAIL": ["CATEGORY_UNSUBSCRIBED", "CHANNEL_NOT_CHOSEN"],
    }


async def test_channels_come_as_asked_and_an_empty_list_asks_for_none(gateway: Gateway) -> None:
    await people(gateway, 1)
    assert list(await reasons(gateway, channels=["PHONE", "EMAIL"])) == ["PHONE", "EMAIL"]
    assert await reasons(gateway, channels=[]) == {}
    assert list(await reasons(gateway, channels=None)) == list(EVERY_CHANNEL)


@pytest.mark.parametrize(
    "id",
    [
        "",
        "nonsense",
        encode("Category", 1),
        encode("SubscriptionCategory", "none"),
        encode("SubscriptionCategory", "offers", 1),
    ],
)
async def test_a_category_that_is_none_is_a_bad_request_and_the_rest_arrives(gateway: Gateway, id: str) -> None:
    await people(gateway, 1)
    query = REACH.replace("reachability(", "externalId reachability(")
    answer = await gateway.ask(query, {"ids": [customer_id(1)], "categoryId": id})
    assert (answer.data, answer.codes) == ({"nodes": [{"externalId": "ext-1", "reachability": None}]}, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"] == ["categoryId"]


async def test_it_needs_no_scope_of_what_it_is_derived_from(gateway: Gateway) -> None:
    await people(gateway, 1, **WELL)
    answer = await gateway.ask(REACH, {"ids": [customer_id(1)]}, scopes=["profile:read"])
    assert answer.errors == []
    assert "example.com" not in str(answer.data)
    forbidden = await gateway.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [customer_id(1)]},
        scopes=ALL_SCOPES - {"profile:read"},
    )
    assert forbidden.codes == ["FORBIDDEN"]


async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6), **{"email": None})
    await add(gateway, *(choice for customer in range(1, 4) for choice in chosen(Channel.PUSH, customer=customer)))
    for asked in (ids[:1], ids):
        many = len(asked)
        answer = await gateway.ask(REACH, {"ids": asked, "channels": ["PUSH"], "categoryId": OFFERS})
        assert answer.errors == []
        assert reads(answer) == {
            "CustomerById": many,
            "Consents": many,
            "ChannelChoices": many,
            "CategoryChoices": many,
        }
        assert len(answer.extensions["profile"]["loaderBatches"]) == 4
    general = await gateway.ask(REACH, {"ids": ids, "channels": ["PUSH"]})
    assert reads(general) == {"CustomerById": 5, "Consents": 5, "ChannelChoices": 5}
    found = [node["reachability"][0]["isReachable"] for node in general.data["nodes"]]
    assert found == [True, True, True, False, False]
