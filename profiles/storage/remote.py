"""Redis or Valkey as the caches use it: short time-outs, no retries, and a rest after a failure; it never raises."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

log = logging.getLogger("profile_gateway.cache")

TIMEOUT_SECONDS = 0.1
"""A cache that is slower than this costs more than it saves."""
REST_SECONDS = 1.0
"""After a failure the cache is left alone for so long, so that a dead server costs one time-out, not one a request."""
MOST_CONNECTIONS = 32

Command = tuple[Any, ...]
"""A command's words; a `Script` takes the place of EVALSHA and its digest."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script that the server runs whole: nothing comes between its steps. Its keys are all one customer's."""

    text: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", sha1(self.text.encode(), usedforsecurity=False).hexdigest())

    def called(self, is_known: bool, words: Sequence[Any]) -> Command:
        """The command: by digest where the server knows the script."""
        return ("EVALSHA", self.digest, *words) if is_known else ("EVAL", self.text, *words)


class Remote:
    """One server, or a cluster behind one address."""

    def __init__(self, redis: "Redis", clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._clock = redis, clock
        self._resting_until = 0.0

    @classmethod
    def connect(cls, url: str) -> "Remote":
        """The server at the URL, connected to when first asked. redis-py's own retries would make a dead server cost
        seconds, so there are none."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(Redis.from_pool(pool))

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago."""
        return self._clock() < self._resting_until

    async def send(self, commands: Sequence[Command]) -> list[Any] | None:
        """The replies, in one round trip (two where a script is not known yet); None where there were none in time.

        A command that the server refused has its ResponseError as its reply.
        """
        if not commands:
            return []
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                replies = await self._replies(commands, is_known=True)
                unknown = [place for place, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
                if unknown:
                    again = await self._replies([commands[place] for place in unknown], is_known=False)
                    for place, reply in zip(unknown, again, strict=True):
                        replies[place] = reply
        except (RedisError, OSError, TimeoutError) as error:
            if not self.is_resting:
                log.warning("the cache is away: %s", type(error).__name__)
            self._resting_until = self._clock() + REST_SECONDS
            return None
        self._resting_until = 0.0
        return replies

    async def _replies(self, commands: Sequence[Command], is_known: bool) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for first, *words in commands:
                command = first.called(is_known, words) if isinstance(first, Script) else (first, *words)
                pipe.execute_command(*command)
            replies: list[Any] = await pipe.execute(raise_on_error=False)
        for reply in replies:
            # A connection that broke in the middle of the replies has answered nothing that can be told apart.
            if isinstance(reply, Exception) and not isinstance(reply, ResponseError):
                raise reply
        return replies

    async def close(self) -> None:
        """Gives the connections back."""
        await self._redis.aclose()
