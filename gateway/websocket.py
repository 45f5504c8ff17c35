"""GraphQL over WebSocket: many operations on one connection, by the protocol graphql-transport-ws and no other."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.http.websocket_origin import is_same_origin, normalize_origin

from gateway.http import Refused, question_of
from gateway.identity import Grant, KeyRing
from gateway.json import as_json
from gateway.live import LiveConnections
from gateway.operations import Answer, Operations, Question, new_request_id, refused
from gateway.settings import Settings
from profiles.errors import LimitExceeded, ProfileError, Unauthenticated

log = logging.getLogger("profile_gateway.websocket")

PROTOCOL = "graphql-transport-ws"
LONGEST_ID = 200
LONGEST_REASON = 120  # a close frame has room for 123 bytes

TOO_BIG = 1009
BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
BAD_PROTOCOL = 4406
INIT_TIMEOUT = 4408
DUPLICATE = 4409
INIT_AGAIN = 4429
UNREAD = 4413
UNREAD_REASON = "Answers were not read in time; go on from the last cursor."
FAILED = 1011


class Closing(Exception):
    """The connection is to be closed, with a code and a sentence."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class GraphQLOverWebSocket:
    """The endpoint for WebSockets."""

    def __init__(self, operations: Operations, keys: KeyRing, live: LiveConnections, settings: Settings) -> None:
        self._operations = operations
        self._keys = keys
        self._live = live
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if not self._may_connect(socket) or self._live.is_stopping:
            # Closed before it is accepted, the server answers the handshake with 403.
            await socket.close()
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(BAD_PROTOCOL, f"This gateway speaks {PROTOCOL} only.")
            return
        await socket.accept(subprotocol=PROTOCOL)
        await Connection(socket, self._operations, self._keys, self._live, self._settings).serve()

    def _may_connect(self, socket: WebSocket) -> bool:
        # Only browsers send an origin; what is no browser carries nothing that another site could misuse.
        origin = socket.headers.get("origin")
        if origin is None or is_same_origin(origin, socket.headers.get("host")):
            return True
        return normalize_origin(origin) in self._settings.allowed_origins


class Connection:
    """One client: its key, and the operations it has open."""

    def __init__(
        self, socket: WebSocket, operations: Operations, keys: KeyRing, live: LiveConnections, settings: Settings
    ) -> None:
        self._socket = socket
        self._operations = operations
        self._keys = keys
        self._live = live
        self._settings = settings
        self._grant: Grant | None = None
        self._open: dict[str, asyncio.Task[None]] = {}
        self._closing: Closing | None = None
        self._reading: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self._handlers: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "connection_init": self._init,
            "ping": self._ping,
            "pong": self._pong,
            "subscribe": self._subscribe,
            "complete": self._complete,
        }

    async def serve(self) -> None:
        """Serves the client until it leaves, breaks a rule, loses its rights, or the process stops. Nothing of it is
        left behind: its operations are ended before the connection is."""
        self._reading = asyncio.ensure_future(self._read())
        pinging = asyncio.ensure_future(self._keep_alive())
        try:
            await asyncio.wait({self._reading})
        finally:
            tasks = {self._reading, pinging, *self._open.values()}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if not self._reading.cancelled() and (error := self._reading.exception()) is not None:
            if not isinstance(error, Closing):
                log.error("a connection failed: %s", type(error).__name__)
                error = Closing(FAILED, "Something went wrong on our side.")
            self._closing = self._closing or error
        if self._closing is not None:
            # The peer may be gone already, or not read even this.
            with contextlib.suppress(OSError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(self._settings.send_timeout_seconds):
                    await self._socket.close(self._closing.code, self._closing.reason[:LONGEST_REASON])

    def end(self, code: int, reason: str) -> None:
        """Ends the connection from outside."""
        self._closing = self._closing or Closing(code, reason)
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self) -> None:
        must_init_by = asyncio.get_running_loop().time() + self._settings.init_timeout_seconds
        try:
            async with asyncio.timeout_at(must_init_by):
                while self._grant is None:
                    if not await self._read_one():
                        return
        except TimeoutError:
            raise Closing(INIT_TIMEOUT, "Connection initialisation timeout") from None
        with self._live.opened(self._grant, self.end):
            try:
                while await self._read_one():
                    pass
            except TimeoutError:
                raise Closing(UNREAD, UNREAD_REASON) from None

    async def _read_one(self) -> bool:
        """Handles one message; False once the client has left. Raises Closing."""
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            return False
        text = received.get("text")
        if text is None:
            raise Closing(BAD_MESSAGE, "Messages are sent as text.")
        limit = self._settings.message_limit_bytes
        if len(text) > limit or len(text.encode()) > limit:
            raise Closing(TOO_BIG, f"A message may have {limit} bytes.")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closing(BAD_MESSAGE, "Messages are sent as JSON.") from None
        handler = self._handlers.get(str(message.get("type"))) if isinstance(message, dict) else None
        if handler is None:
            raise Closing(BAD_MESSAGE, "Unknown message type")
        await handler(message)
        return True

    async def _init(self, message: dict[str, Any]) -> None:
        if self._grant is not None:
            raise Closing(INIT_AGAIN, "Too many initialisation requests")
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            raise Closing(BAD_MESSAGE, "The payload of connection_init must be an object.")
        authorization = payload.get("Authorization", payload.get("authorization"))
        client = self._socket.client
        try:
            grant = await self._keys.admit(authorization, client and client.host)
        except Unauthenticated as error:
            raise Closing(FORBIDDEN, error.message) from None
        except ProfileError as error:
            raise Closing(FAILED, error.message) from None
        await self._send({"type": "connection_ack"})
        self._grant = grant

    async def _ping(self, _message: dict[str, Any]) -> None:
        await self._send({"type": "pong"})

    async def _pong(self, _message: dict[str, Any]) -> None:
        """A sign of life; the server below us closes connections that give none."""

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if self._grant is None:
            raise Closing(UNAUTHORIZED, "Unauthorized")
        id = _id(message)
        try:
            question = question_of(message.get("payload"))
        except Refused as refusal:
            raise Closing(BAD_MESSAGE, refusal.error.message) from None
        if id in self._open:
            raise Closing(DUPLICATE, f"Subscriber for {id} already exists")
        request_id = new_request_id()
        most = self._settings.subscriptions_per_connection
        if len(self._open) >= most:
            error = LimitExceeded(f"A connection may have {most} operations open.")
            answer = refused(error, self._operations.masking(self._grant.viewer, request_id))
            await self._send({"id": id, "type": "error", "payload": answer.errors})
            return
        running = asyncio.ensure_future(self._run(id, question, self._grant, request_id))
        self._open[id] = running

    async def _complete(self, message: dict[str, Any]) -> None:
        running = self._open.pop(_id(message), None)
        if running is not None:
            running.cancel()

    async def _run(self, id: str, question: Question, grant: Grant, request_id: str) -> None:
        """One operation, with a context of its own: nothing is shared between operations of a connection."""
        this = asyncio.current_task()
        try:
            prepared = self._operations.prepare(question, grant.viewer, request_id)
            if isinstance(prepared, Answer):
                await self._finish(id, this, {"id": id, "type": "error", "payload": prepared.errors})
                return
            async with aclosing(self._operations.stream(prepared)) as answers:
                async for answer in answers:
                    if answer.is_refusal:
                        await self._finish(id, this, {"id": id, "type": "error", "payload": answer.errors})
                        return
                    await self._send({"id": id, "type": "next", "payload": answer.body})
            await self._finish(id, this, {"id": id, "type": "complete"})
        except TimeoutError:
            self.end(UNREAD, UNREAD_REASON)
        except Exception as error:  # noqa: BLE001 - the outermost edge of an operation here
            log.error("request %s failed in transport: %s", request_id, type(error).__name__)
            self.end(FAILED, "Something went wrong on our side.")

    async def _finish(self, id: str, this: "asyncio.Task[None] | None", message: dict[str, Any]) -> None:
        # The id is free as soon as the client hears of the end; it may have been used again already.
        if self._open.get(id) is this:
            del self._open[id]
            await self._send(message)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._settings.ping_interval_seconds)
            try:
                await self._send({"type": "ping"})
            except TimeoutError:
                self.end(UNREAD, UNREAD_REASON)

    async def _send(self, message: dict[str, Any]) -> None:
        """Sends a message. Raises TimeoutError for a client that does not read."""
        async with self._sending, asyncio.timeout(self._settings.send_timeout_seconds):
            # The client may have left meanwhile; reading is what notices it.
            with contextlib.suppress(OSError, RuntimeError, WebSocketDisconnect):
                await self._socket.send_text(as_json(message).decode())


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise Closing(BAD_MESSAGE, f"A message needs an id of at most {LONGEST_ID} characters.")
    return id
