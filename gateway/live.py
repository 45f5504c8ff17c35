"""Live connections: the sockets and event streams that are open, ended when their key ends or the process stops."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from gateway.identity import Grant, KeyRing
from profiles.errors import ProfileError

log = logging.getLogger("profile_gateway.live")

REVOKED = 4403
STOPPING = 1001  # "going away": clients connect again, elsewhere or later


@dataclass(eq=False, slots=True)
class LiveConnection:
    """One open connection: whose it is, and how to end it with a close code and a sentence."""

    grant: Grant
    end: Callable[[int, str], Awaitable[None]]


class LiveConnections:
    """All that are open in this process."""

    def __init__(self, keys: KeyRing, check_seconds: float) -> None:
        self._keys = keys
        self._check_seconds = check_seconds
        self._open: set[LiveConnection] = set()
        self.is_stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @contextlib.contextmanager
    def opened(self, grant: Grant, end: Callable[[int, str], Awaitable[None]]) -> Iterator[None]:
        """Counts a connection as open while the context lasts."""
        connection = LiveConnection(grant, end)
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    async def watch(self) -> None:
        """Looks again and again whether the keys of open connections are still good. One read for all of them."""
        while True:
            await asyncio.sleep(self._check_seconds)
            if not self._open:
                continue
            try:
                refused = await self._keys.refused({connection.grant for connection in self._open})
            except ProfileError:
                # A database that is away for a moment ends nobody's rights.
                log.warning("the keys of live connections could not be checked")
                continue
            ending = [connection for connection in self._open if connection.grant in refused]
            await self._end(ending, REVOKED, lambda connection: refused[connection.grant].message)

    async def stop(self) -> None:
        """Ends every connection: the process is about to stop."""
        self.is_stopping = True
        await self._end(list(self._open), STOPPING, lambda _: "The gateway is restarting; connect again.")

    async def _end(
        self, connections: list[LiveConnection], code: int, reason: Callable[[LiveConnection], str]
    ) -> None:
        await asyncio.gather(
            *(connection.end(code, reason(connection)) for connection in connections), return_exceptions=True
        )
