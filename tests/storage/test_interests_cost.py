"""Interests cost the same for any history: counted in pages touched and in steps taken."""

from datetime import UTC, datetime, timedelta

import pytest

from profiles.account import load_account
from profiles.catalog import Category
from profiles.customers import Customer, SubscriptionStatus
from profiles.interests.reading import InterestsOf, interests_of
from profiles.moment import Moment
from profiles.storage.address import Address, parse_address
from profiles.storage.bulk import Bulk, bulk_load
from profiles.timeline import ViewedCategory
from profiles.timeline.viewed import COLUMNS, viewed_categories
from profiles.viewer import SYSTEM
from tests.costs import Counting

ACCOUNT = load_account()
NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
SMALL, OFTEN, WIDELY, OTHERS = 1, 2, 3, range(4, 44)
"""Who looked at 20 categories lately; who did so for years; who had looked at hundreds of others long ago."""
LATELY, ALL = 20, 620
MOST, DEPTH = 1.2, {"sqlite": 0, "postgresql": 4}
OPEN, EVERY = InterestsOf(10, False), InterestsOf(10, True)


async def _fill(bulk: Bulk, customer_id: int) -> None:
    views = [(customer_id, 1 + n, NOW - timedelta(hours=n)) for n in range(LATELY)]
    if customer_id == OFTEN:
        views += [(customer_id, 1 + n % LATELY, NOW - timedelta(hours=n)) for n in range(LATELY, 20_000)]
    if customer_id == WIDELY:
        views += [(customer_id, 1 + n, NOW - timedelta(days=200 + n)) for n in range(LATELY, ALL)]
    await bulk.insert(ViewedCategory, COLUMNS, viewed_categories(views))


@pytest.fixture
async def filled(database_url: str) -> Address:
    """Three customers with the same twenty interests, and others."""
    ids = (SMALL, OFTEN, WIDELY, *OTHERS)
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            columns = ("id", "subscription_status", "created_at", "updated_at")
            await bulk.insert(Customer, columns, [(id, SubscriptionStatus.NEVER_SUBSCRIBED, NOW, NOW) for id in ids])
            await bulk.insert(Category, ("id", "name"), [(id, f"Category {id}") for id in range(1, ALL + 1)])
            for id in ids:
                await _fill(bulk, id)
        await loader.analyze()
    return parse_address(database_url)


@pytest.mark.parametrize("asked", [OPEN, EVERY], ids=["open", "all"])
async def test_interests_cost_the_same_for_any_history(filled: Address, asked: InterestsOf) -> None:
    beside = tuple(OTHERS)[:9]
    async with Counting(filled) as counting:
        for others in ((), beside):
            costs = {
                id: await counting.cost(interests_of(SYSTEM, ACCOUNT, Moment(NOW), (id, *others), asked))
                for id in (SMALL, OFTEN, WIDELY)
            }
            # The rows of those who looked often are longer: as many more lie on a page each.
            more = LATELY if filled.dialect == "postgresql" else 0
            assert 0 < costs[WIDELY] <= costs[SMALL] * MOST + DEPTH[filled.dialect], costs
            assert 0 < costs[OFTEN] <= costs[SMALL] * MOST + DEPTH[filled.dialect] + more, costs
        found = await counting.answer(interests_of(SYSTEM, ACCOUNT, Moment(NOW), (SMALL, OFTEN, WIDELY), asked))
    assert [len(found[id]) for id in (SMALL, OFTEN, WIDELY)] == [10, 10, 10]
    assert found[SMALL] == found[WIDELY]


async def test_sqlite_passes_over_what_was_looked_at_long_ago(filled: Address, dialect: str) -> None:
    if dialect != "sqlite":
        pytest.skip("the plan of another database")
    plan = Counting(filled).plan(interests_of(SYSTEM, ACCOUNT, Moment(NOW), (WIDELY,), OPEN))
    by_time = "SEARCH category_views USING INDEX ix_category_views_latest (customer_id=? AND last_viewed_at>?)"
    assert by_time in plan
