"""The app: routes, and what a process opens when it starts and closes when it stops."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema

from executor import Compiler
from gateway.answers import Answers
from gateway.caches import Caches
from gateway.graphiql import PageConfig, graphiql_routes
from gateway.health import health_routes, reasons
from gateway.hosts import LoopbackHosts
from gateway.http import GraphQLOverHTTP
from gateway.identity import KeyRing
from gateway.live import LiveConnections
from gateway.operations import Operations
from gateway.settings import Settings
from gateway.stopping import stopping_in_order
from gateway.websocket import GraphQLOverWebSocket
from profiles.account import Account, load_account
from profiles.customers import IdentifierKind, customers_by_identifier
from profiles.errors import ProfileError
from profiles.live.bus import Bus, MemoryBus, RedisBus
from profiles.live.relay import relay
from profiles.segment_rules import Segments
from profiles.storage.address import parse_address
from profiles.storage.migrations import standing
from profiles.storage.store import Store, open_store
from profiles.viewer import SYSTEM
from resolvers.context import Clock, Services
from resolvers.ids import encode
from resolvers.schema import build_schema
from resolvers.segment_rules import segment_rules

log = logging.getLogger("profile_gateway")

STATIC = Path(__file__).with_name("static") / "graphiql"
ENDPOINT = "/graphql"
USES_SECONDS = 60
PATIENCE = 0.2
"""The part of an operation's deadline after which one of several reads is put back: rarely is more than one stuck."""


@cache
def the_schema() -> Schema:
    """The schema of this process, put together once."""
    return build_schema()


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a running process holds."""

    services: Services
    keys: KeyRing
    live: LiveConnections
    http: GraphQLOverHTTP
    websocket: GraphQLOverWebSocket
    answers: Answers | None

    @property
    def store(self) -> Store:
        """The database."""
        return self.services.store


Companion = Callable[[Runtime], Awaitable[None]]
"""Something that goes on beside the app, from its start until it is cancelled at its end."""


def utc_now() -> datetime:
    """The time, as the whole process understands it."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    account: Account | None = None,
    clock: Clock = utc_now,
    bus: Bus | None = None,
    handles_signals: bool = False,
    companion: Companion | None = None,
) -> Starlette:
    """The ASGI app. `account` is the one of the settings unless given; so is the bus. A server process lets it handle
    signals, so that it stops in order. The `companion` goes on as long as the app does.

    Starting it opens the database and raises SettingsError with one sentence where that cannot be.
    """
    known_account = account or load_account(settings.account_file)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running(settings, known_account, clock, bus or made_bus(settings)) as runtime:
            app.state.runtime = runtime
            in_order = stopping_in_order(runtime.live, settings.drain_seconds) if handles_signals else nullcontext()
            async with _accompanied(companion, runtime):
                with in_order:
                    yield

    app = Starlette(middleware=_middleware(settings), lifespan=lifespan)
    app.router.routes.extend(_routes(settings, app))
    app.router.redirect_slashes = False
    return app


@contextlib.asynccontextmanager
async def _accompanied(companion: Companion | None, runtime: Runtime) -> AsyncIterator[None]:
    if companion is None:
        yield
        return
    task = asyncio.ensure_future(companion(runtime))
    task.add_done_callback(_told)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _told(companion: "asyncio.Future[None]") -> None:
    """Nobody waits for it until the app ends: what ended it before would be heard of by nobody."""
    if not companion.cancelled() and (error := companion.exception()) is not None:
        log.error("what goes on beside the server has ended", exc_info=error)


@contextlib.asynccontextmanager
async def running(settings: Settings, account: Account, clock: Clock, bus: Bus) -> AsyncIterator[Runtime]:
    """Opens what a process needs, keeps its background work going, and closes everything in the opposite order."""
    caches = Caches.of(settings)
    segments = Segments(account, segment_rules(account, the_schema()), clock)
    store = await open_store(
        parse_address(settings.database_url),
        bus,
        settings.pool_size,
        settings.direct_connections,
        settings.combined_reads,
        generations=caches.generations(),
        patience_seconds=settings.execution_timeout_seconds * PATIENCE,
        keepers=(segments.keep,),
    )
    panels = None
    try:
        await _declare(segments, store)
        panels = caches.panels()
        services = Services(store, account, clock, panels)
        keys = KeyRing(store, clock, settings.development_key, settings.key_check_seconds)
        live = LiveConnections(keys, settings.key_check_seconds)
        operations = Operations(
            the_schema(),
            services,
            settings.execution_timeout_seconds,
            settings.introspection,
            logs_messages=settings.development_key is not None,
            compiler=Compiler(settings.compile_after) if settings.executor == "compiled" else None,
        )
        answers = None
        if panels is not None and settings.answer_cache_megabytes:
            limit_bytes = settings.answer_cache_megabytes * 2**20
            answers = Answers(operations, panels.cache.currency, clock, limit_bytes, settings.list_cache_seconds)
        background = [
            asyncio.create_task(relay(store, clock, settings.outbox_interval_seconds), name="relay"),
            asyncio.create_task(live.watch(), name="live-keys"),
            asyncio.create_task(_write_uses(keys), name="key-uses"),
        ]
        if answers is not None:
            background.append(asyncio.create_task(answers.forget_old(), name="old-answers"))
        try:
            yield Runtime(
                services,
                keys,
                live,
                GraphQLOverHTTP(operations, keys, live, settings, answers),
                GraphQLOverWebSocket(operations, keys, live, settings),
                answers,
            )
        finally:
            live.stop()
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await keys.write_uses()
    finally:
        if panels is not None:
            await panels.close()
        await store.close()


async def _declare(segments: Segments, store: Store) -> None:
    """Writes the segments of the account's file once the database has its tables; before, the first write will."""
    try:
        is_migrated = (await standing(store)).is_at_head
    except ProfileError:
        return
    if is_migrated:
        await segments.declare(store)


def made_bus(settings: Settings) -> Bus:
    """The bus that the settings ask for."""
    if settings.redis_url is None:
        return MemoryBus()
    return RedisBus(Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=15))


def _routes(settings: Settings, app: Starlette) -> list[BaseRoute]:
    async def readiness_of(app: Starlette) -> list[str]:
        runtime: Runtime = app.state.runtime
        return await reasons(runtime.store, runtime.live)

    routes: list[BaseRoute] = [
        Route(ENDPOINT, _Endpoint()),
        WebSocketRoute(ENDPOINT, _Endpoint()),
        *health_routes(readiness_of),
    ]
    if settings.graphiql:
        routes += graphiql_routes(lambda: page_config(settings, app.state.runtime.store), STATIC)
    return routes


class EndpointFirst:
    """Hands questions to the endpoint before Starlette looks through its routes: that costs as much as a kept answer.

    An app mounted below another has a path that begins with the other's: there the routes decide.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._endpoint = _Endpoint()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_question = scope["type"] == "http" and scope["path"] == ENDPOINT and not scope.get("root_path")
        await (self._endpoint if is_question else self._app)(scope, receive, send)


class _Endpoint:
    """Hands a request to the runtime, which exists only while the app runs. (A class: Starlette wraps functions.)"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime: Runtime = scope["app"].state.runtime
        endpoint = runtime.websocket if scope["type"] == "websocket" else runtime.http
        await endpoint(scope, receive, send)


def _middleware(settings: Settings) -> Sequence[Middleware]:
    middleware = []
    if settings.development_key is not None:
        middleware.append(Middleware(LoopbackHosts))
    if settings.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.allowed_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type"],
                expose_headers=["X-Request-Id", "Cache-Status"],
                max_age=3600,
            )
        )
    middleware.append(Middleware(EndpointFirst))
    return middleware


async def page_config(settings: Settings, store: Store) -> PageConfig:
    """What GraphiQL is told. The development key is among it, which is why it exists on the loopback only; without it
    nobody in the database is named either."""
    is_demo = settings.development_key is not None
    wanted = settings.graphiql_customer
    found = await store.answer(customers_by_identifier(SYSTEM, [wanted], IdentifierKind.EXTERNAL_ID)) if is_demo else {}
    return {
        "endpoint": ENDPOINT,
        "subscriptionEndpoint": ENDPOINT,
        "developmentKey": settings.development_key,
        "demoCustomerId": encode("Customer", found[wanted]) if wanted in found else None,
        "demoExternalId": wanted if wanted in found else None,
        "version": version("profile-gateway"),
    }


async def _write_uses(keys: KeyRing) -> None:
    while True:
        await asyncio.sleep(USES_SECONDS)
        try:
            await keys.write_uses()
        except ProfileError:
            log.warning("the last uses of keys could not be written")
