"""Accept: which of the media types that an answer can have the client ranks first."""

from typing import NamedTuple

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
OFFERED = (RESPONSE, JSON, EVENTS)


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
    if accept is None or not accept.strip():
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
