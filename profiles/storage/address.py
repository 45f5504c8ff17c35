"""Database addresses: one setting names the database; the drivers each want it spelled their own way."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from profiles.errors import SettingsError
from profiles.storage.reads import DialectName


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is: its dialect, and the URL for SQLAlchemy's asynchronous engine."""

    dialect: DialectName
    url: URL

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    @property
    def driver_dsn(self) -> str:
        """The URL as asyncpg wants it."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def shown(self) -> str:
        """The URL without its password, for messages."""
        return self.url.render_as_string(hide_password=True)


def parse_address(database_url: str) -> Address:
    """Reads a database URL. Raises SettingsError with one sentence for anything but a SQLite file or PostgreSQL."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "PROFILE_GATEWAY_DATABASE_URL is not a database URL such as sqlite:///profiles.db or "
            "postgresql+asyncpg://user:password@host/name."
        ) from None
    backend = url.drivername.split("+")[0]
    if backend in ("postgresql", "postgres"):
        return Address("postgresql", url.set(drivername="postgresql+asyncpg"))
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise SettingsError("PROFILE_GATEWAY_DATABASE_URL must name a file, as in sqlite:///profiles.db.")
        return Address("sqlite", url.set(drivername="sqlite+aiosqlite"))
    raise SettingsError(
        f"PROFILE_GATEWAY_DATABASE_URL names {backend!r}; the gateway runs on SQLite (sqlite:///profiles.db) and "
        "PostgreSQL (postgresql+asyncpg://...)."
    )
