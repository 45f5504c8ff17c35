"""Opening: the loader for a database's address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from profiles.storage.address import parse_address
from profiles.storage.bulk.loading import Loader
from profiles.storage.bulk.on_postgresql import postgresql_loader
from profiles.storage.bulk.on_sqlite import sqlite_loader


@asynccontextmanager
async def bulk_load(database_url: str) -> AsyncIterator[Loader]:
    """A loader for the database, closed at the end. Raises SettingsError where the database cannot be opened."""
    address = parse_address(database_url)
    connect = sqlite_loader if address.dialect == "sqlite" else postgresql_loader
    async with connect(address) as loader:
        yield loader
