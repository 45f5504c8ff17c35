"""The panel of mailings, and the mailings and campaigns behind it."""

from datetime import timedelta
from typing import Any

from profiles.contacts import Channel
from profiles.mailings import Campaign, Mailing, MailingKind, MailingParticipation
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people, walked

LIST = """
query ($id: ID!, $first: Int! = 10, $after: String) {
  customer(by: { id: $id }) {
    mailings(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { participatedAt isControlGroup } }
      nodes { participatedAt isControlGroup }
    }
  }
}
"""
WHOLE = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { mailings {
    nodes {
      participatedAt isControlGroup
      mailing { id name channel kind url campaign { id name url startsAt endsAt } }
    }
    totalCount
  } } }
}
"""


def catalog() -> list[Any]:
    """A campaign with a mailing, and a mass mailing."""
    spring = {"campaign_id": 5, "url": "https://example.com/m/11"}
    return [
        Campaign(id=5, external_id="c-5", name="Spring", url="https://example.com/spring", starts_at=MADE_AT),
        Mailing(
            id=11, external_id="m-11", name="Spring offers", channel=Channel.SMS, kind=MailingKind.CAMPAIGN, **spring
        ),
        Mailing(id=12, external_id="m-12", name="Hello", channel=Channel.EMAIL, kind=MailingKind.MASS),
    ]


def part(customer: int, id: int, mailing: int = 11, hours: int = 0, **more: Any) -> MailingParticipation:
    at = MADE_AT + timedelta(hours=hours)
    return MailingParticipation(customer_id=customer, id=id, mailing_id=mailing, participated_at=at, **more)


async def test_a_participation_shows_its_mailing_and_its_campaign(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, *catalog(), part(1, 1), part(1, 2, 12, 1, is_control_group=True))
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["mailings"]["nodes"] == [
        {
            "participatedAt": "2026-01-02T04:04:05.678901Z",
            "isControlGroup": True,
            "mailing": {
                "id": encode("Mailing", 12),
                "name": "Hello",
                "channel": "EMAIL",
                "kind": "MASS",
                "url": None,
                "campaign": None,
            },
        },
        {
            "participatedAt": "2026-01-02T03:04:05.678901Z",
            "isControlGroup": False,
            "mailing": {
                "id": encode("Mailing", 11),
                "name": "Spring offers",
                "channel": "SMS",
                "kind": "CAMPAIGN",
                "url": "https://example.com/m/11",
                "campaign": {
                    "id": encode("Campaign", 5),
                    "name": "Spring",
                    "url": "https://example.com/spring",
                    "startsAt": "2026-01-02T03:04:05.678901Z",
                    "endsAt": None,
                },
            },
        },
    ]


async def test_walking_the_pages_gives_every_mailing_once_newest_first(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    # One mailing is sent to many in one microsecond, and may be sent twice to one.
    await add(gateway, *catalog(), *(part(1, id, hours=max(0, id - 3)) for id in range(1, 8)), part(2, 99, hours=50))
    nodes = await walked(gateway, LIST, "mailings", 2)
    hours = [node["participatedAt"] for node in nodes]
    assert hours == [f"2026-01-02T0{3 + n}:04:05.678901Z" for n in (4, 3, 2, 1, 0, 0, 0)]


async def test_a_customer_without_mailings_has_an_empty_list(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["mailings"] == {"nodes": [], "totalCount": 0}


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, *catalog(), part(1, 1))
    answer = await gateway.ask(WHOLE, {"ids": ids}, scopes=ALL_SCOPES - {"mailings:read"})
    assert answer.data == {"nodes": [{"mailings": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "mailings"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6))
    parts = (part(customer, 10 * customer + n, 11 + n % 2, n) for customer in range(1, 5) for n in range(3))
    await add(gateway, *catalog(), *parts)
    for asked in (ids[:1], ids):
        answer = await gateway.ask(WHOLE, {"ids": asked})
        assert answer.errors == []
        many = len(asked)
        assert reads(answer) == {
            "CustomerById": many,
            "LatestMailings": many,
            "MailingCount": many,
            # The same two mailings of the one campaign, however many customers took part.
            "MailingById": 2,
            "CampaignById": 1,
        }
        assert len(answer.extensions["profile"]["loaderBatches"]) == 5
    assert [node["mailings"]["totalCount"] for node in answer.data["nodes"]] == [3, 3, 3, 3, 0]
