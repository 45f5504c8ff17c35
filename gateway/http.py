"""GraphQL over HTTP, by its draft specification: one operation a request, checked before anything is run."""

import logging
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.accept import EVENTS, JSON, RESPONSE, negotiated
from gateway.errors import PayloadTooLarge
from gateway.events import EventStream
from gateway.identity import Grant, KeyRing
from gateway.live import LiveConnections
from gateway.operations import Answer, Operations, Question, new_request_id, only_streamed, refused
from gateway.settings import Settings
from profiles.errors import BadRequest, ProfileError, Unauthenticated

log = logging.getLogger("profile_gateway.http")
METHODS = ("GET", "POST")
UNAVAILABLE = 503
NEVER_STORED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Refused(Exception):
    """A request that is answered without running anything, with a status and headers of its own."""

    def __init__(self, error: ProfileError, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.status = status
        self.headers = headers or {}


class GraphQLOverHTTP:
    """The endpoint for GET and POST."""

    def __init__(self, operations: Operations, keys: KeyRing, live: LiveConnections, settings: Settings) -> None:
        self._operations = operations
        self._keys = keys
        self._live = live
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = new_request_id()
        media = negotiated(request.headers.get("accept"))
        try:
            response = await self._answer(request, request_id, media)
        except Refused as refusal:
            answer = refused(refusal.error, self._operations.masking(None, request_id))
            shown = JSON if media in (None, EVENTS) else media
            response = encoded(answer, shown, request_id, refusal.status, refusal.headers)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request, request_id: str, media: str | None) -> Any:
        if request.method not in METHODS:
            raise Refused(BadRequest("Use GET or POST."), 405, {"Allow": ", ".join(METHODS)})
        if media is None:
            raise Refused(BadRequest(f"The answer can be {RESPONSE}, {JSON} or, streamed, {EVENTS}."), 406)
        grant = await self._admitted(request)
        question = await self._question(request)
        prepared = self._operations.prepare(question, grant.viewer, request_id)
        if isinstance(prepared, Answer):
            if media == EVENTS:
                # A browser's event source shows no body of a failed request, so the refusal comes as an event.
                return EventStream(_once(prepared), grant, self._live, self._settings, request_id)
            return encoded(prepared, media, request_id)
        if request.method == "GET" and not prepared.is_query:
            raise Refused(BadRequest("GET is for queries only; send this as POST."), 405, {"Allow": "POST"})
        if media == EVENTS:
            return EventStream(self._operations.stream(prepared), grant, self._live, self._settings, request_id)
        if prepared.is_subscription:
            raise Refused(only_streamed(), 400)
        return encoded(await self._operations.run(prepared), media, request_id)

    async def _admitted(self, request: Request) -> Grant:
        """Whose request it is. The key comes in a header that no other site can make a browser send by itself, which
        also protects GET: there is no cookie to ride on."""
        try:
            return await self._keys.admit(request.headers.get("authorization"), request.client and request.client.host)
        except Unauthenticated as error:
            raise Refused(error, 401, {"WWW-Authenticate": 'Bearer realm="profile-gateway"'}) from None
        except ProfileError as error:
            raise Refused(error, UNAVAILABLE, {"Retry-After": "1"}) from None

    async def _question(self, request: Request) -> Question:
        if request.method == "GET":
            return question_of(_query_parameters(request))
        media, _, parameters = request.headers.get("content-type", "").partition(";")
        if media.strip().lower() != JSON or not _is_utf8(parameters):
            raise Refused(BadRequest(f"Send the request as {JSON}, in UTF-8."), 415)
        return question_of(parsed(await self._body(request)))

    async def _body(self, request: Request) -> bytes:
        limit = self._settings.body_limit_bytes
        said = request.headers.get("content-length", "")
        too_large = Refused(PayloadTooLarge(f"A request may have {limit} bytes."), 413, {"Connection": "close"})
        if said.isdigit() and int(said) > limit:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
        return bytes(body)


def parsed(body: bytes | str) -> Any:
    """JSON as a value. Raises Refused for bad UTF-8, bad JSON, and nesting beyond what anyone means."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(BadRequest("The request is not valid JSON in UTF-8."), 400) from None


def question_of(sent: Any) -> Question:
    """What a client asks, from its JSON object. Raises Refused."""
    if isinstance(sent, list):
        raise Refused(BadRequest("One operation a request: batches are not accepted."), 400)
    if not isinstance(sent, dict):
        raise Refused(BadRequest("The request must be a JSON object."), 400)
    query, variables, name, extensions = (
        sent.get(key) for key in ("query", "variables", "operationName", "extensions")
    )
    if not isinstance(query, str) or not query.strip():
        raise Refused(BadRequest("`query` must be a text with a GraphQL document."), 400)
    if variables is not None and not isinstance(variables, dict):
        raise Refused(BadRequest("`variables` must be an object."), 400)
    if name is not None and not isinstance(name, str):
        raise Refused(BadRequest("`operationName` must be a text."), 400)
    if extensions is not None and not isinstance(extensions, dict):
        raise Refused(BadRequest("`extensions` must be an object."), 400)
    return Question(query, variables, name or None)


def encoded(
    answer: Answer, media: str, request_id: str, status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """An answer as a response. A refusal of a well-formed request is 400, but 200 for application/json, as the
    specification wants for clients from before it."""
    if status is None:
        is_ours = any(error["extensions"]["code"] == "INTERNAL" for error in answer.errors)
        status = 500 if answer.is_refusal and is_ours else 400 if answer.is_refusal and media == RESPONSE else 200
    return Response(
        orjson.dumps(answer.body),
        status_code=status,
        headers={
            **NEVER_STORED,
            "Content-Type": f"{media}; charset=utf-8",
            "X-Request-Id": request_id,
            "Vary": "Accept, Authorization",
            **(headers or {}),
        },
    )


async def _once(answer: Answer) -> Any:
    yield answer


def _is_utf8(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return False
    return True


def _query_parameters(request: Request) -> dict[str, Any]:
    sent: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if isinstance(sent.get(name), str):
            sent[name] = parsed(sent[name]) if sent[name] else None
    return sent
