"""Connections to PostgreSQL for reads: a bounded pool that costs nothing to take from while one is idle."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

IDLE_SECONDS = 300.0
"""How long an idle connection is trusted: what stands between (a firewall, a pooler) may have forgotten it by then."""
WAIT_SECONDS = 5.0
"""How long a read waits for a connection while all are busy."""
MEND_SECONDS = 5.0
"""How long a connection may take to be quiet again after its statement was cancelled."""
CLOSE_SECONDS = 10.0

Connection = Any
"""`asyncpg.Connection`, which has no types."""


class Connections:
    """At most `size` connections, opened when they are needed; the one used last is taken first.

    asyncpg's own pool resets a connection each time it is given back (a round trip) and starts a task to take and one
    to give. Reads need no reset: each is one SELECT that commits by itself, none sets anything in its session, opens a
    cursor, listens or locks, so a connection comes back as it was. The one exception is a statement that was cancelled
    on the way, and such a connection is mended before somebody else gets it.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._open = 0
        self._idle: list[tuple[Connection, float]] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._busy: set[Connection] = set()
        self._mending: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._all_gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def take(self) -> Connection:
        """A connection of one's own until it is given back.

        Raises TimeoutError where none becomes free in time, and what connecting raises.
        """
        if self._is_closed:
            raise asyncpg.InterfaceError("the connections are closed")
        while self._idle:
            connection, since = self._idle.pop()
            if not connection.is_closed() and self._loop.time() - since < IDLE_SECONDS:
                self._busy.add(connection)
                return connection
            connection.terminate()
            self._forget()
        if self._open < self._size:
            return await self._opened()
        free: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(free)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                connection = await free
        except BaseException:
            # Given at the very moment of leaving: it is for the next one.
            if free.done() and not free.cancelled() and free.exception() is None:
                self._pass_on(free.result())
            raise
        # None is the right to open a new one, in the place of one that broke.
        return connection if connection is not None else await self._opened(is_counted=True)

    def give(self, connection: Connection, is_cancelled: bool = False) -> None:
        """Gives it back; `is_cancelled` where its statement was stopped on the way."""
        if is_cancelled and not connection.is_closed():
            task = self._loop.create_task(self._mend(connection))
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)
            return
        self._pass_on(connection)

    async def close(self) -> None:
        """Closes every connection; those in use when they are given back, or after some seconds by force."""
        self._is_closed = True
        while self._waiting:
            free = self._waiting.popleft()
            if not free.done():
                free.set_exception(asyncpg.InterfaceError("the connections are closed"))
        while self._idle:
            connection, _ = self._idle.pop()
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=CLOSE_SECONDS)
            self._forget()
        if self._open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), CLOSE_SECONDS)
        for connection in self._busy:
            connection.terminate()

    async def _opened(self, is_counted: bool = False) -> Connection:
        if not is_counted:
            self._open += 1
        try:
            connection = await self._connect()
        except BaseException:
            self._pass_on(None)
            raise
        self._busy.add(connection)
        return connection

    def _pass_on(self, connection: Connection | None) -> None:
        """To whoever has waited longest; None passes on the right to open one."""
        if connection is not None and (connection.is_closed() or self._is_closed):
            self._busy.discard(connection)
            connection.terminate()
            connection = None
        while self._waiting:
            free = self._waiting.popleft()
            if not free.done():
                free.set_result(connection)
                return
        if connection is None:
            self._forget()
        else:
            self._busy.discard(connection)
            self._idle.append((connection, self._loop.time()))

    def _forget(self) -> None:
        self._open -= 1
        if not self._open:
            self._all_gone.set()

    async def _mend(self, connection: Connection) -> None:
        # The driver has asked the server to cancel; its next statement waits until that has come to an end.
        try:
            await connection.execute("SELECT 1", timeout=MEND_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
        self._pass_on(connection)
