"""Identity: which viewer a request's key stands for, without asking the database for each request."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

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


class KeyRing:
    """The keys of this process: each is read at most once per `memory_seconds`; their uses are written now and then."""

    def __init__(self, store: Store, clock: Clock, development_key: str | None, memory_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._development_key = development_key
        self._memory_seconds = memory_seconds
        self._known: dict[str, tuple[float, ApiKeyRow | None]] = {}
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
            return Grant(DEVELOPER, None)
        key = split_key(written)
        row = await self._row(key.prefix) if key else None
        if key is None or row is None or not row.opens(key.secret):
            raise Unauthenticated("This key is not known.")
        now = self._clock()
        ended = row.ended(now)
        if ended is not None:
            raise Unauthenticated(ended.value)
        self._uses[row.prefix] = now
        return Grant(row.viewer, row.prefix)

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

    async def _row(self, prefix: str) -> ApiKeyRow | None:
        known = self._known.get(prefix)
        if known is not None and time.monotonic() - known[0] < self._memory_seconds:
            return known[1]
        row = (await self._store.answer(keys_by_prefix([prefix]))).get(prefix)
        if len(self._known) >= KEPT_KEYS:
            # Guessed prefixes must not fill the memory; the real keys come back at their next use.
            self._known.clear()
        self._known[prefix] = (time.monotonic(), row)
        return row
