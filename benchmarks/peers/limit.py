"""The limit: hand-written SQL that builds the JSON, an asyncpg pool and bare Starlette; no GraphQL at all.

`POST /profile-page {"id": 1}` and `POST /list {"at": ..., "id": ...}` answer what the two documents ask for, and
`POST /get {"key": ...}` the bytes that stand under a key of Redis, by one GET: as fast as an answer cache could be.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
import orjson
import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).resolve().parent
PROFILE_PAGE = (HERE / "limit_profile_page.sql").read_text(encoding="utf-8")
LIST = (HERE / "limit_list.sql").read_text(encoding="utf-8")
NEWEST = ("9999-01-01T00:00:00+00:00", 0)


async def profile_page(request: Request) -> Response:
    """One customer's page."""
    asked = orjson.loads(await request.body())
    return _json(await request.app.state.pool.fetchval(PROFILE_PAGE, int(asked["id"])))


async def customer_list(request: Request) -> Response:
    """Fifty customers behind a place in the list; without one, the newest."""
    asked = orjson.loads(await request.body())
    at, id = asked.get("at", NEWEST[0]), asked.get("id", NEWEST[1])
    return _json(await request.app.state.pool.fetchval(LIST, datetime.fromisoformat(at), int(id)))


async def get(request: Request) -> Response:
    """The bytes under a key."""
    asked = orjson.loads(await request.body())
    return Response(await request.app.state.redis.get(asked["key"]), media_type="application/json")


async def ready(request: Request) -> Response:
    """Answers as soon as the pool is there."""
    return Response()


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def main() -> None:
    """Serves the three, and /readyz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dsn")
    parser.add_argument("port", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("redis_url")
    options = parser.parse_args()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.redis = Redis.from_url(options.redis_url)
        async with asyncpg.create_pool(options.dsn, min_size=options.connections, max_size=options.connections) as pool:
            app.state.pool = pool
            yield
        await app.state.redis.aclose()

    app = Starlette(
        routes=[
            Route("/profile-page", profile_page, methods=["POST"]),
            Route("/list", customer_list, methods=["POST"]),
            Route("/get", get, methods=["POST"]),
            Route("/readyz", ready),
        ],
        lifespan=lifespan,
    )
    uvicorn.run(app, port=options.port, loop="uvloop", http="httptools", log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
