"""Accept: which of the media types and codings that an answer can have the client ranks first."""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
OFFERED = (RESPONSE, JSON, EVENTS)
GZIP_NAMES = ("gzip", "x-gzip")
# Clients send the same few headers again and again; a longer one than any of them is read each time.
KEPT_HEADERS = 256
LONGEST_KEPT = 512


class Coding(Enum):
    """How the bytes of an answer may travel."""

    PLAIN = "plain"
    """As they are."""
    EITHER = "either"
    """As they are, or as gzip where that is worth it."""
    GZIP = "gzip"
    """As gzip only."""


class Range(NamedTuple):
    """One media range of an Accept header, its weight, and its place in the header."""

    type: str
    quality: float
    place: int


def negotiated(accept: str | None) -> str | None:
    """The media type to answer with; None where the client accepts none of them.

    Without a header, and for a bare wildcard, it is application/json, which every client reads. Events are sent only to
    a client that ranks them first: many list them last, behind JSON, for everything they send.
    """
    if accept is None:
        return JSON
    return _negotiated(accept) if len(accept) <= LONGEST_KEPT else _negotiated.__wrapped__(accept)


def negotiated_coding(accept_encoding: str | None) -> Coding | None:
    """How the answer may travel (RFC 9110, 12.5.3); None where the client accepts neither plain bytes nor gzip."""
    if accept_encoding is None:
        return Coding.PLAIN
    if len(accept_encoding) > LONGEST_KEPT:
        return _negotiated_coding.__wrapped__(accept_encoding)
    return _negotiated_coding(accept_encoding)


@lru_cache(maxsize=KEPT_HEADERS)
def _negotiated(accept: str) -> str | None:
    if not accept.strip():
        return JSON
    ranges = _ranges(accept)
    best: tuple[float, int, str] | None = None
    for offered in OFFERED:
        matched = _match(offered, ranges)
        if matched is None or matched.quality <= 0:
            continue
        if "*" in matched.type:
            # A wildcard asks for nothing in particular, and an endless answer least of all.
            if offered == EVENTS:
                continue
            offered = JSON if matched.type == "*/*" or offered == JSON else offered
        rank = (matched.quality, -matched.place, offered)
        if best is None or rank[:2] > best[:2]:
            best = rank
    return best[2] if best else None


@lru_cache(maxsize=KEPT_HEADERS)
def _negotiated_coding(accept_encoding: str) -> Coding | None:
    said = {each.type: each.quality for each in reversed(_ranges(accept_encoding))}
    others = said.get("*")
    gzip = max((said[name] for name in GZIP_NAMES if name in said), default=others or 0.0)
    plain = said.get("identity", others)
    if plain == 0:
        return Coding.GZIP if gzip > 0 else None
    # Plain bytes are always welcome unless refused, but preferred only where they are named.
    return Coding.EITHER if gzip > 0 and gzip >= (said.get("identity") or 0.0) else Coding.PLAIN


def _ranges(accept: str) -> list[Range]:
    ranges = []
    for place, part in enumerate(accept.split(",")):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if media:
            ranges.append(Range(media.lower(), min(max(quality, 0.0), 1.0), place))
    return ranges


def _match(offered: str, ranges: list[Range]) -> Range | None:
    """The most specific range that names the type: its weight counts, even when it is lower."""
    family = offered.split("/")[0] + "/*"
    for wanted in (offered, family, "*/*"):
        for candidate in ranges:
            if candidate.type == wanted:
                return candidate
    return None
