"""Hosts: with a development key, only requests that call this machine by a loopback name are served."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import is_loopback


class LoopbackHosts:
    """Refuses foreign Host headers: a web page elsewhere could point its own name at this machine (DNS rebinding) and
    read the development key as if it were its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _calls_loopback(_host(scope)):
            refusal = JSONResponse(
                {"errors": [{"message": "Call this gateway by a loopback name.", "extensions": {"code": "FORBIDDEN"}}]},
                421,
            )
            await refusal(scope, receive, send)
            return
        if scope["type"] == "websocket" and not _calls_loopback(_host(scope)):
            await send({"type": "websocket.close", "code": 1008, "reason": "Call this gateway by a loopback name."})
            return
        await self._app(scope, receive, send)


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            host: str = value.decode("latin-1")
            return host
    return ""


def _calls_loopback(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return is_loopback(name)
