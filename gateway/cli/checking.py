"""Commands that look: settings, database and cache; the schema; and the one that migrates."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.app import the_schema
from gateway.cli.console import complain, out
from gateway.cli.database import opened
from gateway.cli.segments import rules_of
from gateway.settings import Settings, read_settings
from profiles.account import load_account
from profiles.errors import SettingsError
from profiles.storage.address import parse_address
from profiles.storage.migrations import head, upgrade

CACHE_TIMEOUT_SECONDS = 2


def migrate() -> None:
    """Bring the database to the newest revision; an SQLite file that does not exist is made."""
    address = parse_address(read_settings().database_url)
    asyncio.run(upgrade(address))
    out.print(f"The database {address.shown} is at revision {head()}.", markup=False)


def check() -> None:
    """Say whether settings, database and cache are as they should be; exit code 2 where one is not."""
    settings = read_settings()
    looks: tuple[Callable[[Settings], Awaitable[str]], ...] = (_settings, _account, _database, _cache)
    if not asyncio.run(_all_well(settings, looks)):
        raise typer.Exit(2)


def export_schema(
    against: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Write nothing; exit 1 unless FILE holds this schema."),
    ] = None,
) -> None:
    """Print the GraphQL schema."""
    text = f"{the_schema().as_str().rstrip()}\n"
    if against is None:
        typer.echo(text, nl=False)
        return
    try:
        held = against.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{against} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}.") from error
    if held != text:
        complain(f"{against} is not this version's schema: `profile-gateway export-schema > {against}` writes it.")
        raise typer.Exit(1)


async def _all_well(settings: Settings, looks: tuple[Callable[[Settings], Awaitable[str]], ...]) -> bool:
    is_well = True
    for look in looks:
        try:
            sentence, mark = await look(settings), "[green]ok[/]     "
        except SettingsError as error:
            sentence, mark, is_well = str(error), "[bold red]wrong[/]  ", False
        out.print(mark, end="")
        out.print(sentence, markup=False)
    return is_well


async def _settings(settings: Settings) -> str:
    settings.require_consistent()
    return "The settings can be read and do not contradict each other."


async def _account(settings: Settings) -> str:
    account = load_account(settings.account_file)
    rules_of(account)
    return f"The account is {account.name}, in {account.currency}, on the time of {account.time_zone}."


async def _database(settings: Settings) -> str:
    async with opened(settings) as store:
        return f"The database {store.address.shown} answers and is at the newest revision, {head()}."


async def _cache(settings: Settings) -> str:
    if settings.redis_url is None:
        return "There is no Redis: one worker, and events stay inside its process."
    try:
        redis = Redis.from_url(
            settings.redis_url,
            socket_connect_timeout=CACHE_TIMEOUT_SECONDS,
            socket_timeout=CACHE_TIMEOUT_SECONDS,
        )
    except ValueError:
        raise SettingsError("PROFILE_GATEWAY_REDIS_URL is not a URL such as redis://host:6379.") from None
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        raise SettingsError(f"Redis at PROFILE_GATEWAY_REDIS_URL does not answer ({type(error).__name__}).") from error
    finally:
        await redis.aclose()
    return "Redis answers."
