"""Currency: whether the generations under which something was made are still the current ones."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from profiles.storage.generations import DataVersion, generation_key
from profiles.storage.remote import Command, Remote

Stamps = Mapping[int, int]
"""Generations by owner: a customer's id, or `ACCOUNT`."""


class Currency(Protocol):
    """Looks at generations, and at nothing else. No operation raises: what cannot be told is not current."""

    round_trips: int
    """How often one look waits for another process."""

    async def holds(self, stamps: Stamps) -> bool:
        """Whether every one of these generations is current beyond doubt, at an instant after this was called."""
        ...


class CommitCurrency:
    """Beside an SQLite file: every owner's generation is the file's own count of commits."""

    round_trips = 0

    def __init__(self, version: DataVersion) -> None:
        self._version = version

    async def holds(self, stamps: Stamps) -> bool:
        version = self._version()
        return version is not None and all(stamp == version for stamp in stamps.values())


class CopyCurrency:
    """With Redis: the copies of the generations there.

    Whoever asks while a look is on its way takes part in the next one: many requests at once cost one round trip, and
    the account's generation, which is part of every answer, is asked for once. (A look costs this process 100
    microseconds, a further owner 10 to 15.)
    """

    round_trips = 1

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._wanted: dict[int, None] = {}
        self._coming: asyncio.Future[Stamps] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def holds(self, stamps: Stamps) -> bool:
        if self._remote.is_resting:
            return False
        if self._coming is None:
            self._coming = asyncio.get_running_loop().create_future()
            if self._looking is None:
                self._looking = asyncio.ensure_future(self._look())
        coming = self._coming
        for owner in stamps:
            self._wanted[owner] = None
        # Waited for without a claim: who is cancelled here cancels it for nobody else.
        await asyncio.wait({coming})
        current = coming.result()
        return all(current.get(owner) == stamp for owner, stamp in stamps.items())

    async def _look(self) -> None:
        while self._coming is not None:
            coming, wanted = self._coming, list(self._wanted)
            self._coming, self._wanted = None, {}
            current: dict[int, int] = {}
            try:
                commands: list[Command] = [("HMGET", generation_key(owner), "g", "d") for owner in wanted]
                replies = await self._remote.send(commands) or ()
                for owner, reply in zip(wanted, replies, strict=False):
                    generation = _undoubted(reply)
                    if generation is not None:
                        current[owner] = generation
            finally:
                coming.set_result(current)
        self._looking = None


def _undoubted(reply: Any) -> int | None:
    try:
        known, doubted = (None if number is None else int(number) for number in reply)
    except (TypeError, ValueError):
        return None
    return None if known is None or (doubted is not None and doubted > known) else known
