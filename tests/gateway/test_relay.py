"""The relay: what was committed and not announced is announced later, and once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.settings import Settings
from profiles.live.relay import OVERDUE, overdue, relay_once
from profiles.timeline import OutboxEntry
from tests.gateway_client import Gateway
from tests.people import add, stored

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_SECONDS = 20


class TestAtHand:
    """With the relay of the process itself standing still."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return Settings(database_url=database_url, outbox_interval_seconds=3600)

    async def test_what_is_overdue_is_announced_and_forgotten(self, gateway: Gateway) -> None:
        await add(gateway, *(OutboxEntry(customer_id=7, activity_seq=number, created_at=LONG_AGO) for number in (1, 2)))
        async with gateway.store.bus.listen(7) as waiting:
            assert await relay_once(gateway.store, LONG_AGO + OVERDUE) == 1
            assert await waiting.news(PATIENCE_SECONDS)
        assert await stored(gateway, OutboxEntry) == []
        assert await relay_once(gateway.store, LONG_AGO + OVERDUE) == 0

    async def test_what_was_just_committed_is_left_to_its_writer(self, gateway: Gateway) -> None:
        await add(gateway, OutboxEntry(customer_id=7, activity_seq=1, created_at=LONG_AGO))
        assert await relay_once(gateway.store, LONG_AGO + OVERDUE - timedelta(microseconds=1)) == 0
        assert len(await stored(gateway, OutboxEntry)) == 1

    async def test_each_customer_is_announced_up_to_its_last_event(self, gateway: Gateway) -> None:
        entries = [(7, 3), (7, 9), (8, 1)]
        await add(
            gateway,
            *(OutboxEntry(customer_id=id, activity_seq=number, created_at=LONG_AGO) for id, number in entries),
        )
        assert await gateway.store.answer(overdue(LONG_AGO + OVERDUE)) == {7: 9, 8: 1}


class TestInTheProcess:
    """With the relay of the process itself."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return Settings(database_url=database_url, outbox_interval_seconds=0.05)

    async def test_a_crash_between_commit_and_announcement_loses_nothing(self, gateway: Gateway) -> None:
        async with gateway.store.bus.listen(7) as waiting:
            # As a process that was killed right after its commit leaves it.
            await add(gateway, OutboxEntry(customer_id=7, activity_seq=1, created_at=LONG_AGO))
            assert await waiting.news(PATIENCE_SECONDS)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await stored(gateway, OutboxEntry):
                await asyncio.sleep(0.01)
