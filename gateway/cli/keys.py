"""Commands for API keys: make one (it is shown once), list them, end one."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from gateway.cli.console import err, out
from gateway.cli.database import opened
from gateway.settings import read_settings
from profiles.errors import SettingsError
from profiles.keys import ApiKeyRow, create_key, every_key, revoke_key
from profiles.viewer import ALL_SCOPES, Scope, ViewerKind

app = typer.Typer(help="API keys.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[
        str,
        typer.Argument(
            help="Who or what will use the key; it stands beside what is written with it, and where it is a data "
            "source's name, events recorded with it are that source's."
        ),
    ],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="A scope, as often as needed: --scope orders:read.")
    ] = None,
    all_scopes: Annotated[bool, typer.Option("--all-scopes", help="Every scope there is.")] = False,
    kind: Annotated[
        ViewerKind, typer.Option(case_sensitive=False, help="Partners see no names of staff.")
    ] = ViewerKind.STAFF,
    expires_in_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="When the key ends by itself; never unless said.")
    ] = None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    scopes = sorted(ALL_SCOPES if all_scopes else scope or ())
    if not scopes:
        known = ", ".join(sorted(Scope))
        raise SettingsError(f"Say what the key may do, by --scope or --all-scopes; the scopes are {known}.")
    made = asyncio.run(_create(name, kind, scopes, expires_in_days))
    out.print(made, markup=False)
    err.print("Keep it now: it is not stored and cannot be shown again.")


@app.command("list")
def list_keys() -> None:
    """List the keys, without their secrets."""
    now = datetime.now(UTC)
    table = Table("prefix", "name", "kind", "state", "created", "expires", "last used", "scopes", box=None)
    for row in asyncio.run(_list()):
        table.add_row(
            row.prefix,
            row.name,
            row.kind.lower(),
            _state(row, now),
            _day(row.created_at),
            _day(row.expires_at),
            _day(row.last_used_at),
            "every scope" if set(row.scopes) >= ALL_SCOPES else " ".join(row.scopes),
        )
    out.print(table)


@app.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="The key's prefix, as `keys list` shows it.")]) -> None:
    """End a key at once; connections that are open with it are closed within seconds."""
    asyncio.run(_revoke(prefix.removeprefix("pgw_").partition("_")[0]))
    out.print("The key is revoked.")


async def _create(name: str, kind: ViewerKind, scopes: list[str], expires_in_days: int | None) -> str:
    now = datetime.now(UTC)
    expires_at = now + timedelta(days=expires_in_days) if expires_in_days else None
    async with opened(read_settings()) as store, store.write() as unit:
        return await create_key(unit, name, kind, scopes, now, expires_at)


async def _list() -> list[ApiKeyRow]:
    async with opened(read_settings()) as store:
        return list((await store.answer(every_key())).values())


async def _revoke(prefix: str) -> None:
    async with opened(read_settings()) as store, store.write() as unit:
        await revoke_key(unit, prefix, datetime.now(UTC))


def _state(row: ApiKeyRow, now: datetime) -> str:
    ended = row.ended(now)
    return ended.name.lower() if ended else "good"


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "never"
