"""What the tests of the caches share: a desk on each database, with two customers."""

from collections.abc import AsyncIterator

import pytest

from gateway.settings import Settings
from tests.caching.desk import Desk, customers, opened_desk


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no dead server; the tests of slow servers have servers that never answer."""
    monkeypatch.setattr("profiles.storage.remote.TIMEOUT_SECONDS", 3.0)


@pytest.fixture
def redis_url(dialect: str, request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty Valkey beside PostgreSQL; SQLite needs none."""
    url: str | None = request.getfixturevalue("empty_valkey") if dialect == "postgresql" else None
    return url


@pytest.fixture
async def desk(database_url: str, redis_url: str | None) -> AsyncIterator[Desk]:
    """A desk with two customers."""
    async with opened_desk(database_url, redis_url) as opened:
        await customers(opened.store, 1, 2)
        yield opened


@pytest.fixture
async def other_desk(desk: Desk, database_url: str, redis_url: str | None) -> AsyncIterator[Desk]:
    """A second process on the same database and the same Valkey."""
    async with opened_desk(database_url, redis_url) as opened:
        yield opened


@pytest.fixture
def with_caches(database_url: str, redis_url: str | None) -> Settings:
    """Here gateways keep panels, whatever TEST_CACHED says, and no whole answers."""
    return Settings(database_url=database_url, redis_url=redis_url, pool_size=4, cache=True, answer_cache_megabytes=0)
