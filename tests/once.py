"""What every test would do alike, done once in a process: SQLAlchemy compiles statements, asyncpg learns types.

A serving process keeps its engine and its connections, and so does both once; a test has an engine of its own.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import LRUCache

DIALECTS: tuple[Any, ...] = (PGDialect_asyncpg, SQLiteDialect_aiosqlite)
FIRST_OWN_OID = 16_384
"""PostgreSQL numbers the types of a database from here on; those below are the same in every database."""


class _Named(NamedTuple):
    """A prepared statement of which only the name is looked at: it says that no unnamed one was replaced."""

    name: str


def compile_statements_once() -> None:
    """From now on all engines that speak alike share what has been compiled."""
    compiled: LRUCache[Any, Any] = LRUCache(5_000)
    for dialect in DIALECTS:
        dialect.__eq__ = lambda self, other: type(self) is type(other)
        dialect.__hash__ = lambda self: hash(type(self))

    @event.listens_for(Engine, "engine_connect")
    def _share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)


def learn_types_once() -> None:
    """From now on a new connection knows of PostgreSQL's own types what another has asked."""
    asks: Any = asyncpg.Connection._introspect_types
    known: dict[frozenset[int], Any] = {}

    async def knows(self: Any, oids: Sequence[int], *more: Any) -> tuple[Any, Any]:
        wanted = frozenset(oids)
        if max(wanted) >= FIRST_OWN_OID:
            return await asks(self, oids, *more)  # type: ignore[no-any-return]
        if wanted not in known:
            known[wanted], _ = await asks(self, oids, *more)
        return known[wanted], _Named("known")

    asyncpg.Connection._introspect_types = knows
