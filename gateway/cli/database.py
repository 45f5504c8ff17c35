"""The database for a command: opened, found at its newest revision, and closed whatever happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.caches import Caches
from gateway.settings import Settings
from profiles.errors import ProfileError, SettingsError
from profiles.live.bus import MemoryBus
from profiles.storage.address import parse_address
from profiles.storage.migrations import standing
from profiles.storage.store import Store, open_store


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store of the settings. Raises SettingsError where it is away, no database, or not migrated."""
    address = parse_address(settings.database_url)
    store = await open_store(
        address,
        MemoryBus(),
        pool_size=1,
        is_direct=settings.direct_connections,
        # What gateways have kept ends with what a command writes, too.
        generations=Caches.of(settings).generations(),
        announces=False,
    )
    try:
        try:
            now = await standing(store)
        except ProfileError as error:
            why = str(error.__cause__ or error).splitlines()[0].rstrip(".")
            raise SettingsError(f"The database {address.shown} cannot be read: {why}.") from error
        if not now.is_at_head:
            raise SettingsError(now.sentence)
        yield store
    finally:
        await store.close()
