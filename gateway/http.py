"""GraphQL over HTTP, by its draft specification: one operation a request, checked before anything is run."""

import logging
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from gateway.accept import EVENTS, JSON, RESPONSE, Coding, negotiated, negotiated_coding
from gateway.answers import Answers, How
from gateway.errors import PayloadTooLarge
from gateway.events import EventStream
from gateway.identity import Grant, KeyRing
from gateway.json import as_json
from gateway.live import LiveConnections
from gateway.operations import Answer, Operations, Question, new_request_id, only_streamed, refused
from gateway.replies import Body, Headers, Reply
from gateway.settings import Settings
from profiles.errors import BadRequest, ProfileError, Unauthenticated

log = logging.getLogger("profile_gateway.http")
METHODS = ("GET", "POST")
UNAVAILABLE = 503
CACHE_STATUS: dict[How, Headers] = {how: ((b"cache-status", f"profile-gateway; {how}".encode()),) for how in How}


class Refused(Exception):
    """A request that is answered without running anything, with a status and headers of its own."""

    def __init__(self, error: ProfileError, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.status = status
        self.headers = headers or {}


class ClientGone(Exception):
    """Who asked has left before the question was whole: there is nobody to answer."""


class Incoming:
    """A request: its headers read once, its body as it comes. (Starlette's own reads them again for each question.)"""

    __slots__ = ("_headers", "_receive", "_scope", "method")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        if len(self._headers) != len(scope["headers"]):
            # A header that comes twice is a list in two parts. A second key is thus no key at all.
            self._headers.clear()
            for name, value in scope["headers"]:
                earlier = self._headers.get(name)
                self._headers[name] = value if earlier is None else earlier + b", " + value

    def header(self, name: bytes) -> str | None:
        """A header by its name in small letters."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def client_host(self) -> str | None:
        """The address of who is connected."""
        client = self._scope.get("client")
        return client[0] if client else None

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(QueryParams(self._scope["query_string"]))

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises ClientGone, and Refused as soon as it is known to have more than `limit` bytes."""
        said = self.header(b"content-length") or ""
        if said.isdigit() and int(said) > limit:
            raise _too_large(limit)
        body = b""
        is_more = True
        while is_more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            body = body + part if body else part
            if len(body) > limit:
                raise _too_large(limit)
            is_more = message.get("more_body", False)
        return body


class GraphQLOverHTTP:
    """The endpoint for GET and POST."""

    def __init__(
        self,
        operations: Operations,
        keys: KeyRing,
        live: LiveConnections,
        settings: Settings,
        answers: Answers | None = None,
    ) -> None:
        self._operations = operations
        self._answers = answers
        self._keys = keys
        self._live = live
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Incoming(scope, receive)
        request_id = new_request_id()
        media = negotiated(request.header(b"accept"))
        coding = negotiated_coding(request.header(b"accept-encoding"))
        try:
            reply = await self._reply(request, request_id, media, coding)
        except Refused as refusal:
            answer = refused(refusal.error, self._operations.masking(None, request_id))
            shown = JSON if media in (None, EVENTS) else media
            headers = tuple((name.lower().encode(), value.encode()) for name, value in refusal.headers.items())
            reply = replied(answer, shown, refusal.status, headers)
        except ClientGone:
            return
        if isinstance(reply, EventStream):
            await reply(scope, receive, send)
        else:
            await reply.send(send, coding or Coding.PLAIN, request_id)

    async def _reply(
        self, request: Incoming, request_id: str, media: str | None, coding: Coding | None
    ) -> Reply | EventStream:
        if request.method not in METHODS:
            raise Refused(BadRequest("Use GET or POST."), 405, {"Allow": ", ".join(METHODS)})
        if media is None:
            raise Refused(BadRequest(f"The answer can be {RESPONSE}, {JSON} or, streamed, {EVENTS}."), 406)
        if coding is None:
            raise Refused(BadRequest("The answer can be sent as gzip or as it is."), 406)
        grant = await self._admitted(request)
        question = await self._question(request)
        answers = self._answers if media != EVENTS else None
        asked = answers.asked(question, grant.viewer) if answers is not None else None
        if answers is not None and asked is not None and (kept := await answers.find(asked)) is not None:
            return Reply(answers.body(kept, None, grant.viewer), media, 200, CACHE_STATUS[How.HIT])
        prepared = self._operations.prepare(question, grant.viewer, request_id)
        if isinstance(prepared, Answer):
            if media == EVENTS:
                # A browser's event source shows no body of a failed request, so the refusal comes as an event.
                return EventStream(_once(prepared), grant, self._live, self._settings, request_id)
            return replied(prepared, media)
        if request.method == "GET" and not prepared.is_query:
            raise Refused(BadRequest("GET is for queries only; send this as POST."), 405, {"Allow": "POST"})
        if media == EVENTS:
            return EventStream(self._operations.stream(prepared), grant, self._live, self._settings, request_id)
        if prepared.is_subscription:
            raise Refused(only_streamed(), 400)
        if answers is None or asked is None or not prepared.is_query:
            return replied(await self._operations.run(prepared), media)
        how, kept, answer = await answers.made(asked, prepared)
        if kept is not None:
            return Reply(answers.body(kept, answer, grant.viewer), media, 200, CACHE_STATUS[how])
        if answer is None:
            raise AssertionError("an answer that is not kept was run for this asker")
        return replied(answer, media, headers=CACHE_STATUS[how])

    async def _admitted(self, request: Incoming) -> Grant:
        """Whose request it is. The key comes in a header that no other site can make a browser send by itself, which
        also protects GET: there is no cookie to ride on."""
        try:
            return await self._keys.admit(request.header(b"authorization"), request.client_host)
        except Unauthenticated as error:
            raise Refused(error, 401, {"WWW-Authenticate": 'Bearer realm="profile-gateway"'}) from None
        except ProfileError as error:
            raise Refused(error, UNAVAILABLE, {"Retry-After": "1"}) from None

    async def _question(self, request: Incoming) -> Question:
        if request.method == "GET":
            return question_of(_read_parameters(request.parameters))
        said = request.header(b"content-type") or ""
        # Most clients send exactly this.
        if said != JSON and not _is_json(said):
            raise Refused(BadRequest(f"Send the request as {JSON}, in UTF-8."), 415)
        return question_of(parsed(await request.body(self._settings.body_limit_bytes)))


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


def replied(answer: Answer, media: str, status: int | None = None, headers: Headers = ()) -> Reply:
    """An answer as HTTP sends it; its status follows from what it is, unless given."""
    if status is None:
        is_ours = any(error["extensions"]["code"] == "INTERNAL" for error in answer.errors)
        status = 500 if answer.is_refusal and is_ours else 400 if answer.is_refusal and media == RESPONSE else 200
    return Reply(Body(as_json(answer.body)), media, status, headers)


async def _once(answer: Answer) -> Any:
    yield answer


def _too_large(limit: int) -> Refused:
    return Refused(PayloadTooLarge(f"A request may have {limit} bytes."), 413, {"Connection": "close"})


def _is_json(content_type: str) -> bool:
    media, _, parameters = content_type.partition(";")
    return media.strip().lower() == JSON and _is_utf8(parameters)


def _is_utf8(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return False
    return True


def _read_parameters(sent: dict[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = dict(sent)
    for name in ("variables", "extensions"):
        if name in sent:
            read[name] = parsed(sent[name]) if sent[name] else None
    return read
