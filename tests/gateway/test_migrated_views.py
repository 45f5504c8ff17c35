"""Views that were written before they were kept by category are kept afterwards, and make the same interests."""

import pytest

from profiles.storage.address import parse_address
from profiles.storage.migrations import downgrade, upgrade
from profiles.timeline.viewed import MOST_VIEWS
from tests.gateway_client import Gateway
from tests.panels.test_interests import COFFEE, TEA, categories, interests, view
from tests.people import add
from tests.storage.test_viewed_categories import kept, said_by_events


@pytest.mark.usefixtures("uncached")
async def test_views_of_before_make_the_interests_that_they_made(gateway: Gateway) -> None:
    await categories(gateway, 1, 2, 3)
    await add(gateway, view(1, TEA, 3), view(2, COFFEE, 2), view(3, TEA, 1), view(4, None, 1), view(5, TEA, 40))
    async with gateway.store.write() as unit:
        unit.session.add_all(
            [view(1 + number, (TEA, COFFEE)[number % 2], 1 + number / 1_000, 2) for number in range(MOST_VIEWS + 10)]
        )
    before, shown = await kept(gateway), await interests(gateway)
    assert before == await said_by_events(gateway)
    address = parse_address(gateway.settings.database_url)
    await downgrade(address, "0012")
    await upgrade(address)
    assert await kept(gateway) == before
    assert [{**each, "score": None} for each in await interests(gateway)] == [{**each, "score": None} for each in shown]
    await add(gateway, view(6, COFFEE, 0.5))
    assert await kept(gateway) == await said_by_events(gateway)
