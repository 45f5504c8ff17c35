"""Rejects: the rows of an import that cannot be loaded, one JSON line each, with where they stand and why."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO


class Rejects:
    """The rejects file of one run, made with the first reject; a run without any removes the file of an earlier one.

    A line is {"file", "line", "reason", "row"}; lines count from 1, a header not counted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, file: str, line: int, reason: str, row: Mapping[str, Any]) -> None:
        """Keeps one row that was not loaded."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        entry = {"file": file, "line": line, "reason": reason, "row": dict(row)}
        self._file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
        self.count += 1
