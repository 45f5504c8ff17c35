"""Rights never share an entry: whoever asked before, everybody gets what they would get without a cache."""

from collections.abc import AsyncIterator
from itertools import permutations
from typing import Any

import pytest
from redis.asyncio import Redis

from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import ALL_SCOPES, ViewerKind
from tests.gateway_client import Answer, Gateway, started
from tests.people import MADE_AT, add, customer_id, people

PAGE = """
query ($id: ID!, $search: CustomerKey!) {
  customer(by: {id: $id}) {
    firstName email { value } phone { value } birthDate
    notes { totalCount nodes { body author } }
    timeline { totalCount nodes { name ... on BrowseEvent { url } } }
    tags { name }
  }
  found: customer(by: $search) { id firstName }
}
"""
ASKED = {"id": customer_id(1), "search": {"externalId": "ext-1"}}
WHO: dict[str, tuple[frozenset[str], ViewerKind]] = {
    "staff": (frozenset(ALL_SCOPES), ViewerKind.STAFF),
    "staff without personal data": (frozenset(ALL_SCOPES - {"personal:read"}), ViewerKind.STAFF),
    "a partner": (frozenset(ALL_SCOPES), ViewerKind.PARTNER),
    "a partner without notes and mailings": (
        frozenset(ALL_SCOPES - {"notes:read", "mailings:read", "personal:read"}),
        ViewerKind.PARTNER,
    ),
}


@pytest.fixture
async def gateway(gateway: Gateway) -> Gateway:
    await people(gateway, 1, first_name="Ada", email="ada@example.com", phone="+12025550123")
    await gateway.ask(
        'mutation ($id: ID!) { addNote(input: {customerId: $id, body: "called"}) { userErrors { code } } }',
        {"id": customer_id(1)},
    )
    await add(
        gateway,
        *(
            TimelineEvent(
                customer_id=1,
                id=100 + number,
                activity_seq=100 + number,
                category=category,
                type="seen",
                name=category.value,
                occurred_at=MADE_AT,
                received_at=MADE_AT,
                url="https://shop.example/a?email=ada@example.com",
                actor="Ann",
            )
            for number, category in enumerate((EventCategory.EMAIL, EventCategory.PAGE_VIEW, EventCategory.ORDER))
        ),
    )
    return gateway


@pytest.fixture
async def plain(gateway: Gateway) -> AsyncIterator[Gateway]:
    """A gateway on the same database that keeps nothing."""
    settings = gateway.settings.model_copy(update={"cache": False})
    async with started(settings, gateway.account, gateway.dialect) as running:
        yield running


async def asked_by(gateway: Gateway, who: str) -> Answer:
    scopes, kind = WHO[who]
    return await gateway.ask(PAGE, ASKED, scopes=scopes, kind=kind)


def shown(answer: Answer) -> tuple[Any, list[Any]]:
    return answer.data, sorted((str(error["path"]), error["extensions"]["code"]) for error in answer.errors)


async def test_everybody_gets_their_own_answer_in_whatever_order_they_ask(gateway: Gateway, plain: Gateway) -> None:
    right = {who: shown(await asked_by(plain, who)) for who in WHO}
    assert len({str(answer) for answer in right.values()}) == len(WHO)
    for order in permutations(WHO):
        for who in order:
            assert shown(await asked_by(gateway, who)) == right[who], order


async def test_no_name_in_redis_says_who_somebody_is(gateway: Gateway, redis_url: str | None) -> None:
    for who in WHO:
        await asked_by(gateway, who)
    for key in ({"email": "ada@example.com"}, {"phone": "+12025550123"}):
        await gateway.ask(PAGE, ASKED | {"search": key})
    if redis_url is None:
        return
    async with Redis.from_url(redis_url) as redis:
        names = {key async for key in redis.scan_iter()}
        fields = {name for key in names if key.endswith(b":panels") for name in await redis.hkeys(key)}
    assert names
    assert not any(part in name for name in names | fields for part in (b"ada", b"example", b"2025550123"))
