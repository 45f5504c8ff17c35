"""Health: whether the process lives, and whether it can answer."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.live import LiveConnections
from profiles.errors import ProfileError
from profiles.storage.migrations import standing
from profiles.storage.store import Store

NEVER_STORED = {"Cache-Control": "no-store"}
Readiness = Callable[[Starlette], Awaitable[list[str]]]


async def reasons(store: Store, live: LiveConnections) -> list[str]:
    """Why the gateway should get no requests now, a sentence each; none when it is ready."""
    if live.is_stopping:
        return ["The gateway is stopping."]
    try:
        now = await standing(store)
    except ProfileError:
        return ["The database does not answer, or has no tables yet (`profile-gateway migrate`)."]
    return [] if now.is_at_head else [now.sentence]


def health_routes(readiness: Readiness) -> list[Route]:
    """`/livez` and `/readyz`."""

    async def livez(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"}, headers=NEVER_STORED)

    async def readyz(request: Request) -> JSONResponse:
        found = await readiness(request.app)
        body = {"status": "not ready" if found else "ready", "reasons": found}
        return JSONResponse(body, 503 if found else 200, headers=NEVER_STORED)

    return [Route("/livez", livez), Route("/readyz", readyz)]
