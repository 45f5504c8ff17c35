"""Garbage: what an answered question leaves behind goes at once, so that the collector has nothing to stop for."""

import gc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.gateway_client import Gateway

DOCUMENTS = Path(__file__).parents[2] / "benchmarks" / "documents"
PAGE = (DOCUMENTS / "profile-page.graphql").read_text(encoding="utf-8")
LIST = (DOCUMENTS / "list.graphql").read_text(encoding="utf-8")
OURS = ("executor", "gateway", "loaders", "profiles", "resolvers")
TIMES = 3


async def left_behind(gateway: Gateway, document: str, variables: dict[str, Any]) -> Counter[str]:
    """Our objects that only the collector can free, after the same question was answered several times."""
    for _ in range(TIMES):
        assert (await gateway.ask(document, variables)).errors == []
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(TIMES):
            await gateway.ask(document, variables)
        gc.collect()
        found = [type(each) if not callable(each) else each for each in gc.garbage]
        return Counter(
            f"{each.__module__}.{each.__qualname__}"
            for each in found
            if str(getattr(each, "__module__", "")).partition(".")[0] in OURS
        )
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize(("document", "first"), [(PAGE, 1), (LIST, 50)], ids=["page", "list"])
async def test_an_answered_question_leaves_no_circles(gateway: Gateway, document: str, first: int) -> None:
    found = await gateway.ask("query ($first: Int!) { customers(first: $first) { nodes { id } } }", {"first": first})
    variables = {"id": found.data["customers"]["nodes"][0]["id"]} if document is PAGE else {}
    assert await left_behind(gateway, document, variables) == {}
