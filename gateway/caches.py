"""Caches: which copy of generations writes keep and which cache reads look at, by the settings and the database."""

from dataclasses import dataclass

from gateway.settings import Settings
from loaders.flights import PanelCache
from profiles.errors import SettingsError
from profiles.storage.address import Address, parse_address
from profiles.storage.cache import Cache, RedisCache, SqliteCache
from profiles.storage.generations import DataVersion, Generations, RedisGenerations, Uncopied, stamps_of
from profiles.storage.remote import Remote
from profiles.storage.store import Store


async def tell_of_load(settings: Settings, store: Store) -> None:
    """After a load: what it changed of everybody is seen at once, where a copy of the generations is kept. Where that
    cannot be told, kept rows end by themselves within a minute."""
    caches = Caches.of(settings)
    if caches.remote is not None:
        generations = caches.generations()
        await generations.reached(await store.answer(stamps_of([])))
        await generations.close()


@dataclass(frozen=True, slots=True)
class Caches:
    """What a process needs for its caches before it opens the database.

    On PostgreSQL every writer copies generations into Redis, whether it reads from the cache or not: others may. An
    SQLite file counts its commits by itself. PostgreSQL without Redis has no cache.
    """

    is_on: bool
    address: Address
    remote: Remote | None

    @classmethod
    def of(cls, settings: Settings) -> "Caches":
        """As the settings say. Nothing is connected to yet. Raises SettingsError."""
        address = parse_address(settings.database_url)
        remote = None
        if settings.redis_url is not None and address.dialect == "postgresql":
            try:
                remote = Remote.connect(settings.redis_url)
            except ValueError:
                raise SettingsError("PROFILE_GATEWAY_REDIS_URL is not a URL such as redis://host:6379.") from None
        return cls(settings.cache, address, remote)

    def generations(self) -> Generations:
        """The copy that writes keep up to date."""
        return Uncopied() if self.remote is None else RedisGenerations(self.remote)

    def panels(self) -> PanelCache | None:
        """The cache before the database, which is open by now; None where there is none."""
        cache: Cache
        if not self.is_on:
            return None
        if self.address.dialect == "sqlite":
            cache = SqliteCache(DataVersion(self.address.path))
        elif self.remote is not None:
            cache = RedisCache(self.remote)
        else:
            return None
        return PanelCache(cache)
