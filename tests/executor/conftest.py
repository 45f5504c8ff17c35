"""Fixtures of the executor's tests."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _what_came_before() -> None:
    """Whatever else this process holds is not looked through again behind each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_litter() -> Iterator[None]:
    """What graphql-core leaves behind is found in the test that expects it, and not in one that comes later."""
    yield
    gc.collect()
