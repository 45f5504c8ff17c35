"""Importing: lines a second of the whole real data set, from the benchmark that measures imports."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parent / "imports.py"
LINE = re.compile(r"^(SQLite|PostgreSQL) .*?([\d,]+) lines/s", re.MULTILINE)


def import_speeds(say: Callable[[str], None]) -> dict[str, Any]:
    """Receipt lines a second by database, and under `printed` what the script said, as lines of Markdown. The script's
    exit code is about goals of its own."""
    command = [sys.executable, str(SCRIPT), "--households", "all", "--postgres"]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=SCRIPT.parent.parent)
    say(printed.stdout.strip() or printed.stderr.strip()[-2_000:])
    speeds: dict[str, Any] = {name: int(speed.replace(",", "")) for name, speed in LINE.findall(printed.stdout)}
    return speeds | {"printed": ["```", *printed.stdout.strip().splitlines(), "```"]}
