"""Live connections: the sockets and event streams that are open, ended when their key ends or the process stops."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.identity import Grant, KeyRing
from profiles.errors import ProfileError
from profiles.keys import Ended

log = logging.getLogger("profile_gateway.live")

CLOSE_CODES = {Ended.REVOKED: 4403, Ended.EXPIRED: 4401}
RESTARTING = 1012  # "service restart": clients connect again, elsewhere or later


@dataclass(eq=False, slots=True)
class LiveConnection:
    """One open connection: whose it is, and how to end it with a close code and a sentence."""

    grant: Grant
    end: Callable[[int, str], None]


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
    def opened(self, grant: Grant, end: Callable[[int, str], None]) -> Iterator[None]:
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
                ended = await self._keys.ended({connection.grant for connection in self._open})
            except ProfileError:
                # A database that is away for a moment ends nobody's rights.
                log.warning("the keys of live connections could not be checked")
                continue
            for connection in [connection for connection in self._open if connection.grant in ended]:
                why = ended[connection.grant]
                connection.end(CLOSE_CODES[why], why.value)

    def stop(self) -> None:
        """Ends every connection: the process is about to stop."""
        self.is_stopping = True
        for connection in list(self._open):
            connection.end(RESTARTING, "The gateway is restarting; connect again.")
