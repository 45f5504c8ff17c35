"""Summary: what an import did, table by table."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import SQLModel

from profiles.storage.bulk import Bulk
from profiles.tables import METADATA
from sources.rows import Rows

SUMS = "purchases summed up"


@dataclass(slots=True)
class TableCount:
    """Rows that are new, and rows that had been there."""

    inserted: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did. `rejects_file` is null where nothing was rejected; households that had been loaded before count
    as seen with all their rows, if their whole chunk had been, else as seen customers alone."""

    tables: Mapping[str, TableCount]
    rejects: int
    rejects_file: Path | None
    seconds: float
    database_seconds: Mapping[str, float] = field(default_factory=dict)
    """How long the run waited for the database, by table, and under SUMS for what is summed up from them. Chunks that
    are loaded at once wait at once, so that all together may be more than `seconds`."""


@dataclass(slots=True)
class Tally:
    """Counts while a run goes on."""

    tables: dict[str, TableCount] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """Adds the time that the block takes to that of `name`."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started

    async def insert(self, bulk: Bulk, rows: Rows) -> dict[str, int]:
        """Inserts the rows, parents before children, and counts them; gives how many each table was offered."""
        offered: dict[str, int] = {}
        order = {table.name: place for place, table in enumerate(METADATA.sorted_tables)}
        for model, (columns, values) in sorted(rows.tables.items(), key=lambda item: order[table_name(item[0])]):
            name = table_name(model)
            with self.waiting(name):
                inserted = await bulk.insert(model, columns, values)
            self.add(name, inserted, len(values) - inserted)
            offered[name] = len(values)
        return offered

    def seen(self, rows: Mapping[str, int]) -> None:
        """Counts rows that an earlier run had brought."""
        for name, count in rows.items():
            self.add(name, 0, count)

    def add(self, name: str, inserted: int, seen: int) -> None:
        """Counts rows of a table."""
        count = self.tables.setdefault(name, TableCount())
        count.inserted += inserted
        count.seen += seen


def table_name(model: type[SQLModel]) -> str:
    """The table's name in the database."""
    return str(model.__tablename__)
