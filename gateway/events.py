"""Server-sent events: the answers of one operation as an event stream (graphql-sse, distinct connections mode)."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

from starlette.types import Receive, Scope, Send

from gateway.accept import EVENTS
from gateway.identity import Grant
from gateway.json import as_json
from gateway.live import LiveConnections
from gateway.operations import Answer
from gateway.settings import Settings

log = logging.getLogger("profile_gateway.events")

HEADERS = (
    (b"content-type", f"{EVENTS}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # Asks nginx not to collect the events before passing them on.
    (b"x-accel-buffering", b"no"),
)
PING = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


def as_event(answer: Answer) -> bytes:
    """One answer as an event; JSON has no line break of its own, so one data line is enough."""
    return b"event: next\ndata: " + as_json(answer.body) + b"\n\n"


class EventStream:
    """A response that sends each answer as it comes, until the operation, the client, the key or the process ends."""

    def __init__(
        self,
        answers: AsyncGenerator[Answer, None],
        grant: Grant,
        live: LiveConnections,
        settings: Settings,
        request_id: str,
    ) -> None:
        self._answers = answers
        self._grant = grant
        self._live = live
        self._settings = settings
        self._request_id = request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*HEADERS, (b"x-request-id", self._request_id.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        streaming = asyncio.ensure_future(self._stream(send))
        leaving = asyncio.ensure_future(_left(receive))

        def end(_code: int, _reason: str) -> None:
            # Events have no close codes: the stream just ends, and connecting again says why it may not.
            streaming.cancel()

        try:
            with self._live.opened(self._grant, end):
                await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (streaming, leaving):
                task.cancel()
            await asyncio.wait({streaming, leaving})
            await self._answers.aclose()
        if not streaming.cancelled() and (error := streaming.exception()) is not None:
            if not isinstance(error, TimeoutError):
                raise error
            # A client that stops reading: the server closes its connection when the response stays unfinished.
            log.info("an event stream was not read and has been ended")
            return
        with contextlib.suppress(OSError):
            await self._send(send, b"", more=False)

    async def _stream(self, send: Send) -> None:
        coming: asyncio.Task[Answer] | None = None
        try:
            while True:
                if coming is None:
                    coming = asyncio.ensure_future(anext(self._answers))
                done, _ = await asyncio.wait({coming}, timeout=self._settings.ping_interval_seconds)
                if not done:
                    await self._send(send, PING)
                    continue
                try:
                    answer = coming.result()
                except StopAsyncIteration:
                    break
                coming = None
                await self._send(send, as_event(answer))
            await self._send(send, COMPLETE)
        finally:
            if coming is not None and not coming.done():
                coming.cancel()
                await asyncio.wait({coming})

    async def _send(self, send: Send, body: bytes, more: bool = True) -> None:
        async with asyncio.timeout(self._settings.send_timeout_seconds):
            await send({"type": "http.response.body", "body": body, "more_body": more})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
