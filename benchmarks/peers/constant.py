"""A server that always says the same, straight on the event loop: what the load could measure at most."""

import asyncio
import sys
from typing import Any

import uvloop


class Constant(asyncio.Protocol):
    """Answers each piece that arrives; the load's requests arrive in one piece."""

    def __init__(self, size: int) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n"
        self._answer = head.encode() + b"x" * size

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._answer)


async def serve(port: int, size: int) -> None:
    """Answers of that many bytes, until it is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Constant(size), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
