"""The cache keeps rows read about a customer, one hash a customer; it may forget or die, the answer may not."""

import asyncio
import logging
import struct
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from redis.exceptions import ResponseError

from profiles.storage.currency import CommitCurrency, CopyCurrency, Currency
from profiles.storage.generations import (
    DOUBT_SECONDS,
    KNOWN_SECONDS,
    RAISE,
    DataVersion,
    generation_key,
    panels_key,
)
from profiles.storage.keeping import ACCOUNT, Row, packed
from profiles.storage.memory import Memory, weight
from profiles.storage.remote import Command, Remote, Script

log = logging.getLogger("profile_gateway.cache")

KEPT_SECONDS = 60.0
"""However right it still looks, nothing is used for longer after it was read."""
MOST_FIELDS, MOST_BYTES = 256, 1_000_000
"""Of one customer: whoever asks for ever other pages must not fill the memory."""
MOST_WAITING = 1_000
"""How many operations' rows may wait to be sent; more are dropped."""
SENT_AT_ONCE = 100

_OPENED = struct.Struct(">qq")


class Opened(NamedTuple):
    """Whom an identifier opens, while their generation is this one."""

    customer_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one owner: the generation, where it is beyond doubt, and what is kept, by field.

    `is_doubted`: a write is about to commit, or nobody knows whether it did. `is_whole`: nothing else is kept of it.
    """

    generation: int | None
    is_doubted: bool
    entry: Callable[[str], bytes | None]
    is_whole: bool = False


class Looked(NamedTuple):
    """One look at the cache: the owners asked about, the identifiers that were found, and how often it waited."""

    owners: Mapping[int, Found]
    opened: Mapping[str, Opened]
    round_trips: int


@dataclass(slots=True)
class Entries:
    """Rows of one owner by field, with the generations that they were read at or after."""

    generation: int
    account: int
    rows: dict[str, Sequence[Row]] = field(default_factory=dict)


class Cache(Protocol):
    """Rows by owner and field. No operation raises: a failure is a miss, and what could not be kept is not.

    `owner` is a customer's id, or `ACCOUNT` for reference data. `has_own_versions`: its generations are not those of
    the customers' rows.
    """

    has_own_versions: bool
    currency: Currency
    """Says whether the generations that it gave are still current."""

    async def look(self, wanted: Mapping[int, Collection[str] | None], identifiers: Collection[str]) -> Looked | None:
        """What is kept of these owners (None: all of it; else at least these fields), and whom these identifiers open.

        None where the cache is away.
        """
        ...

    def keep(self, entries: Mapping[int, Entries], opened: Mapping[str, Opened]) -> "asyncio.Future[None] | None":
        """Keeps rows for the asker after this one; done at once, or when the future is. Also raises what is known of
        the owners' generations, so entries without rows make sense."""
        ...

    async def close(self) -> None:
        """Gives its connections back."""
        ...


class SqliteCache:
    """The cache of a process beside an SQLite file. Any commit, by anybody, makes all of it old."""

    has_own_versions = True

    def __init__(self, version: DataVersion, memory: Memory | None = None, seconds: float = KEPT_SECONDS) -> None:
        self._version, self._memory, self._seconds = version, memory or Memory(), seconds
        self.currency: Currency = CommitCurrency(version)
        self._known: int | None = None

    async def look(self, wanted: Mapping[int, Collection[str] | None], identifiers: Collection[str]) -> Looked | None:
        version = self._version()
        if version is None:
            return None
        if version != self._known:
            self._memory.clear()
            self._known = version
        opened = {}
        for name in identifiers:
            entry = self._memory.get(ACCOUNT, name)
            if entry is not None:
                opened[name] = Opened(*_OPENED.unpack(entry))
        return Looked({owner: self._found(owner, version) for owner in wanted}, opened, 0)

    def keep(self, entries: Mapping[int, Entries], opened: Mapping[str, Opened]) -> "asyncio.Future[None] | None":
        for owner, of_owner in entries.items():
            if of_owner.generation == of_owner.account == self._known:
                _put(self._memory, owner, of_owner, self._seconds)
        for name, open_to in opened.items():
            if open_to.generation == self._known:
                self._memory.put(ACCOUNT, name, _OPENED.pack(*open_to), self._seconds)
        return None

    async def close(self) -> None:
        self._memory.clear()
        self._version.close()

    def _found(self, owner: int, version: int) -> Found:
        return Found(version, False, lambda name: self._memory.get(owner, name))


def _put(memory: Memory, owner: int, entries: Entries, seconds: float) -> None:
    for name, rows in entries.rows.items():
        value = packed(rows, entries.generation, entries.account)
        if value is not None:
            memory.put(owner, name, value, seconds)


# The customer's hash ends as a whole, so long after the first of its fields was kept: no field is ever older. The field
# without a name counts the bytes. Rows that are older than what is known, or in doubt, could be used by nobody.
_KEEP = Script(
    RAISE
    + """
if known ~= given or doubted > known or #ARGV < 7 then
  return 0
end
local weight = tonumber(ARGV[5])
if redis.call('HLEN', KEYS[2]) + (#ARGV - 5) / 2 > """
    + f"{MOST_FIELDS} or tonumber(redis.call('HGET', KEYS[2], '') or '0') + weight > {MOST_BYTES} then"
    + """
  redis.call('UNLINK', KEYS[2])
end
redis.call('HSET', KEYS[2], unpack(ARGV, 6))
redis.call('HINCRBY', KEYS[2], '', weight)
if redis.call('PTTL', KEYS[2]) < 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return 1
"""
)


class RedisCache:
    """The cache of many processes: Redis or Valkey, one hash a customer. Reference data stays in the process.

    What is to be kept is sent by a task of its own, so that no answer waits for it.
    """

    has_own_versions = False

    def __init__(self, remote: Remote, seconds: float = KEPT_SECONDS, memory: Memory | None = None) -> None:
        self._remote, self._seconds, self._memory = remote, seconds, memory or Memory(32 * 2**20)
        self.currency: Currency = CopyCurrency(remote)
        self._waiting: deque[_Parcel] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._is_closed = False

    async def look(self, wanted: Mapping[int, Collection[str] | None], identifiers: Collection[str]) -> Looked | None:
        commands: list[Command] = [("GET", _identifier_key(name)) for name in identifiers]
        for owner, names in wanted.items():
            commands.append(("HMGET", generation_key(owner), "g", "d"))
            if owner != ACCOUNT:
                commands.append(("HGETALL", panels_key(owner)) if names is None else _picked(owner, names))
        replies = await self._remote.send(commands, is_optional=True)
        if replies is None:
            return None
        arrived = iter(replies)
        opened = {name: open_to for name in identifiers if (open_to := _opened(next(arrived))) is not None}
        owners = {}
        for owner, names in wanted.items():
            generation, is_doubted = _standing(next(arrived))
            if owner == ACCOUNT:
                owners[owner] = Found(generation, is_doubted, lambda name: self._memory.get(ACCOUNT, name), True)
            else:
                owners[owner] = Found(generation, is_doubted, _entries(next(arrived), names).get, names is None)
        return Looked(owners, opened, 1 if commands else 0)

    def keep(self, entries: Mapping[int, Entries], opened: Mapping[str, Opened]) -> "asyncio.Future[None] | None":
        account = entries.get(ACCOUNT)
        if account is not None:
            _put(self._memory, ACCOUNT, account, self._seconds)
        loop = asyncio.get_running_loop()
        parcel = _Parcel(entries, opened, loop.create_future())
        if self._remote.is_resting or self._is_closed or len(self._waiting) >= MOST_WAITING:
            return None
        self._waiting.append(parcel)
        if self._sender is None or self._sender.done():
            self._sender = loop.create_task(self._send(), name="cache-sender")
        return parcel.sent

    async def close(self) -> None:
        self._is_closed = True
        if self._sender is not None:
            # It has its time-out, and begins nothing new.
            await asyncio.wait({self._sender})
        for parcel in self._waiting:
            parcel.done()
        self._waiting.clear()
        self._memory.clear()
        await self._remote.close()

    async def _send(self) -> None:
        while self._waiting and not self._is_closed:
            parcels = [self._waiting.popleft() for _ in range(min(SENT_AT_ONCE, len(self._waiting)))]
            try:
                replies = await self._remote.send([command for parcel in parcels for command in self._commands(parcel)])
                if any(isinstance(reply, ResponseError) for reply in replies or ()):
                    log.warning("the cache refused to keep rows")
            finally:
                for parcel in parcels:
                    parcel.done()

    def _commands(self, parcel: "_Parcel") -> list[Command]:
        milliseconds = max(1, int(self._seconds * 1000))
        ends = (KNOWN_SECONDS * 1000, DOUBT_SECONDS * 1000, milliseconds)
        commands: list[Command] = []
        for owner, entries in parcel.entries.items():
            words: list[Any] = []
            total = 0
            for name, rows in entries.rows.items() if owner != ACCOUNT else ():
                value = packed(rows, entries.generation, entries.account)
                if value is not None:
                    words += (name, value)
                    total += weight(name, value)
            keys = (generation_key(owner), panels_key(owner))
            commands.append((_KEEP, 2, *keys, entries.generation, *ends, total, *words))
        for name, open_to in parcel.opened.items():
            commands.append(("SET", _identifier_key(name), _OPENED.pack(*open_to), "PX", milliseconds))
        return commands


class _Parcel(NamedTuple):
    entries: Mapping[int, Entries]
    opened: Mapping[str, Opened]
    sent: "asyncio.Future[None]"

    def done(self) -> None:
        """It was sent, or never will be."""
        if not self.sent.done():
            self.sent.set_result(None)


def _identifier_key(name: str) -> str:
    return f"i:{{{name}}}"


def _picked(owner: int, names: Collection[str]) -> Command:
    # HMGET needs a field: the one that every hash has stands for none.
    return ("HMGET", panels_key(owner), *(names or ("",)))


def _standing(reply: Any) -> tuple[int | None, bool]:
    try:
        known, doubted = (None if number is None else int(number) for number in reply)
    except (TypeError, ValueError):
        return None, False
    if known is not None and doubted is not None and doubted > known:
        return None, True
    return known, False


def _entries(reply: Any, names: Collection[str] | None) -> Mapping[str, bytes]:
    """The fields in a reply; whatever else stands there is nothing."""
    if names is not None:
        values = reply if isinstance(reply, list) else []
        return {name: value for name, value in zip(names, values, strict=False) if isinstance(value, bytes)}
    if not isinstance(reply, dict):
        return {}
    return {name.decode("ascii", "replace"): value for name, value in reply.items() if isinstance(value, bytes)}


def _opened(reply: Any) -> Opened | None:
    is_whole = isinstance(reply, bytes) and len(reply) == _OPENED.size
    return Opened(*_OPENED.unpack(reply)) if is_whole else None
