"""Redis or Valkey as the caches use it: short time-outs, no retries, and a rest after a failure; it never raises."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from itertools import islice
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

log = logging.getLogger("profile_gateway.cache")

TIMEOUT_SECONDS = 0.1
"""A cache that is slower than this costs more than it saves."""
REST_SECONDS = 1.0
"""After a failure the cache is left alone for so long, so that a dead server costs one time-out, not one a request."""
MOST_AT_ONCE, MOST_TOGETHER = 4, 256
"""How many round trips may be on their way, and how many commands go together in one."""

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


class _Letter(NamedTuple):
    """What one caller wants to know, and where it waits for it."""

    commands: Sequence[Command]
    is_optional: bool
    replies: "asyncio.Future[list[Any] | None]"


class Remote:
    """One server, or a cluster behind one address.

    Whoever asks while others are being answered is sent together with everybody else who came meanwhile: under load the
    work of a round trip is shared, and a burst needs no more connections than `MOST_AT_ONCE`.
    """

    def __init__(self, redis: "Redis", clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._clock = redis, clock
        self._resting_until = 0.0
        self._letters: deque[_Letter] = deque()
        self._senders: set[asyncio.Task[None]] = set()

    @classmethod
    def connect(cls, url: str) -> "Remote":
        """The server at the URL, connected to when first asked. redis-py's own retries would make a dead server cost
        seconds, so there are none. Raises ValueError where it is no URL of a server."""
        return cls(
            Redis.from_url(
                url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        )

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago."""
        return self._clock() < self._resting_until

    async def send(self, commands: Sequence[Command], is_optional: bool = False) -> list[Any] | None:
        """The replies, in one round trip (two where a script is not known yet); None where there were none in time.

        What `is_optional` is not tried while the server rests. A command that the server refused has its ResponseError
        as its reply.
        """
        if not commands:
            return []
        if is_optional and self.is_resting:
            return None
        letter = _Letter(commands, is_optional, asyncio.get_running_loop().create_future())
        self._letters.append(letter)
        if len(self._senders) < MOST_AT_ONCE:
            sender = asyncio.create_task(self._send(), name="cache")
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        return await letter.replies

    async def _send(self) -> None:
        while self._letters:
            letters = [self._letters.popleft()]
            size = len(letters[0].commands)
            while self._letters and size + len(self._letters[0].commands) <= MOST_TOGETHER:
                letters.append(self._letters.popleft())
                size += len(letters[-1].commands)
            # The server may have begun to rest while they waited.
            tried = [letter for letter in letters if not (letter.is_optional and self.is_resting)]
            answers: dict[int, list[Any]] = {}
            try:
                replies = await self._answered([command for letter in tried for command in letter.commands])
                if replies is not None:
                    arrived = iter(replies)
                    answers = {id(letter): list(islice(arrived, len(letter.commands))) for letter in tried}
            finally:
                for letter in letters:
                    # Who asked may have left meanwhile.
                    if not letter.replies.done():
                        letter.replies.set_result(answers.get(id(letter)))

    async def _answered(self, commands: Sequence[Command]) -> list[Any] | None:
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
        if not commands:
            return []
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
        """Gives the connections back, after what is being sent (which has its time-out)."""
        if self._senders:
            await asyncio.wait(self._senders)
        await self._redis.aclose()
