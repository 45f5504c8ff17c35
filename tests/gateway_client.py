"""The front door of the tests: a whole gateway in this process, asked by HTTP with real keys."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
from starlette.applications import Starlette

from gateway.app import Runtime, create_app, utc_now
from gateway.settings import Settings
from profiles.account import Account
from profiles.keys import create_key
from profiles.storage.store import Store
from profiles.viewer import ALL_SCOPES, ViewerKind
from resolvers.context import Clock


class Answer(NamedTuple):
    """What an operation answered."""

    data: Any
    errors: list[dict[str, Any]]
    extensions: dict[str, Any]
    status: int

    @property
    def codes(self) -> list[str]:
        """The codes of the errors, in order."""
        return [error["extensions"]["code"] for error in self.errors]


@dataclass
class Gateway:
    """A running gateway and its database.

    `ask` posts an operation with a key of the given scopes (all of them unless said otherwise); `store` arranges rows:
    `async with gateway.store.write() as unit: unit.session.add(...)`.
    """

    app: Starlette
    http: httpx.AsyncClient
    settings: Settings
    account: Account
    dialect: str
    _keys: dict[tuple[frozenset[str], ViewerKind], str] = field(default_factory=dict)
    _making_keys: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def runtime(self) -> Runtime:
        """What the running process holds."""
        runtime: Runtime = self.app.state.runtime
        return runtime

    @property
    def store(self) -> Store:
        """The database."""
        return self.runtime.store

    async def key(self, scopes: Collection[str] | None = None, kind: ViewerKind = ViewerKind.STAFF) -> str:
        """A key with these scopes, made once."""
        wanted = frozenset(ALL_SCOPES if scopes is None else scopes)
        # Parallel questions must come from one viewer, so only the first of them makes the key.
        async with self._making_keys:
            if (wanted, kind) not in self._keys:
                async with self.store.write() as unit:
                    name = f"{kind.lower()} {len(self._keys) + 1}"
                    made = await create_key(unit, name, kind, sorted(wanted), datetime.now(UTC))
                self._keys[wanted, kind] = made
            return self._keys[wanted, kind]

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        scopes: Collection[str] | None = None,
        operation_name: str | None = None,
        kind: ViewerKind = ViewerKind.STAFF,
    ) -> Answer:
        """The answer to one operation."""
        body = {"query": query, "variables": variables, "operationName": operation_name}
        key = await self.key(scopes, kind)
        response = await self.http.post(
            "/graphql",
            json=body,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/graphql-response+json"},
        )
        answered = response.json()
        return Answer(
            answered.get("data"), answered.get("errors", []), answered.get("extensions", {}), response.status_code
        )


@contextlib.asynccontextmanager
async def started(settings: Settings, account: Account, dialect: str, clock: Clock = utc_now) -> AsyncIterator[Gateway]:
    """A gateway with its lifespan run, reachable through its ASGI app."""
    app = create_app(settings, account, clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield Gateway(app, http, settings, account, dialect)
