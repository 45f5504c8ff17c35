"""Identity: which viewer a request's key stands for, without asking the database for each request."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple

from gateway.settings import is_loopback
from profiles.errors import Unauthenticated
from profiles.keys import ApiKeyRow, Ended, keys_by_prefix, note_uses, split_key
from profiles.storage.store import Store
from profiles.viewer import ALL_SCOPES, Viewer, ViewerKind
from resolvers.context import Clock

DEVELOPER = Viewer(id=1, name="developer", kind=ViewerKind.DEVELOPER, scopes=ALL_SCOPES)
KEPT_KEYS = 1_000


@dataclass(frozen=True, slots=True)
class Grant:
    """Who was let in, and by which key (None: the development key)."""

    viewer: Viewer
    prefix: str | None


DEVELOPERS = Grant(DEVELOPER, None)


class _Known(NamedTuple):
    """What a prefix was when it was read, and what it then granted; the grant is made once, not for each request."""

    read_at: float
    row: ApiKeyRow | None
    grant: Grant | None


class KeyRing:
    """The keys of this process: each is read at most once per `memory_seconds`; their uses are written now and then."""

    def __init__(self, store: Store, clock: Clock, development_key: str | None, memory_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._development_key = development_key
        self._memory_seconds = memory_seconds
        self._known: dict[str, _Known] = {}
        self._reading: dict[str, asyncio.Task[_Known]] = {}
        self._uses: dict[str, datetime] = {}

    async def admit(self, authorization: object, client_host: str | None) -> Grant:
        """The grant for an Authorization value, `Bearer KEY`. Raises Unauthenticated, SourceUnavailable."""
        if not isinstance(authorization, str) or not authorization:
            raise Unauthenticated("Send a key: `Authorization: Bearer KEY`.")
        scheme, _, written = authorization.partition(" ")
        written = written.strip()
        if scheme.lower() != "bearer" or not written:
            raise Unauthenticated("The Authorization header is not of the form `Bearer KEY`.")
        if self._development_key is not None and compare_digest(written.encode(), self._development_key.encode()):
            if not is_loopback(client_host or ""):
                raise Unauthenticated("The development key is for this machine only.")
            return DEVELOPERS
        key = split_key(written)
        if key is None:
            raise Unauthenticated("This key is not known.")
        known = self._known.get(key.prefix)
        if known is None or time.monotonic() - known.read_at >= self._memory_seconds:
            known = await self._read(key.prefix)
        row, grant = known.row, known.grant
        if row is None or grant is None or not row.opens(key.secret):
            raise Unauthenticated("This key is not known.")
        now = self._clock()
        ended = row.ended(now)
        if ended is not None:
            raise Unauthenticated(ended.value)
        self._uses[row.prefix] = now
        return grant

    async def ended(self, grants: Iterable[Grant]) -> dict[Grant, Ended]:
        """Those of the grants whose key has ended since, and why. Raises SourceUnavailable."""
        granted = [(grant, grant.prefix) for grant in grants if grant.prefix is not None]
        if not granted:
            return {}
        rows = await self._store.answer(keys_by_prefix(sorted({prefix for _, prefix in granted})))
        now = self._clock()
        states = ((grant, rows[prefix].ended(now) if prefix in rows else Ended.REVOKED) for grant, prefix in granted)
        return {grant: ended for grant, ended in states if ended is not None}

    async def write_uses(self) -> None:
        """Writes when the keys were last used since the last call."""
        uses, self._uses = self._uses, {}
        if uses:
            async with self._store.write() as unit:
                await note_uses(unit, uses)

    async def _read(self, prefix: str) -> _Known:
        """Reads a key, once for all that ask for it at the same moment: none of them can end it for the others."""
        reading = self._reading.get(prefix)
        if reading is None:
            reading = self._reading[prefix] = asyncio.ensure_future(self._remembered(prefix))
            reading.add_done_callback(lambda done: self._ended(prefix, done))
        return await asyncio.shield(reading)

    def _ended(self, prefix: str, reading: "asyncio.Task[_Known]") -> None:
        del self._reading[prefix]
        if not reading.cancelled():
            # Everybody who asked may have left: that is no "never retrieved" warning.
            reading.exception()

    async def _remembered(self, prefix: str) -> _Known:
        began = time.monotonic()
        row = (await self._store.answer(keys_by_prefix([prefix]))).get(prefix)
        if len(self._known) >= KEPT_KEYS:
            # Guessed prefixes must not fill the memory; the real keys come back at their next use.
            self._known.clear()
        known = _Known(began, row, Grant(row.viewer, prefix) if row is not None else None)
        self._known[prefix] = known
        return known
