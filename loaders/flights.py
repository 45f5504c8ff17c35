"""Flights: what the operations of a process ask the cache about, and what one of them is just reading for all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from profiles.storage.cache import Cache
from profiles.storage.keeping import Kept, Kinds
from profiles.storage.readers import Outcome
from profiles.storage.reads import Read, Row


@dataclass(slots=True)
class Flight:
    """A load that is on its way: the rows of one key, for whoever may share them.

    `stamps` are the owner's and the account's generations that the rows are at least as new as; None where that is not
    known before they arrive, and then whoever waits looks at the cache again.
    """

    stamps: tuple[int, int] | None
    rows: "asyncio.Future[Outcome | None]"
    """None: whoever read it gave up."""
    kept: "asyncio.Future[None]"


@dataclass(slots=True)
class Asked:
    """One read that may be answered from the cache."""

    read: Read[Any, Any]
    kept: Kept
    name: str
    kinds: Kinds
    keys: Sequence[Any]
    rows: dict[Any, list[Row]] = field(default_factory=dict)
    failure: Exception | None = None

    @property
    def missing(self) -> list[Any]:
        """The keys that have no rows yet, each once."""
        if self.failure is not None:
            return []
        return [key for key in dict.fromkeys(self.keys) if key not in self.rows]

    def place(self, key: Any) -> tuple[int, str]:
        """Owner and field of a key."""
        return self.kept.owner(key), self.kept.field(self.name, key)

    def answer(self) -> Mapping[Any, Any] | Exception:
        """What the rows say, those of all keys together."""
        if self.failure is not None:
            return self.failure
        return self.read.collected([row for key in dict.fromkeys(self.keys) for row in self.rows[key]])


class PanelCache:
    """The panel cache of a process: what is kept, and what is just being read, so that nobody reads it twice."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.flights: dict[tuple[int, str], Flight] = {}

    async def close(self) -> None:
        """Gives the cache's connections back."""
        await self.cache.close()
