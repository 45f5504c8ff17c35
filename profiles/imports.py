"""Imports: which source was loaded with which settings, and which parts of it are finished, so that a load resumes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel, col, select

from profiles.columns import document, instant, text
from profiles.customers import Customer
from profiles.errors import SettingsError
from profiles.storage.bulk import Bulk
from profiles.storage.reads import among_ids, table


class Import(SQLModel, table=True):
    """A source that was begun to be loaded. `as_of` is the moment that its dates lead up to: the first run decides it,
    so that a run which goes on tomorrow places its rows beside those of today."""

    __tablename__ = "imports"
    source: str = text(primary_key=True)
    settings: dict[str, Any] = document()
    as_of: datetime = instant()


class ImportedChunk(SQLModel, table=True):
    """A part of a source that is wholly in the tables, with what it brought: rows by table."""

    __tablename__ = "import_chunks"
    source: str = text(primary_key=True)
    chunk: str = text(primary_key=True)
    rows: dict[str, Any] = document()
    finished_at: datetime = instant()


async def begin_import(bulk: Bulk, source: str, settings: dict[str, Any], now: datetime) -> datetime:
    """Registers the source, or finds it registered; gives the moment that its dates lead up to.

    Raises SettingsError where it was begun with other settings: the rows of the two would contradict each other.
    """
    await bulk.insert(Import, ("source", "settings", "as_of"), [(source, settings, now)])
    ((known, as_of),) = await bulk.execute(select(Import.settings, Import.as_of).where(col(Import.source) == source))
    if known != settings:
        differing = ", ".join(sorted(name for name in {*known, *settings} if known.get(name) != settings.get(name)))
        raise SettingsError(
            f"This database already holds data of {source} that was loaded with another setting of: {differing}; "
            "load into a new database, or use the same setting."
        )
    return as_of  # type: ignore[no-any-return]  # the column is an Instant


async def finished_chunks(bulk: Bulk, source: str) -> dict[str, dict[str, int]]:
    """The finished parts of a source, each with its rows by table."""
    query = select(ImportedChunk.chunk, ImportedChunk.rows).where(col(ImportedChunk.source) == source)
    return dict(await bulk.execute(query))


async def finish_chunk(bulk: Bulk, source: str, chunk: str, rows: dict[str, int], now: datetime) -> None:
    """Marks a part as finished, in the transaction that wrote it."""
    await bulk.insert(ImportedChunk, ("source", "chunk", "rows", "finished_at"), [(source, chunk, rows, now)])


async def known_customers(bulk: Bulk, ids: Sequence[int]) -> set[int]:
    """Which of these customers are there."""
    customer = table(Customer)
    query = select(customer.c.id).where(among_ids(bulk.dialect, customer.c.id))
    return {id for (id,) in await bulk.execute(query, {"ids": list(ids)})}
