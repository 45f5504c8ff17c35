"""Live clients of the tests: a gateway listening on the loopback, WebSockets and event streams that talk to it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.gateway_client import Gateway

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 20


@contextlib.asynccontextmanager
async def listening(gateway: Gateway) -> AsyncIterator[str]:
    """Serves a running gateway on a free port of the loopback; gives `127.0.0.1:port`."""
    config = uvicorn.Config(
        gateway.app,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=5,
        ws_max_size=16 * gateway.settings.message_limit_bytes,
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    bound = socket.create_server(("127.0.0.1", 0), backlog=256)
    serving = asyncio.create_task(server._serve([bound]))
    try:
        yield f"127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        bound.close()


@dataclass
class LiveClient:
    """A WebSocket client that speaks the protocol one message at a time."""

    connection: ClientConnection

    async def send(self, message: Any) -> None:
        """Sends a message; text and bytes as they are."""
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def init(self, key: str | None) -> dict[str, Any]:
        """Says who is asking, and gives what the gateway says to it."""
        payload = {} if key is None else {"Authorization": f"Bearer {key}"}
        await self.send({"type": "connection_init", "payload": payload})
        return await self.heard()

    async def subscribe(self, id: str, query: str, variables: dict[str, Any] | None = None) -> None:
        """Starts an operation."""
        await self.send({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    async def heard(self, but: tuple[str, ...] = ("ping",)) -> dict[str, Any]:
        """The next message that is not of one of those types."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message: dict[str, Any] = json.loads(await self.connection.recv())
                if message["type"] not in but:
                    return message

    async def closed(self) -> tuple[int, str]:
        """The code and the reason with which the gateway closes; whatever it still says before is passed over."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed as closed:
                return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


@contextlib.asynccontextmanager
async def connected(
    address: str, protocols: tuple[str, ...] = (PROTOCOL,), origin: str | None = None
) -> AsyncIterator[LiveClient]:
    """A connection to a listening gateway, not yet initialised."""
    async with connect(
        f"ws://{address}/graphql",
        subprotocols=[Subprotocol(protocol) for protocol in protocols] or None,
        origin=None if origin is None else Origin(origin),
        proxy=None,
        # With a bound, a client that leaves unread messages behind never reads the answer to its own goodbye.
        max_queue=None,
    ) as connection:
        yield LiveClient(connection)


@contextlib.asynccontextmanager
async def admitted(gateway: Gateway, address: str, scopes: tuple[str, ...] | None = None) -> AsyncIterator[LiveClient]:
    """A connection that has said who is asking."""
    async with connected(address) as client:
        assert (await client.init(await gateway.key(scopes)))["type"] == "connection_ack"
        yield client


@contextlib.asynccontextmanager
async def streamed(
    address: str, key: str, query: str, variables: dict[str, Any] | None = None
) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of an event stream."""
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as http,
        http.stream(
            "POST",
            f"http://{address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {key}", "Accept": "text/event-stream"},
        ) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield response.aiter_text()
