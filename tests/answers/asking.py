"""Asking: a page of one customer asked over HTTP, with what came back in the form in which it travelled."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from redis.asyncio import Redis

from gateway.answers import Answers
from gateway.operations import Answer, Operations, Prepared
from profiles.storage.cache import RedisCache
from profiles.storage.generations import generation_key, panels_key
from profiles.storage.keeping import ACCOUNT
from profiles.viewer import ALL_SCOPES, ViewerKind
from tests.caching.desk import PATIENCE_SECONDS, Barrier
from tests.gateway_client import Gateway
from tests.people import customer_id

UNPRIVILEGED = ALL_SCOPES - {"debug"}
"""Every right but that of being told what an answer cost, which no two answers have in common."""
START = datetime(2026, 3, 1, 12, 30, 10, tzinfo=UTC)

PAGE = """
query Page($id: ID!) {
  customer(by: {id: $id}) {
    id firstName email { value } registeredAt
    notes { totalCount nodes { body author } }
    tags { name }
    timeline(first: 5) { nodes { id name } }
  }
}
"""
NOTES = "query ($id: ID!) { customer(by: {id: $id}) { notes { totalCount } } }"


class Sent(NamedTuple):
    """An answer as it came."""

    raw: bytes
    how: str | None
    """What Cache-Status says of this gateway."""
    status: int

    @property
    def body(self) -> Any:
        """What the bytes say."""
        return orjson.loads(self.raw)

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body
        return self.body["data"]


async def sent(
    gateway: Gateway,
    query: str = PAGE,
    scopes: Collection[str] = UNPRIVILEGED,
    kind: ViewerKind = ViewerKind.STAFF,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    **variables: Any,
) -> Sent:
    """The answer to a query of this viewer."""
    bearer = {"Authorization": f"Bearer {await gateway.key(scopes, kind)}", "Accept": "application/json"}
    bearer |= headers or {}
    if method == "GET":
        asked = {"query": query, "variables": orjson.dumps(variables).decode()}
        response = await gateway.http.get("/graphql", params=asked, headers=bearer)
    else:
        asked = {"query": query, "variables": variables}
        response = await gateway.http.post("/graphql", json=asked, headers=bearer)
    how = response.headers.get("cache-status")
    return Sent(response.content, how and how.removeprefix("profile-gateway; "), response.status_code)


async def copied(gateway: Gateway, id: int) -> None:
    """Waits until Redis, where there is one, knows the generations of the customer and of the account: they are told
    of the first time that somebody asks, and not before that one is answered."""
    await sent(gateway, NOTES, id=customer_id(id))
    if gateway.settings.redis_url is None:
        return
    async with Redis.from_url(gateway.settings.redis_url) as redis, asyncio.timeout(PATIENCE_SECONDS):
        while not all([await redis.hexists(generation_key(owner), "g") for owner in (ACCOUNT, id)]):
            await asyncio.sleep(0.01)


async def kept(gateway: Gateway) -> None:
    """Waits until the cache has sent all that it was given to keep: that goes on after an answer."""
    panels = gateway.runtime.services.panels
    if panels is not None and isinstance(panels.cache, RedisCache) and panels.cache._sender is not None:
        await asyncio.wait({panels.cache._sender})


async def unread(gateway: Gateway, id: int) -> None:
    """Forgets what rows Redis, where there is one, keeps of the customer: the next answer is made from the database."""
    if gateway.settings.redis_url is not None:
        async with Redis.from_url(gateway.settings.redis_url) as redis:
            await redis.delete(panels_key(id))


def answers(gateway: Gateway) -> Answers:
    """The answers that the gateway keeps."""
    kept = gateway.runtime.answers
    assert kept is not None
    return kept


@dataclass
class Watched:
    """The operations of a gateway, counted as they run, and held before their first read and after their last."""

    operations: Operations
    runs: int = 0
    before: Barrier = field(default_factory=Barrier)
    after: Barrier = field(default_factory=Barrier)

    async def run(self, prepared: Prepared) -> Answer:
        """Runs it."""
        self.runs += 1
        await self.before.passed()
        answer = await self.operations.run(prepared)
        await self.after.passed()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.operations, name)


def watched(gateway: Gateway) -> Watched:
    """From now on what the answers of the gateway have run for them is counted and can be held."""
    kept = answers(gateway)
    watching = Watched(kept.operations)
    kept.operations = watching  # type: ignore[assignment]  # it hands everything on
    return watching


async def settled() -> None:
    """Lets everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)
