"""Counts: reads, SQL and Redis round trips, as the gateway itself says them of a request (`extensions.profile`)."""

import json
import re
from typing import Any

import httpx

from benchmarks.stacks import LIST, Page, Stack

COUNTS_OF_CUSTOMERS = (1, 10, 100)


def cold_counts(stack: Stack, page: Page) -> dict[str, Any]:
    """Of a gateway without caches, asked with a key of the scope `debug`: round trips of Q1 and Q2, and Q2's reads by
    the number of customers."""
    profile = _profile(stack, stack.body(page))
    listed = _profile(stack, stack.body(Page(LIST)))
    reads = {str(count): len(_profile(stack, _list_of(stack, count))["loaderBatches"]) for count in COUNTS_OF_CUSTOMERS}
    return {
        "q1": profile["sqlRoundTrips"],
        "q1_statements": profile["sqlStatements"],
        "q1_batches": profile["loaderBatches"],
        "q2": listed["sqlRoundTrips"],
        "q2_batches": listed["loaderBatches"],
        "reads": reads,
    }


def warm_counts(stack: Stack, page: Page) -> dict[str, Any]:
    """Of a gateway with caches, once every panel has been read: by a document that is new, so that no finished answer
    of it can be there. A Redis count that the gateway does not give is None."""
    _profile(stack, stack.body(page))
    profile = _profile(stack, stack.body(page, 9_000_001), times=1)
    return {
        "sql": profile["sqlStatements"],
        "redis": profile.get("redisRoundTrips"),
        "batches": profile["loaderBatches"],
    }


def with_key(stack: Stack, key: str) -> Stack:
    """The same stack asked with another key."""
    return Stack(
        stack.name, stack.port, stack.pid, stack.path, {**stack.headers, "authorization": f"Bearer {key}"},
        stack.documents, stack.variables, stack.meaning, stack.cursors,
    )  # fmt: skip


def _list_of(stack: Stack, count: int) -> bytes:
    document = re.sub(r"customers\(first: \d+", f"customers(first: {count}", stack.documents[LIST])
    return json.dumps({"query": document}).encode()


def _profile(stack: Stack, body: bytes, times: int = 2) -> dict[str, Any]:
    """What a request cost; a cold one is asked a second time, so that nothing is counted which is learned only once."""
    url = f"http://127.0.0.1:{stack.port}{stack.path}"
    for _ in range(times):
        answer = httpx.post(
            url, content=body, headers={**stack.headers, "content-type": "application/json"}, timeout=60
        )
    profile: dict[str, Any] = answer.json()["extensions"]["profile"]
    return profile
