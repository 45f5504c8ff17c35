"""A gateway over the demo data: 120 real households with everything around them, loaded once for each database."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.app import the_schema
from profiles.account import load_account
from profiles.live.bus import MemoryBus
from profiles.segment_rules import Segments
from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade
from profiles.storage.store import open_store
from resolvers.segment_rules import segment_rules
from sources.demo import import_complete_journey
from sources.jobs import recompute
from sources.progress import silent
from tests.clock import Clock
from tests.databases import Databases
from tests.demo.kept import kept_or_loaded

ACCOUNT = load_account()
# The end of a day in the account's zone: nothing of the source's last day is still to come.
NOW = datetime(2026, 5, 6, 23, 59, 59, tzinfo=ACCOUNT.zone).astimezone(UTC)
HOUSEHOLDS = 120


@pytest.fixture(scope="session")
def loaded() -> dict[str, str]:
    """The URL of each database that has been loaded."""
    return {}


@pytest.fixture(scope="session")
def kept(request: pytest.FixtureRequest) -> Path:
    """Where demo data is kept from run to run; `make clean` empties it."""
    folder: Path = request.config.cache.mkdir("demo")
    return folder


@pytest.fixture
def database_url(databases: Databases, dialect: str, loaded: dict[str, str], kept: Path, tmp_path: Path) -> str:
    """A database with the demo data, shared by the tests that only read."""
    if dialect not in loaded:
        loaded[dialect] = asyncio.run(demo_data(databases, kept, tmp_path, HOUSEHOLDS, NOW))
    return loaded[dialect]


async def demo_data(databases: Databases, kept: Path, folder: Path, households: int, now: datetime) -> str:
    """As `load`, once for each state of the sources: from then on a copy."""
    name = f"{type(databases).__name__}-{households}-{now:%Y%m%d-%H%M%S}".lower()
    return await kept_or_loaded(databases, kept, name, lambda: load(databases, folder, households, now))


async def load(databases: Databases, folder: Path, households: int, now: datetime) -> str:
    """The URL of a fresh database with demo data of that instant, and all that jobs compute from it."""
    url = await databases.fresh()
    await upgrade(parse_address(url))
    summary = await import_complete_journey(
        url, ACCOUNT, households, False, silent, now, rejects_file=folder / "demo.rejects.jsonl"
    )
    assert summary.rejects == 0
    await recompute(url, ACCOUNT, "all", silent, now)
    store = await open_store(parse_address(url), MemoryBus(), pool_size=1)
    try:
        segments = Segments(ACCOUNT, segment_rules(ACCOUNT, the_schema()), lambda: now)
        await segments.recompute(store, lambda done, total: silent("Segments", done, total))
    finally:
        await store.close()
    return url


@pytest.fixture
def clock() -> Clock:
    """The evening of the demo's last day."""
    return Clock(NOW)
