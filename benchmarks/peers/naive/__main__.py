"""Serves the naive peer: `python -m benchmarks.peers.naive URL PORT CONNECTIONS`."""

import argparse
from typing import Any

import strawberry
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL

from benchmarks.peers.naive.loading import Loaders
from benchmarks.peers.naive.schema import Query


class App(GraphQL[dict[str, Any], None]):
    """Gives each request loaders of its own."""

    def __init__(self, schema: strawberry.Schema, engine: AsyncEngine) -> None:
        super().__init__(schema, graphql_ide=None)
        self._engine = engine

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"engine": self._engine, "loaders": Loaders(self._engine)}


async def _ready(request: Request) -> Response:
    return Response()


def main() -> None:
    """Serves /graphql, and /readyz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    parser.add_argument("connections", type=int)
    options = parser.parse_args()
    engine = create_async_engine(options.url, pool_size=options.connections, max_overflow=0)
    app = Starlette(routes=[Route("/readyz", _ready)])
    app.mount("/", App(strawberry.Schema(Query), engine))
    uvicorn.run(app, port=options.port, loop="uvloop", http="httptools", log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
