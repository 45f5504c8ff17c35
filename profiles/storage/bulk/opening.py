"""Opening: the loader for a database's address; whatever it changes raises the account's generation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from profiles.storage.address import parse_address
from profiles.storage.bulk.loading import Bulk, Loader
from profiles.storage.bulk.on_postgresql import postgresql_loader
from profiles.storage.bulk.on_sqlite import sqlite_loader
from profiles.storage.generations import raise_account


@asynccontextmanager
async def bulk_load(database_url: str) -> AsyncIterator[Loader]:
    """A loader for the database, closed at the end. Raises SettingsError where the database cannot be opened."""
    address = parse_address(database_url)
    connect = sqlite_loader if address.dialect == "sqlite" else postgresql_loader
    async with connect(address) as loader:
        yield _Raising(loader)


class _Raising:
    """A loader that raises the account's generation in each of its transactions, because a load does not say of whom it
    changes something: segments and recommendations are of everybody."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self.dialect = loader.dialect

    @asynccontextmanager
    async def transaction(self, keys_in_sets: bool = False, part: str | None = None) -> AsyncIterator[Bulk]:
        async with self._loader.transaction(keys_in_sets, part) as bulk:
            yield bulk
            await bulk.execute(raise_account(bulk.dialect))

    async def analyze(self) -> None:
        await self._loader.analyze()
