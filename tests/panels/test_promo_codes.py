"""The panel of promo codes."""

from datetime import timedelta
from typing import Any

from profiles.promo_codes import PromoCode, PromoCodeOriginKind
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.panels.test_mailings import catalog
from tests.people import MADE_AT, add, customer_id, people, walked

LIST = """
query ($id: ID!, $first: Int! = 10, $after: String) {
  customer(by: { id: $id }) {
    promoCodes(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { code } }
      nodes { code }
    }
  }
}
"""
WHOLE = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Customer { promoCodes {
    nodes {
      code issuedAt isReissued redeemedAt
      origin { __typename ... on Mailing { id name campaign { name } } ... on Campaign { id name } }
    }
    totalCount
  } } }
}
"""


def issued(customer: int, id: int, hours: int = 0, **more: Any) -> PromoCode:
    at = MADE_AT + timedelta(hours=hours)
    return PromoCode(customer_id=customer, id=id, code=f"CODE{id}", issued_at=at, **more)


async def test_a_code_shows_where_it_was_issued_and_whether_again(gateway: Gateway) -> None:
    await people(gateway, 1)
    mailing = {"origin_kind": PromoCodeOriginKind.MAILING, "origin_id": 11}
    campaign = {"origin_kind": PromoCodeOriginKind.CAMPAIGN, "origin_id": 5}
    await add(
        gateway,
        *catalog(),
        issued(1, 1, 0, **mailing, redeemed_at=MADE_AT + timedelta(hours=9)),
        issued(1, 2, 1, **campaign, is_reissued=True),
        issued(1, 3, 2),
    )
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["promoCodes"]["nodes"] == [
        {
            "code": "CODE3",
            "issuedAt": "2026-01-02T05:04:05.678901Z",
            "isReissued": False,
            "redeemedAt": None,
            "origin": None,
        },
        {
            "code": "CODE2",
            "issuedAt": "2026-01-02T04:04:05.678901Z",
            "isReissued": True,
            "redeemedAt": None,
            "origin": {"__typename": "Campaign", "id": encode("Campaign", 5), "name": "Spring"},
        },
        {
            "code": "CODE1",
            "issuedAt": "2026-01-02T03:04:05.678901Z",
            "isReissued": False,
            "redeemedAt": "2026-01-02T12:04:05.678901Z",
            "origin": {
                "__typename": "Mailing",
                "id": encode("Mailing", 11),
                "name": "Spring offers",
                "campaign": {"name": "Spring"},
            },
        },
    ]


async def test_walking_the_pages_gives_every_code_once_newest_first(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, *(issued(1, id, max(0, id - 3)) for id in range(1, 8)), issued(2, 99, 50))
    nodes = await walked(gateway, LIST, "promoCodes", 3)
    assert [node["code"] for node in nodes] == [f"CODE{id}" for id in (7, 6, 5, 4, 3, 2, 1)]


async def test_a_customer_without_codes_has_an_empty_list(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(WHOLE, {"ids": [customer_id(1)]})
    assert answer.errors == []
    assert answer.data["nodes"][0]["promoCodes"] == {"nodes": [], "totalCount": 0}


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, issued(1, 1))
    answer = await gateway.ask(WHOLE, {"ids": ids}, scopes=ALL_SCOPES - {"promo_codes:read"})
    assert answer.data == {"nodes": [{"promoCodes": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "promoCodes"], "FORBIDDEN")
    ]
    assert reads(answer) == {"CustomerById": 1}


async def test_one_customer_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6))
    kinds = (
        {"origin_kind": PromoCodeOriginKind.MAILING, "origin_id": 11},
        {"origin_kind": PromoCodeOriginKind.CAMPAIGN, "origin_id": 5},
    )
    codes = (issued(customer, 10 * customer + n, n, **kinds[n % 2]) for customer in range(1, 5) for n in range(3))
    await add(gateway, *catalog(), *codes)
    for asked in (ids[:1], ids):
        answer = await gateway.ask(WHOLE, {"ids": asked})
        assert answer.errors == []
        many = len(asked)
        assert answer.extensions["profile"]["loaderBatches"] == [
            {"loader": "CustomerById", "keys": many},
            {"loader": "LatestPromoCodes", "keys": many},
            {"loader": "PromoCodeCount", "keys": many},
            {"loader": "MailingById", "keys": 1},
            {"loader": "CampaignById", "keys": 1},
        ]
    assert [node["promoCodes"]["totalCount"] for node in answer.data["nodes"]] == [3, 3, 3, 3, 0]
