"""Compression: which answers travel as gzip, asked over real connections."""

import gzip
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest

from gateway import compression
from gateway.accept import Coding, negotiated_coding
from tests.gateway_client import Gateway

# How bytes travel does not depend on the database.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

SMALL = "{ __typename }"
# The answer repeats each alias; a document may have thirty.
LARGE = f"{{ {' '.join(f'{letter * 60}: __typename' for letter in 'abcdefghijklmnopqrstuvwxyz')} }}"


class Sent(NamedTuple):
    """An answer as it travelled."""

    status: int
    headers: httpx.Headers
    raw: bytes

    @property
    def plain(self) -> bytes:
        """What the bytes mean."""
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw


@pytest.fixture
async def client(gateway: Gateway, address: str) -> AsyncIterator[httpx.AsyncClient]:
    key = await gateway.key(["profile:read"])
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers) as made:
        del made.headers["accept-encoding"]
        yield made


async def sent(client: httpx.AsyncClient, query: str, accept_encoding: str | None, **headers: str) -> Sent:
    if accept_encoding is not None:
        headers["Accept-Encoding"] = accept_encoding
    async with client.stream("POST", "/graphql", json={"query": query}, headers=headers) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    if not response.headers["content-type"].startswith("text/event-stream"):
        assert response.headers["content-length"] == str(len(raw))
    return Sent(response.status_code, response.headers, raw)


async def test_an_answer_above_a_kilobyte_is_gzip_for_who_asks(client: httpx.AsyncClient) -> None:
    plain = await sent(client, LARGE, None)
    asked = await sent(client, LARGE, "gzip, deflate, br")
    assert ("content-encoding" in plain.headers, asked.headers["content-encoding"]) == (False, "gzip")
    assert len(plain.raw) > 1024 > len(asked.raw)
    assert asked.plain == plain.raw


async def test_a_small_answer_is_not_compressed(client: httpx.AsyncClient) -> None:
    answer = await sent(client, SMALL, "gzip")
    assert ("content-encoding" in answer.headers, answer.raw) == (False, b'{"data":{"__typename":"Query"}}')


async def test_who_refuses_plain_bytes_gets_even_a_small_answer_as_gzip(client: httpx.AsyncClient) -> None:
    answer = await sent(client, SMALL, "gzip, identity;q=0")
    assert (answer.headers["content-encoding"], answer.plain) == ("gzip", b'{"data":{"__typename":"Query"}}')


@pytest.mark.parametrize("accept_encoding", ["identity;q=0", "*;q=0", "br, identity;q=0", "gzip;q=0, *;q=0"])
async def test_who_takes_neither_gets_406_and_nothing_is_run(client: httpx.AsyncClient, accept_encoding: str) -> None:
    answer = await sent(client, LARGE, accept_encoding)
    assert (answer.status, b'"data"' in answer.raw) == (406, False)


async def test_every_answer_says_that_it_depends_on_the_coding_asked_for(client: httpx.AsyncClient) -> None:
    for query in (SMALL, LARGE, "{"):
        for accept_encoding in (None, "gzip"):
            vary = (await sent(client, query, accept_encoding)).headers["vary"]
            assert "Accept-Encoding" in vary.split(", ")


async def test_an_event_stream_is_never_compressed(client: httpx.AsyncClient) -> None:
    answer = await sent(client, LARGE, "gzip, identity;q=0", Accept="text/event-stream")
    assert ("content-encoding" in answer.headers, answer.raw[:11]) == (False, b"event: next")


async def test_a_refusal_above_a_kilobyte_is_compressed_too(client: httpx.AsyncClient) -> None:
    unknown = f"{{ {' '.join(f'unknown{number}' for number in range(20))} }}"
    answer = await sent(client, unknown, "gzip")
    assert (answer.headers["content-encoding"], answer.plain[:11]) == ("gzip", b'{"errors":[')


async def test_a_very_large_answer_is_compressed_in_a_thread_to_the_same_bytes(dialect: str) -> None:
    body = b"profile " * (compression.LARGE_BYTES // 8)
    assert gzip.decompress(await compression.gzipped(body)) == body


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        (None, Coding.PLAIN),
        ("", Coding.PLAIN),
        ("identity", Coding.PLAIN),
        ("br, zstd", Coding.PLAIN),
        ("gzip", Coding.EITHER),
        ("x-gzip", Coding.EITHER),
        ("GZip", Coding.EITHER),
        ("*", Coding.EITHER),
        ("gzip;q=0.001", Coding.EITHER),
        ("gzip;q=0", Coding.PLAIN),
        ("gzip;q=0, *", Coding.PLAIN),
        ("gzip;q=0.5, identity;q=0.9", Coding.PLAIN),
        ("gzip;q=0.9, identity;q=0.5", Coding.EITHER),
        ("gzip;q=wrong", Coding.PLAIN),
        ("gzip, identity;q=0", Coding.GZIP),
        ("gzip, *;q=0", Coding.GZIP),
        ("*;q=0.5, identity;q=0", Coding.GZIP),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("*;q=0, identity", Coding.PLAIN),
        ("gzip" + " " * 600, Coding.EITHER),
    ],
)
def test_the_weights_of_the_header_decide(accept_encoding: str | None, coding: Coding | None, dialect: str) -> None:
    assert negotiated_coding(accept_encoding) is coding
