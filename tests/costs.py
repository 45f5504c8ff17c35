"""Costs of a read, counted and not timed: pages that the database touches, or steps that it takes."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import asyncpg

from profiles.storage.address import Address
from profiles.storage.prepared import Prepared
from profiles.storage.reads import Read


class Counting:
    """What a read costs: on PostgreSQL pages under a plan made for any values, on SQLite steps of its machine."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Any = None
        self._plans: dict[str, str] = {}
        """By text: the name of the statement that is prepared on the connection, with its one plan."""

    async def __aenter__(self) -> "Counting":
        if self._address.dialect == "postgresql":
            self._connection = await asyncpg.connect(self._address.driver_dsn)
            await self._connection.execute("SET plan_cache_mode = force_generic_plan")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def answer(self, read: Read[Any, Any]) -> Mapping[Any, Any]:
        """What it answers."""
        prepared, arguments = self._prepared(read)
        if self._connection is None:
            with closing(sqlite3.connect(self._address.path)) as connection:
                return read.collect(prepared.decode(connection.execute(prepared.sql, arguments).fetchall()))
        return read.collect(prepared.decode(await self._connection.fetch(prepared.sql, *arguments)))

    async def cost(self, read: Read[Any, Any]) -> int:
        """The second time, when everything has been looked up that is looked up once."""
        prepared, arguments = self._prepared(read)
        if self._connection is None:
            return _steps(self._address, prepared, arguments)
        if prepared.sql not in self._plans:
            self._plans[prepared.sql] = f"asked_{len(self._plans)}"
            await self._connection.execute(f"PREPARE {self._plans[prepared.sql]} AS {prepared.sql}")
        asked = f"EXECUTE {self._plans[prepared.sql]} ({', '.join(map(_literal, arguments))})"
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked}"
        await self._connection.fetchval(explain)
        plan = json.loads(await self._connection.fetchval(explain))[0]["Plan"]
        pages: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return pages

    def plan(self, read: Read[Any, Any]) -> list[str]:
        """How SQLite goes about it, a line a step."""
        prepared, arguments = self._prepared(read)
        with closing(sqlite3.connect(self._address.path)) as connection:
            return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {prepared.sql}", arguments)]

    def _prepared(self, read: Read[Any, Any]) -> tuple[Prepared, list[Any]]:
        prepared = read.statement.on(self._address.dialect, read.breadth == 1)
        return prepared, prepared.arguments(read.parameters)


def _literal(argument: Any) -> str:
    if isinstance(argument, list | tuple):
        return "'{" + ", ".join(str(each) for each in argument) + "}'"
    return str(argument) if isinstance(argument, int) else f"'{argument}'"


def _steps(address: Address, prepared: Prepared, arguments: list[Any]) -> int:
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with closing(sqlite3.connect(address.path)) as connection:
        connection.execute(prepared.sql, arguments).fetchall()
        connection.set_progress_handler(step, 1)
        connection.execute(prepared.sql, arguments).fetchall()
    return taken
