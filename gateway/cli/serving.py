"""The command that serves, and the app as a server process makes it."""

import asyncio
import gc
import logging
import os
import socket
from importlib.metadata import version
from typing import Annotated

import typer
import uvicorn
from rich.table import Table
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from gateway.app import STATIC, Runtime, create_app, the_schema
from gateway.cli.console import err
from gateway.cli.database import opened
from gateway.cli.segments import rules_of
from gateway.settings import PREFIX, Settings, read_settings
from profiles.account import load_account
from profiles.errors import SettingsError
from profiles.segment_rules import Segments
from profiles.storage.address import parse_address
from sources.visitor import Visitor

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# A worker that is busy for a while is no dead one: ending it would cut off all its clients.
HEALTH_SECONDS = 30
# How many objects more than before let the collector look for circles. Operations leave none behind, but sixteen lists
# under way at once are some ten thousand objects, at which it would look in vain, and nobody is answered while it does.
OBJECTS_PER_COLLECTION = 50_000
KEEP_ALIVE_SECONDS = 65  # longer than the usual load balancer's 60, so that it is never us who hang up first


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; 0 takes any free one.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one need Redis.")] = 1,
) -> None:
    """Serve GraphQL over HTTP and WebSocket, and GraphiQL."""
    run(read_settings(host=host, port=port), workers, "make_app")


def serve_demo(
    host: Annotated[str | None, typer.Option()] = None,
    port: Annotated[int | None, typer.Option()] = None,
) -> None:
    """Serve the demo data, with a visitor on the site; `demo` does it when the data is there."""
    settings = read_settings(host=host, port=port)
    if settings.development_key is None:
        raise SettingsError(f"The demo is served with a development key: set {PREFIX}DEVELOPMENT_KEY.")
    guest = f"customer {settings.graphiql_customer} is on the site as long as this runs"
    run(settings, 1, "make_demo_app", {"Visitor": guest})


def run(settings: Settings, workers: int, factory: str, more: dict[str, str] | None = None) -> None:
    """Serves the app that the `factory` of this module makes, until it is stopped; the greeting says `more`."""
    settings.require_consistent(workers)
    asyncio.run(_can_be_opened(settings, rules_of(load_account(settings.account_file))))
    listening = listen(settings)
    # Each server process reads the settings by itself, so what the command line said has to be among them.
    os.environ[f"{PREFIX}HOST"] = settings.host
    os.environ[f"{PREFIX}PORT"] = str(listening.getsockname()[1])
    config = uvicorn.Config(
        f"gateway.cli.serving:{factory}",
        factory=True,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
        timeout_worker_healthcheck=HEALTH_SECONDS,
        ws_max_size=settings.message_limit_bytes,
        # A compressor each would cost every idle subscriber more memory than all the rest of it.
        ws_per_message_deflate=False,
    )
    _configure_logging()
    _greet(settings, listening, workers, more or {})
    if workers > 1:
        Multiprocess(config, [listening]).run()
    else:
        uvicorn.Server(config).run([listening])


def make_app() -> Starlette:
    """The app of one server process."""
    _configure_logging()
    return _ready(create_app(read_settings(), handles_signals=True))


def make_demo_app() -> Starlette:
    """The app of the demo's server process, which has a visitor."""
    _configure_logging()
    settings = read_settings()

    async def visit(runtime: Runtime) -> None:
        services = runtime.services
        await Visitor(services.store, services.account, services.clock, settings.graphiql_customer).look_around()

    return _ready(create_app(settings, handles_signals=True, companion=visit))


def _ready(app: Starlette) -> Starlette:
    the_schema()
    _collect_less()
    return app


def _collect_less() -> None:
    """What is there now (the schema, the libraries) stays until the process ends: no collection looks at it again."""
    gc.collect()
    gc.freeze()
    _, middle, oldest = gc.get_threshold()
    gc.set_threshold(OBJECTS_PER_COLLECTION, middle, oldest)


def _configure_logging() -> None:
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    logging.getLogger("profile_gateway").setLevel(logging.INFO)


async def _can_be_opened(settings: Settings, segments: Segments) -> None:
    async with opened(settings) as store:
        await segments.declare(store)


def listen(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else "there is no such address"
        raise SettingsError(f"{settings.host}:{settings.port} cannot be listened on: {why}.") from error
    listening.set_inheritable(True)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Connections inherit it. A client that never reads keeps even a closed connection, with all that is buffered
        # for it, until the system gives it up.
        milliseconds = round(settings.send_timeout_seconds * 2_000)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    return listening


def _greet(settings: Settings, listening: socket.socket, workers: int, more: dict[str, str]) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{listening.getsockname()[1]}"
    page = url if (STATIC / "index.html").is_file() else "not built (`make web` builds it)"
    lines = {
        "GraphiQL": page if settings.graphiql else "off",
        "GraphQL": f"{url}/graphql",
        "Database": parse_address(settings.database_url).shown,
        "Events": "Redis" if settings.redis_url else "inside this process",
        "Workers": str(workers),
        **more,
        "Key": f"{settings.development_key}  (development key: every scope, this machine only)"
        if settings.development_key
        else "made by `profile-gateway keys create`",
    }
    err.print(f"[bold]Profile Gateway[/] {version('profile-gateway')}, Ctrl+C stops it")
    table = Table(box=None, show_header=False, padding=(0, 2))
    for name, value in lines.items():
        table.add_row(f"[dim]{name}[/]", value)
    err.print(table)
