"""GraphiQL: the page at /, its built files, its settings, and the headers that keep it to this host."""

import re
from collections.abc import Awaitable, Callable, Mapping
from os import stat_result
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

PageConfig = Mapping[str, str | None]
"""Keys: endpoint, subscriptionEndpoint, developmentKey, demoCustomerId, demoExternalId, version."""

NOT_BUILT = "GraphiQL is not built yet: `make web` builds it. The API at /graphql answers without it.\n"

# File names under assets/ carry a hash of their content, so a name never means two things.
IMMUTABLE = "public, max-age=31536000, immutable"

EVERY_RESPONSE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# A worker obeys the policy of its own script's response, not the page's. The editor's workers load and call nothing.
ASSET_POLICY = "default-src 'none'"

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")


def page_policy(host: str) -> str:
    """The page's Content-Security-Policy for a request's Host header (`name`, `name:port` or `[address]:port`).

    Styles are the one place with 'unsafe-inline': the editor (Monaco) makes style elements and writes its lines of text
    with style attributes, and takes no nonce. With nothing but this host to load from, a style has nowhere to send what
    it sees. The style sheet embeds fonts and a few icons, hence `data:` for these two. WebSocket addresses are spelled
    out, because not every browser counts them as 'self'; a Host header that is no host name adds none.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self' data:",
            "img-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class BuiltFiles(StaticFiles):
    """The files under assets/, each cacheable for good. All are 404 where the page is not built."""

    async def check_config(self) -> None:
        """Without a build the page itself says what to do; Starlette's own check would answer 500 here."""

    def file_response(
        self, full_path: PathLike, stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update({**EVERY_RESPONSE, "Cache-Control": IMMUTABLE, "Content-Security-Policy": ASSET_POLICY})
        return response


def graphiql_routes(
    config: PageConfig | Callable[[], Awaitable[PageConfig]], static_directory: Path
) -> list[BaseRoute]:
    """The routes `/`, `/graphiql/config.json` and `/graphiql/assets/...`.

    `config` is what the page is told, or how to ask for it at each visit; a development key in it is shown to whoever
    can open the page, so give one only on loopback. `static_directory` is what `make web` built: index.html and
    assets/. Without it `/` answers 503 with a sentence.
    """
    index = anyio.Path(static_directory / "index.html")

    async def page(request: Request) -> Response:
        try:
            html = await index.read_bytes()
        except FileNotFoundError:
            return PlainTextResponse(NOT_BUILT, 503, {**EVERY_RESPONSE, "Cache-Control": "no-store"})
        policy = page_policy(request.headers.get("host", ""))
        headers = {**EVERY_RESPONSE, "Cache-Control": "no-cache", "Content-Security-Policy": policy}
        return Response(html, media_type="text/html", headers=headers)

    async def settings(request: Request) -> Response:
        said = await config() if callable(config) else config
        return JSONResponse(dict(said), headers={**EVERY_RESPONSE, "Cache-Control": "no-store"})

    return [
        Route("/", page),
        Route("/graphiql/config.json", settings),
        Mount("/graphiql/assets", BuiltFiles(directory=static_directory / "assets", check_dir=False)),
    ]
