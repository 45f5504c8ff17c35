"""Following a customer in the tests: what is recorded, and what is heard of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from profiles.live.bus import MemoryBus, RedisBus
from tests.gateway_client import Gateway
from tests.live_client import PATIENCE_SECONDS, LiveClient
from tests.people import customer_id

NAMES = """
subscription ($id: ID!, $filter: TimelineFilter, $after: String) {
  customerActivity(customerId: $id, filter: $filter, after: $after) { cursor event { name } }
}
"""
RECORD = """
mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { message code } } }
"""


async def record(
    gateway: Gateway, *names: str, category: str = "CALL_CENTER", minutes_ago: float = 1, id: int = 1
) -> None:
    """Records events of those names, in one call."""
    at = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()
    events = [
        {
            "customer": {"id": customer_id(id)},
            "externalId": name,
            "category": category,
            "type": "said",
            "name": name,
            "occurredAt": at,
        }
        for name in names
    ]
    answer = await gateway.ask(RECORD, {"input": {"events": events}})
    assert answer.data["recordEvents"] == {"recorded": len(names), "userErrors": []}


async def deliveries(client: LiveClient, count: int) -> list[dict[str, Any]]:
    """That many deliveries, in the order in which they come."""
    heard = [await client.heard() for _ in range(count)]
    assert [message["type"] for message in heard] == ["next"] * count, heard
    assert all("errors" not in message["payload"] for message in heard), heard
    return [message["payload"]["data"]["customerActivity"] for message in heard]


async def names(client: LiveClient, count: int) -> list[str]:
    return [delivery["event"]["name"] for delivery in await deliveries(client, count)]


async def listened(gateway: Gateway, count: int = 1) -> None:
    """Waits until that many subscriptions listen."""
    bus = gateway.store.bus
    assert isinstance(bus, MemoryBus | RedisBus)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while bus.listening != count:
            await asyncio.sleep(0.01)
