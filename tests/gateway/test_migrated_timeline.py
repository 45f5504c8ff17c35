"""Events that were written before their kinds were counted are counted afterwards, and found by them."""

import pytest

from profiles.storage.address import parse_address
from profiles.storage.migrations import downgrade, upgrade
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import event as sent
from tests.mutations.test_record_events import record
from tests.panels.test_timeline import seen
from tests.people import people
from tests.storage.test_timeline_kinds import counted, kept


@pytest.mark.usefixtures("uncached")
async def test_events_of_before_are_counted_and_found(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    await record(gateway, sent("a", name="a"), sent("b", "CALL_CENTER", 20, type="call", name="b"))
    await record(gateway, sent("c", "CALL_CENTER", 30, type="chat", name="c"))
    before = await kept(gateway)
    assert before == await counted(gateway)
    address = parse_address(gateway.settings.database_url)
    await downgrade(address, "0009")
    await upgrade(address)
    assert await kept(gateway) == before
    assert await seen(gateway, {"types": ["chat", "page_view"]}) == ["a", "c"]
    assert await seen(gateway) == ["a", "b", "c"]
    await record(gateway, sent("d", "CALL_CENTER", 40, type="call", name="d"))
    assert await kept(gateway) == await counted(gateway)
    assert await seen(gateway, {"types": ["call"]}) == ["b", "d"]
