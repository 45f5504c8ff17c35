"""Stacks: the gateway and its peers as processes, how each is asked for a page, and what its answer means."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis

from benchmarks.answers import global_ids, plain_ids, postgraphile
from resolvers.ids import encode

HERE = Path(__file__).resolve().parent
PROFILE_PAGE, LIST = "profile-page", "list"
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page to ask for: of a customer, or of the list behind a place (`at` and `id` of the last before it)."""

    kind: str
    customer_id: int = 0
    number: int = 0
    at: str | None = None
    last_id: int | None = None


@dataclass
class Stack:
    """A running server. `cursors[n]` is where page n of the list begins, in its own words; None is the beginning."""

    name: str
    port: int
    pid: int
    path: str
    headers: dict[str, str]
    documents: dict[str, str]
    variables: Callable[[Page, list[str | None]], dict[str, Any]]
    meaning: Callable[[str, Any], Any]
    cursors: list[str | None] = field(default_factory=lambda: [None])

    def body(self, page: Page, unseen: int | None = None) -> bytes:
        """What is posted; `unseen` is a number that makes it a document that nobody has seen before."""
        query = self.documents[page.kind]
        if unseen is not None:
            query = re.sub(r"customer(?=\(|:)", f"seen{unseen}: customer", query, count=1)
            query = query.replace(": customer:", ":") + f"# {unseen}"
        return json.dumps({"query": query, "variables": self.variables(page, self.cursors)}).encode()

    def request(self, page: Page, unseen: int | None = None) -> str:
        """A whole HTTP request, each character a byte."""
        return self.posted(self.path, self.body(page, unseen))

    def posted(self, path: str, body: bytes) -> str:
        """A POST of the body."""
        lines = [
            f"POST {path} HTTP/1.1",
            f"host: 127.0.0.1:{self.port}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body.decode("latin-1")

    def answer(self, page: Page) -> Any:
        """The answer as it came."""
        return self._post(self.body(page))

    def meant(self, page: Page) -> Any:
        """The answer in the words that all stacks share."""
        return self.meaning(page.kind, self.answer(page))

    def raw(self, page: Page) -> bytes:
        """The bytes of the answer."""
        return self._response(self.body(page), self.path).content

    def find_cursors(self, document: str, count: int) -> None:
        """Walks the list and notes where each of the first pages begins."""
        for _ in range(count):
            answer = self._post(json.dumps({"query": document, "variables": {"after": self.cursors[-1]}}).encode())
            self.cursors.append(answer["data"]["customers"]["pageInfo"]["endCursor"])

    def _post(self, body: bytes, path: str | None = None) -> Any:
        return self._response(body, path or self.path).json()

    def _response(self, body: bytes, path: str) -> httpx.Response:
        sent = {**self.headers, "content-type": "application/json"}
        response = httpx.post(f"http://127.0.0.1:{self.port}{path}", content=body, headers=sent, timeout=60)
        if response.status_code != httpx.codes.OK or "errors" in response.json():
            raise RuntimeError(f"{self.name} answered {response.status_code}: {response.text[:2_000]}")
        return response


class LimitStack(Stack):
    """The limit has a path for each page instead of documents."""

    def body(self, page: Page, unseen: int | None = None) -> bytes:
        asked = {"id": page.customer_id} if page.kind == PROFILE_PAGE else {"at": page.at, "id": page.last_id}
        return json.dumps({name: value for name, value in asked.items() if value is not None}).encode()

    def request(self, page: Page, unseen: int | None = None) -> str:
        return self.posted(f"/{page.kind}", self.body(page))

    def answer(self, page: Page) -> Any:
        return {"data": self._post(self.body(page), f"/{page.kind}")}


class KeyedStack(Stack):
    """Finished answers under keys of Redis, each fetched by one GET."""

    redis_url: str

    @classmethod
    def of(cls, serving: Stack, name: str, redis_url: str) -> "KeyedStack":
        """Answered by the process that serves another stack."""
        made = cls(name, serving.port, serving.pid, "/get", serving.headers, {}, serving.variables, serving.meaning)
        made.redis_url = redis_url
        return made

    def body(self, page: Page, unseen: int | None = None) -> bytes:
        return json.dumps({"key": f"benchmark:{page.customer_id}"}).encode()

    async def keep(self, answers: dict[Page, bytes]) -> None:
        """Puts the answers under their keys."""
        async with Redis.from_url(self.redis_url) as redis:
            for page, answer in answers.items():
                await redis.set(f"benchmark:{page.customer_id}", answer)


def gateway_stack(name: str, port: int, pid: int, key: str) -> Stack:
    """The gateway."""
    return Stack(
        name,
        port,
        pid,
        "/graphql",
        {"authorization": f"Bearer {key}", "accept": "application/graphql-response+json"},
        _own_documents(),
        lambda page, cursors: (
            {"id": encode("Customer", page.customer_id)}
            if page.kind == PROFILE_PAGE
            else {"after": cursors[page.number]}
        ),
        global_ids,
    )


def naive_stack(port: int, pid: int) -> Stack:
    """Strawberry, dataloaders and SQLModel sessions."""
    return Stack(
        "naive",
        port,
        pid,
        "/",
        {"accept": "application/json"},
        _own_documents(),
        lambda page, cursors: (
            {"id": str(page.customer_id)} if page.kind == PROFILE_PAGE else {"after": cursors[page.number]}
        ),
        plain_ids,
    )


def limit_stack(port: int, pid: int) -> Stack:
    """Hand-written SQL that builds the JSON."""
    return LimitStack("limit", port, pid, "/", {"accept": "application/json"}, {}, lambda page, cursors: {}, plain_ids)


def postgraphile_stack(port: int, pid: int) -> Stack:
    """PostGraphile."""
    folder = HERE / "peers" / "postgraphile"
    return Stack(
        "PostGraphile",
        port,
        pid,
        "/graphql",
        {"accept": "application/graphql-response+json"},
        {kind: (folder / f"{kind}.graphql").read_text(encoding="utf-8") for kind in (PROFILE_PAGE, LIST)},
        lambda page, cursors: (
            {"rowId": str(page.customer_id)} if page.kind == PROFILE_PAGE else {"after": cursors[page.number]}
        ),
        postgraphile,
    )


WALK = "query ($after: %s) { customers%s(first: 50, after: $after%s) { pageInfo { endCursor } } }"
OWN_WALK = WALK % ("String", "", "")
POSTGRAPHILE_WALK = WALK % ("Cursor", ": allCustomers", ", orderBy: [CREATED_AT_DESC]")


def _own_documents() -> dict[str, str]:
    return {kind: (HERE / "documents" / f"{kind}.graphql").read_text(encoding="utf-8") for kind in (PROFILE_PAGE, LIST)}
