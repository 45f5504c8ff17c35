"""Importing: lines a second of the whole real data set, from the benchmark that measures imports."""

from collections.abc import Callable
from typing import Any

from benchmarks.imports import ALL, measured_imports


def import_speeds(say: Callable[[str], None]) -> dict[str, Any]:
    """Receipt lines a second by database, and under `printed` what was said about them, as lines of Markdown."""
    printed: list[str] = []

    def note(lines: str) -> None:
        printed.extend(lines.splitlines())
        say(lines)

    found = measured_imports(["SQLite", "PostgreSQL"], [ALL], True, note)
    speeds: dict[str, Any] = {one.database: one.lines_per_second for one in found}
    return speeds | {"printed": ["```", *printed, "```"]}
