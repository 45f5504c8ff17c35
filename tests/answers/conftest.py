"""What the tests of kept answers share: a gateway that keeps them, a clock, and a second process beside it."""

from collections.abc import AsyncIterator

import pytest

from gateway.settings import Settings
from profiles.account import Account
from tests.answers.asking import START, answers, copied
from tests.clock import Clock
from tests.gateway_client import Gateway, started
from tests.people import people


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is no Redis that is away."""
    monkeypatch.setattr("profiles.storage.remote.TIMEOUT_SECONDS", 5)


@pytest.fixture
def redis_url(dialect: str, request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty Valkey beside PostgreSQL; SQLite needs none."""
    url: str | None = request.getfixturevalue("empty_valkey") if dialect == "postgresql" else None
    return url


@pytest.fixture
def settings(database_url: str, redis_url: str | None) -> Settings:
    """Here gateways have their caches, whatever TEST_CACHED says."""
    return Settings(database_url=database_url, redis_url=redis_url, pool_size=4, cache=True)


@pytest.fixture
def clock() -> Clock:
    """The clock of both gateways."""
    return Clock(START)


@pytest.fixture
async def other(
    gateway: Gateway, settings: Settings, account: Account, dialect: str, clock: Clock
) -> AsyncIterator[Gateway]:
    """A second process on the same database and the same Valkey."""
    async with started(settings, account, dialect, clock) as running:
        yield running


@pytest.fixture
async def customer(gateway: Gateway) -> str:
    """The global id of a customer whose generation Redis knows."""
    (id,) = await people(gateway, 7, external_id="seven", first_name="Ann", email="ann@example.com")
    await copied(gateway, 7)
    answers(gateway).clear()
    return id
