"""The cache keeps what was read about a customer, one hash a customer; it may forget or die, the answer may not."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = logging.getLogger("profile_gateway.cache")

TIMEOUT_SECONDS = 0.1
"""A cache that is slower than this costs more than it saves."""
REST_SECONDS = 1.0
"""After a failure the cache is left alone for so long, so that a dead server costs one time-out, not one a request."""
Fields = Iterable[str]
Entries = Mapping[str, bytes]


class Cache(Protocol):
    """Bytes by customer and field. No operation raises: a failure is a miss, and what could not be kept is not."""

    async def read(self, wanted: Mapping[int, Fields]) -> dict[int, dict[str, bytes]]:
        """What is kept of the fields of each customer, in one round trip; a miss is absent."""
        ...

    async def keep(self, entries: Mapping[int, Entries], seconds: float) -> None:
        """Keeps the entries, in one round trip. A customer's fields are all forgotten together, at the latest so many
        seconds from now."""
        ...

    async def forget(self, customer_ids: Iterable[int]) -> bool:
        """Forgets everything about these customers; False where the cache could not be told."""
        ...

    async def close(self) -> None:
        """Gives its connections back."""
        ...


@dataclass(slots=True)
class _Kept:
    fields: dict[str, bytes]
    until: float
    size: int


class MemoryCache:
    """The cache of a single process, bounded in bytes: the customers that were not asked about for longest go first."""

    def __init__(self, limit_bytes: int = 64 * 2**20, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock, self._size = limit_bytes, clock, 0
        self._customers: OrderedDict[int, _Kept] = OrderedDict()

    async def read(self, wanted: Mapping[int, Fields]) -> dict[int, dict[str, bytes]]:
        found = {}
        for customer_id, fields in wanted.items():
            kept = self._current(customer_id)
            if kept is not None:
                hits = {field: kept.fields[field] for field in fields if field in kept.fields}
                if hits:
                    found[customer_id] = hits
        return found

    async def keep(self, entries: Mapping[int, Entries], seconds: float) -> None:
        until = self._clock() + seconds
        for customer_id, fields in entries.items():
            kept = self._current(customer_id)
            merged = {**(kept.fields if kept else {}), **fields}
            self._drop(customer_id)
            size = sum(len(field) + len(value) for field, value in merged.items())
            self._customers[customer_id] = _Kept(merged, until, size)
            self._size += size
        while self._size > self._limit:
            self._drop(next(iter(self._customers)))

    async def forget(self, customer_ids: Iterable[int]) -> bool:
        for customer_id in customer_ids:
            self._drop(customer_id)
        return True

    async def close(self) -> None:
        self._customers.clear()
        self._size = 0

    def _current(self, customer_id: int) -> _Kept | None:
        kept = self._customers.get(customer_id)
        if kept is None:
            return None
        if kept.until <= self._clock():
            self._drop(customer_id)
            return None
        self._customers.move_to_end(customer_id)
        return kept

    def _drop(self, customer_id: int) -> None:
        kept = self._customers.pop(customer_id, None)
        if kept is not None:
            self._size -= kept.size


class RedisCache:
    """The cache of many processes: Redis or Valkey, one hash `c:{<customer>}:panels` a customer.

    The braces are a hash tag: on a cluster a customer's keys stand on one node, and no command crosses customers.
    """

    def __init__(self, redis: "Redis", clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._clock = redis, clock
        self._resting_until = 0.0

    @classmethod
    def connect(cls, url: str) -> "RedisCache":
        """A cache at the URL. redis-py's own retries would make a dead server cost seconds, so there are none."""
        return cls(
            Redis.from_url(
                url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        )

    async def read(self, wanted: Mapping[int, Fields]) -> dict[int, dict[str, bytes]]:
        asked = {customer_id: tuple(fields) for customer_id, fields in wanted.items()}
        if not asked or self._is_resting():
            return {}
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS), self._redis.pipeline(transaction=False) as pipe:
                for customer_id, fields in asked.items():
                    pipe.hmget(_key(customer_id), fields)
                answers = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)
            return {}
        found = {}
        for (customer_id, fields), values in zip(asked.items(), answers, strict=True):
            hits = {field: value for field, value in zip(fields, values, strict=True) if isinstance(value, bytes)}
            if hits:
                found[customer_id] = hits
        return found

    async def keep(self, entries: Mapping[int, Entries], seconds: float) -> None:
        if not entries or self._is_resting():
            return
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS), self._redis.pipeline(transaction=False) as pipe:
                for customer_id, fields in entries.items():
                    pipe.hset(_key(customer_id), items=[part for entry in fields.items() for part in entry])
                    pipe.pexpire(_key(customer_id), max(1, int(seconds * 1000)))
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)

    async def forget(self, customer_ids: Iterable[int]) -> bool:
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS), self._redis.pipeline(transaction=False) as pipe:
                for customer_id in customer_ids:
                    pipe.unlink(_key(customer_id))
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)
            return False
        return True

    async def close(self) -> None:
        await self._redis.aclose()

    def _is_resting(self) -> bool:
        return self._clock() < self._resting_until

    def _rest(self, error: Exception) -> None:
        if not self._is_resting():
            log.warning("the cache is away: %s", type(error).__name__)
        self._resting_until = self._clock() + REST_SECONDS


def _key(customer_id: int) -> str:
    return f"c:{{{customer_id}}}:panels"
