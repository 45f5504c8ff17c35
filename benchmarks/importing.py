"""Importing: lines a second of the whole real data set, from the benchmark that measures imports."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent / "imports.py"
LINE = re.compile(r"^(SQLite|PostgreSQL) .*?([\d,]+) lines/s", re.MULTILINE)


def import_speeds(say: Callable[[str], None]) -> dict[str, int]:
    """Receipt lines a second by database; the script's own goals decide its exit code, not this."""
    command = [sys.executable, str(SCRIPT), "--households", "all", "--postgres"]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=SCRIPT.parent.parent)
    say(printed.stdout.strip() or printed.stderr.strip()[-2_000:])
    return {database: int(speed.replace(",", "")) for database, speed in LINE.findall(printed.stdout)}
