"""The profile page from what is kept: no statement, and at most two round trips to Redis."""

from collections.abc import AsyncIterator

import pytest

from gateway.settings import Settings
from profiles.account import Account
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.demo.conftest import NOW
from tests.demo.test_profile_page import PAGE
from tests.gateway_client import Gateway, started


@pytest.fixture
def with_caches(settings: Settings, dialect: str, request: pytest.FixtureRequest) -> Settings:
    """Panels are kept, whatever TEST_CACHED says, and whole answers are not."""
    redis_url = request.getfixturevalue("empty_valkey") if dialect == "postgresql" else None
    return settings.model_copy(update={"cache": True, "answer_cache_megabytes": 0, "redis_url": redis_url})


@pytest.fixture
async def plain(gateway: Gateway, account: Account, dialect: str) -> AsyncIterator[Gateway]:
    """A gateway on the same database that keeps nothing."""
    async with started(gateway.settings.model_copy(update={"cache": False}), account, dialect, lambda: NOW) as running:
        yield running


async def test_a_page_whose_panels_are_all_kept_costs_no_statement(gateway: Gateway, plain: Gateway) -> None:
    by_name = {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}}
    by_id = {"key": {"id": (await plain.ask(PAGE, by_name)).data["customer"]["id"]}}
    trips = {"sqlite": (0, 0), "postgresql": (2, 1)}[gateway.dialect]
    for key, most in ((by_name, trips[0]), (by_id, trips[1])):
        right = await plain.ask(PAGE, key)
        while (answer := await gateway.ask(PAGE, key)).extensions["profile"]["sqlStatements"]:
            assert answer.data == right.data
        profile = answer.extensions["profile"]
        assert (answer.data, answer.errors) == (right.data, [])
        assert (profile["sqlStatements"], profile["redisRoundTrips"]) == (0, most)


async def test_keeping_the_page_costs_no_statement_beside_its_own(gateway: Gateway, plain: Gateway) -> None:
    key = {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}}
    first, without = await gateway.ask(PAGE, key), await plain.ask(PAGE, key)
    assert first.data == without.data
    # Where each read is sent alone, the look at the customer's generation is one too.
    is_alone = gateway.dialect == "postgresql" and not gateway.settings.combined_reads
    trips = without.extensions["profile"]["sqlRoundTrips"] + is_alone
    assert first.extensions["profile"]["sqlRoundTrips"] == trips
