"""The bus says that a customer has new events; which, stands in the timeline, so a lost message loses nothing."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("profile_gateway.bus")
CHANNEL = "profile-gateway:activity"
EVERYONE = 0

ANSWER_SECONDS = 2.0
"""How long Redis may take to answer: a write waits for its announcement."""


class Waiting:
    """One listener: wakes when its customer has news. Many announcements before it looks are one."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def tell(self) -> None:
        """Wakes the listener."""
        self._news.set()

    async def news(self, timeout_seconds: float) -> bool:
        """Waits for news; False after the timeout (time to look anyway: announcements can be lost)."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Bus(Protocol):
    """Announces that customers have new events."""

    async def start(self) -> None:
        """Begins to hear other processes."""
        ...

    async def announce(self, customer_ids: Iterable[int]) -> None:
        """Tells every process. Raises ConnectionError where it could not."""
        ...

    def listen(self, customer_id: int) -> contextlib.AbstractAsyncContextManager[Waiting]:
        """A listener for one customer (or `EVERYONE`) while the context is open."""
        ...

    def is_heard(self, customer_id: int) -> bool:
        """Whether anybody in this process listens for this very customer."""
        ...

    async def close(self) -> None:
        """Stops hearing."""
        ...


class MemoryBus:
    """The bus of a single process."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[Waiting]] = {}

    @property
    def listening(self) -> int:
        """How many listeners there are."""
        return sum(len(listeners) for listeners in self._waiting.values())

    async def start(self) -> None:
        return None

    async def announce(self, customer_ids: Iterable[int]) -> None:
        self.tell(customer_ids)

    def tell(self, customer_ids: Iterable[int]) -> None:
        """Wakes the listeners in this process."""
        for customer_id in customer_ids:
            for waiting in (*self._waiting.get(customer_id, ()), *self._waiting.get(EVERYONE, ())):
                waiting.tell()

    def wake_all(self) -> None:
        """Wakes every listener, for when announcements may have been missed."""
        for listeners in self._waiting.values():
            for waiting in listeners:
                waiting.tell()

    @asynccontextmanager
    async def listen(self, customer_id: int) -> AsyncIterator[Waiting]:
        waiting = Waiting()
        self._waiting.setdefault(customer_id, set()).add(waiting)
        try:
            yield waiting
        finally:
            listeners = self._waiting[customer_id]
            listeners.discard(waiting)
            if not listeners:
                del self._waiting[customer_id]

    def is_heard(self, customer_id: int) -> bool:
        return customer_id in self._waiting

    async def close(self) -> None:
        self.wake_all()


class RedisBus:
    """The bus of many processes: Redis or Valkey Pub/Sub, one reader per process.

    Pub/Sub loses messages silently, which is why it carries customer ids only and listeners look by themselves too.
    """

    RETRY_SECONDS = 1.0

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._here = MemoryBus()
        self._reader: asyncio.Task[None] | None = None

    @property
    def listening(self) -> int:
        """How many listeners there are in this process."""
        return self._here.listening

    async def start(self) -> None:
        tried = asyncio.Event()
        self._reader = asyncio.create_task(self._read(tried), name="bus-reader")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await tried.wait()

    async def _read(self, tried: asyncio.Event) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    tried.set()
                    # Whatever was announced while we were away is in the timeline: let everyone look.
                    self._here.wake_all()
                    async for message in channel.listen():
                        self._here.tell(_customer_ids(message["data"]))
            except (RedisError, OSError) as error:
                log.warning("the bus is away: %s", type(error).__name__)
                # Whoever starts need not wait for what is away: it is heard when it is back.
                tried.set()
                await asyncio.sleep(self.RETRY_SECONDS)

    async def announce(self, customer_ids: Iterable[int]) -> None:
        ids = list(customer_ids)
        # This process need not wait for Redis to hear itself.
        self._here.tell(ids)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._redis.publish(CHANNEL, ",".join(map(str, ids)))
        except (RedisError, OSError) as error:
            raise ConnectionError("the bus could not be reached") from error

    def listen(self, customer_id: int) -> contextlib.AbstractAsyncContextManager[Waiting]:
        return self._here.listen(customer_id)

    def is_heard(self, customer_id: int) -> bool:
        return self._here.is_heard(customer_id)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self._here.close()
        await self._redis.aclose()


def _customer_ids(data: bytes | str) -> list[int]:
    text = data.decode("ascii", "replace") if isinstance(data, bytes) else data
    return [int(part) for part in text.split(",") if part.isdigit()]
