"""Commands that load: the demo, the import of Complete Journey, and what is computed from the data.

The libraries behind them are heavy and are imported here only, inside the command: a serving process never holds them.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.table import Column, Table

from gateway.caches import tell_of_load
from gateway.cli import segments
from gateway.cli.console import err, progress
from gateway.cli.database import opened
from gateway.settings import PREFIX, Settings, is_loopback, read_settings
from profiles.account import Account, load_account
from profiles.errors import SettingsError
from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade

if TYPE_CHECKING:
    from sources.summary import Summary

DEMO_HOUSEHOLDS = 300
DEVELOPMENT_KEY = "dev"

Households = Annotated[str, typer.Option(help="How many households, or `all`.")]
KeepDates = Annotated[
    bool, typer.Option("--keep-dates", help="Leave the dates as they are instead of moving the last one to today.")
]


def demo(
    households: Households = str(DEMO_HOUSEHOLDS),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve when the data is there.")] = True,
    keep_dates: KeepDates = False,
    host: Annotated[str | None, typer.Option(help="The address to listen on: a loopback one.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    """Load real households and what is generated around them, then serve. Running it again loads nothing twice."""
    settings = read_settings(host=host, port=port)
    if serve and not is_loopback(settings.host):
        raise SettingsError(
            f"The demo has a development key, so it listens on the loopback only, not on {settings.host}."
        )
    account = load_account(settings.account_file)
    _tell(_load_demo(settings, account, _count(households), keep_dates))
    if serve:
        if settings.development_key is None:
            os.environ[f"{PREFIX}DEVELOPMENT_KEY"] = DEVELOPMENT_KEY
        # A new process image: what the import needed (pandas and its like) would stay in this one's memory.
        sys.stdout.flush()
        sys.stderr.flush()
        address = ["--host", settings.host, "--port", str(settings.port)]
        os.execv(sys.executable, [sys.executable, "-m", "gateway.cli", "serve-demo", *address])


def import_complete_journey(
    households: Households = "all",
    keep_dates: KeepDates = False,
    bare: Annotated[bool, typer.Option("--bare", help="Only what the files say, nothing generated around it.")] = False,
) -> None:
    """Load the Complete Journey: real baskets of 2,469 households over a year."""
    settings = read_settings()
    account = load_account(settings.account_file)
    _tell(_import(settings, account, _count(households), keep_dates, bare))


class Job(StrEnum):
    """What can be computed again."""

    LIFECYCLE = "lifecycle"
    RFM = "rfm"
    RECOMMENDATIONS = "recommendations"
    AFFINITIES = "affinities"
    TIMELINE = "timeline"
    COUNTS = "counts"
    SEGMENTS = "segments"
    ALL = "all"


def recompute(what: Annotated[Job, typer.Argument(help="Which part of it.")] = Job.ALL) -> None:
    """Compute again what is derived from all the data; safe to stop, and to repeat."""
    settings = read_settings()
    _recompute(settings, load_account(settings.account_file), what)


def _load_demo(settings: Settings, account: Account, households: int | None, keep_dates: bool) -> "Summary":
    from sources.demo import load_demo as load

    async def run() -> "Summary":
        await upgrade(parse_address(settings.database_url))
        now = datetime.now(UTC)
        with progress() as steps:
            summary = await load(settings.database_url, account, households, steps, now, keep_dates=keep_dates)
        await _judge(settings, account, with_past=True)
        await _tell_caches(settings)
        return summary

    return asyncio.run(run())


def _import(settings: Settings, account: Account, households: int | None, keep_dates: bool, bare: bool) -> "Summary":
    from sources.demo import import_complete_journey as load

    async def run() -> "Summary":
        await upgrade(parse_address(settings.database_url))
        now = datetime.now(UTC)
        with progress() as steps:
            summary = await load(settings.database_url, account, households, keep_dates, steps, now, shape=not bare)
        await _judge(settings, account)
        await _tell_caches(settings)
        return summary

    return asyncio.run(run())


def _recompute(settings: Settings, account: Account, what: Job) -> None:
    from sources.jobs import recompute as run_jobs

    async def run() -> None:
        async with opened(settings):
            pass
        with progress() as steps:
            await run_jobs(settings.database_url, account, what.value, steps, datetime.now(UTC))
        if what in (Job.SEGMENTS, Job.ALL):
            # Last: a rule may look at what the others compute.
            await _judge(settings, account)
        await _tell_caches(settings)

    asyncio.run(run())


async def _judge(settings: Settings, account: Account, with_past: bool = False) -> None:
    async with opened(settings) as store:
        await segments.recompute(store, segments.rules_of(account), with_past)


async def _tell_caches(settings: Settings) -> None:
    async with opened(settings) as store:
        await tell_of_load(settings, store)


def _tell(summary: "Summary") -> None:
    inserted = sum(count.inserted for count in summary.tables.values())
    customers = summary.tables["customers"]
    if inserted:
        table = Table("table", Column("new", justify="right"), Column("there before", justify="right"), box=SIMPLE)
        for name, count in summary.tables.items():
            table.add_row(name, f"{count.inserted:,}", f"{count.seen:,}")
        err.print(table)
        err.print(f"Loaded {customers.inserted:,} customers, {inserted:,} rows, in {summary.seconds:.0f} s.")
    else:
        err.print(f"All {customers.seen:,} customers were there already; nothing was loaded.")
    if summary.rejects:
        err.print(f"{summary.rejects:,} rows could not be loaded; {summary.rejects_file} says which and why.")


def _count(households: str) -> int | None:
    if households == "all":
        return None
    if households.isdecimal() and int(households) > 0:
        return int(households)
    raise SettingsError(f"--households takes a number or `all`, not {households!r}.")
