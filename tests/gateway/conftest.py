"""What the tests of the edge share: a gateway that listens, and a customer to follow."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from profiles.live.bus import MemoryBus, RedisBus
from profiles.storage.address import parse_address
from tests.databases import Sqlite
from tests.gateway_client import Gateway
from tests.live_client import PATIENCE_SECONDS, listening
from tests.people import people

ADD_NOTE = """
mutation ($id: ID!, $body: String!) {
  addNote(input: {customerId: $id, body: $body}) { note { body } userErrors { code } }
}
"""


@pytest.fixture
def migrated_folder(tmp_path: Path, sqlite: Sqlite) -> Path:
    """A folder with a database as `profile-gateway migrate` makes it."""
    made = parse_address(asyncio.run(sqlite.fresh())).path
    shutil.move(made, tmp_path / "profile-gateway.db")
    return tmp_path


@pytest.fixture
async def address(gateway: Gateway) -> AsyncIterator[str]:
    """Where the gateway listens."""
    async with listening(gateway) as bound:
        yield bound


@pytest.fixture
async def customer(gateway: Gateway) -> str:
    """The global id of a customer."""
    (id,) = await people(gateway, 7, external_id="seven")
    return id


async def note(gateway: Gateway, customer: str, body: str) -> None:
    """Writes a note, which is an event."""
    answer = await gateway.ask(ADD_NOTE, {"id": customer, "body": body})
    assert (answer.errors, answer.data["addNote"]["userErrors"]) == ([], [])


async def gone(gateway: Gateway, before: set[asyncio.Task[Any]]) -> None:
    """Waits until nothing of a connection is left: no live connection, no task, nobody listening on the bus."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(gateway.runtime.live) or waiting(gateway) or asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)


async def listened(gateway: Gateway, count: int = 1) -> None:
    """Waits until that many subscriptions listen on the bus."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while waiting(gateway) != count:
            await asyncio.sleep(0.01)


def waiting(gateway: Gateway) -> int:
    """How many listen on the bus."""
    bus = gateway.store.bus
    assert isinstance(bus, MemoryBus | RedisBus)
    return bus.listening
