"""Replies: finished answers with their status and headers, sent as they are or as gzip."""

from dataclasses import dataclass
from typing import Any

from starlette.types import Send

from gateway.accept import JSON, RESPONSE, Coding
from gateway.compression import WORTH_BYTES, gzipped
from gateway.json import as_json

Headers = tuple[tuple[bytes, bytes], ...]

# What depends on who asks and on how: a proxy that keeps answers in spite of `no-store` must not mix them up.
_VARY = b"Accept, Accept-Encoding, Authorization"
_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), (b"vary", _VARY))
_HEADERS = {
    media: ((b"content-type", f"{media}; charset=utf-8".encode()), *_ALWAYS) for media in (RESPONSE, JSON)
}  # fmt: skip


@dataclass(slots=True)
class Body:
    """The bytes of an answer, and the same as gzip once somebody asked for them."""

    plain: bytes
    gzip: bytes | None = None

    async def compressed(self) -> bytes:
        """As gzip."""
        if self.gzip is None:
            self.gzip = await gzipped(self.plain)
        return self.gzip


def with_profile(plain: bytes, has_extensions: bool, profile: Any) -> bytes:
    """An answer's bytes with `extensions.profile` at their end; extensions are the last that they have."""
    added = b'"profile":' + as_json(profile)
    return plain[:-2] + b"," + added + b"}}" if has_extensions else plain[:-1] + b',"extensions":{' + added + b"}}"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as HTTP sends it. The headers come on top of those that every answer has."""

    body: Body
    media: str
    status: int = 200
    headers: Headers = ()

    async def send(self, send: Send, coding: Coding, request_id: str) -> None:
        """Sends it whole."""
        headers = [*_HEADERS[self.media], *self.headers, (b"x-request-id", request_id.encode())]
        sent = self.body.plain
        if coding is Coding.GZIP or (coding is Coding.EITHER and len(sent) > WORTH_BYTES):
            sent = await self.body.compressed()
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", b"%d" % len(sent)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": sent})
