"""Segments: who enters and leaves which group, and that running the rules again changes nothing."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update

from profiles.account import load_account
from profiles.customers import Customer, CustomerAttribute, SubscriptionStatus
from profiles.metrics import CustomerMetrics
from profiles.segments import Segment, SegmentMembership
from profiles.storage.bulk import Bulk, Loader, bulk_load
from sources.segments import PAUSE_DAYS, assign_segments

ACCOUNT = load_account()
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
CREATED = NOW - timedelta(days=300)
CUSTOMERS = range(1, 41)
ERASED, WITHOUT_PURCHASE = 40, 39
LAPSING = f"Lapsing: no purchase for {PAUSE_DAYS} days"
AGES = [choice for definition in ACCOUNT.attributes if definition.key == "age" for choice in definition.choices]
INCOMES = [choice for definition in ACCOUNT.attributes if definition.key == "income" for choice in definition.choices]

Membership = tuple[int, datetime, datetime | None]


@pytest.fixture
async def loader(database_url: str) -> AsyncIterator[Loader]:
    """A database with forty customers: the higher the id, the less was spent and the longer it is ago."""
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            await _insert_customers(bulk)
        yield loader


async def _insert_customers(bulk: Bulk) -> None:
    await bulk.insert(
        Customer,
        ("id", "subscription_status", "created_at", "updated_at", "erased_at"),
        [(id, SubscriptionStatus.SUBSCRIBED, CREATED, CREATED, NOW if id == ERASED else None) for id in CUSTOMERS],
    )
    attributes = [(id, "age", AGES[id % 2], None) for id in CUSTOMERS if id % 4 != 3]
    await bulk.insert(CustomerAttribute, ("customer_id", "attribute", "value", "number"), attributes)
    await bulk.insert(
        CustomerMetrics,
        ("customer_id", "receipt_count", "receipt_total_minor", "purchase_count", "last_purchase_at"),
        [
            (id, 1, 100_000 - id, 1, NOW - timedelta(days=2 * id)) if id != WITHOUT_PURCHASE else (id, 0, 0, 0, None)
            for id in CUSTOMERS
        ],
    )


async def _assign(loader: Loader, now: datetime) -> int:
    async with loader.transaction() as bulk:
        return await assign_segments(bulk, ACCOUNT, now)


async def _memberships(loader: Loader) -> dict[str, list[Membership]]:
    query = (
        select(Segment.name, SegmentMembership.customer_id, SegmentMembership.entered_at, SegmentMembership.left_at)
        .join_from(Segment, SegmentMembership, col(Segment.id) == col(SegmentMembership.segment_id))
        .order_by(col(SegmentMembership.customer_id), col(SegmentMembership.entered_at))
    )
    found: dict[str, list[Membership]] = {}
    async with loader.transaction() as bulk:
        for name, *membership in await bulk.execute(query):
            found.setdefault(name, []).append(tuple(membership))
    return found


def _members(memberships: Iterable[Membership]) -> list[int]:
    return [id for id, _, left_at in memberships if left_at is None]


async def test_every_choice_of_age_and_income_three_bands_and_silence_are_described_segments(loader: Loader) -> None:
    assert await _assign(loader, NOW) == len(AGES) + len(INCOMES) + 4
    async with loader.transaction() as bulk:
        segments = dict(await bulk.execute(select(Segment.name, Segment.description)))
    assert set(segments) == {
        *(f"Age {age}" for age in AGES),
        *(f"Income {income}" for income in INCOMES),
        "Spend: top 10%",
        "Spend: regular",
        "Spend: occasional",
        LAPSING,
    }
    assert all(segments.values())


async def test_an_attribute_makes_members_since_the_profile_began(loader: Loader) -> None:
    await _assign(loader, NOW)
    found = await _memberships(loader)
    expected = [id for id in CUSTOMERS if id % 4 != 3 and id % 2 == 0 and id != ERASED]
    assert found[f"Age {AGES[0]}"] == [(id, CREATED, None) for id in expected]


async def test_bands_share_out_all_purchasers_and_the_first_tenth_spent_most(loader: Loader) -> None:
    await _assign(loader, NOW)
    found = await _memberships(loader)
    top, regular, occasional = (found[f"Spend: {band}"] for band in ("top 10%", "regular", "occasional"))
    assert _members(top) == [1, 2, 3, 4]
    assert _members(regular) == list(range(5, 25))
    assert _members(occasional) == list(range(25, 39))
    assert {entered_at for _, entered_at, _ in top} == {NOW}


async def test_who_has_not_purchased_for_sixty_days_lapses_from_that_day_on(loader: Loader) -> None:
    await _assign(loader, NOW)
    pause = timedelta(days=PAUSE_DAYS)
    expected = [id for id in CUSTOMERS if 2 * id >= PAUSE_DAYS and id not in (ERASED, WITHOUT_PURCHASE)]
    lapsing = (await _memberships(loader))[LAPSING]
    assert lapsing == [(id, NOW - timedelta(days=2 * id) + pause, None) for id in expected]


async def test_the_same_data_again_changes_nothing_now_or_later(loader: Loader) -> None:
    await _assign(loader, NOW)
    before = await _memberships(loader)
    await _assign(loader, NOW)
    assert await _memberships(loader) == before
    await _assign(loader, NOW + timedelta(minutes=5))
    assert await _memberships(loader) == before


async def test_who_no_longer_belongs_leaves_and_who_comes_back_has_two_memberships(loader: Loader) -> None:
    bought, again = NOW + timedelta(days=1), NOW + timedelta(days=90)
    await _assign(loader, NOW)
    first = next(row for row in (await _memberships(loader))[LAPSING] if row[0] == 35)
    async with loader.transaction() as bulk:
        change = update(CustomerMetrics).where(col(CustomerMetrics.customer_id) == 35).values(last_purchase_at=bought)
        await bulk.execute(change)
    await _assign(loader, bought)
    assert [row for row in (await _memberships(loader))[LAPSING] if row[0] == 35] == [(*first[:2], bought)]
    await _assign(loader, again)
    own = [row for row in (await _memberships(loader))[LAPSING] if row[0] == 35]
    assert own == [(*first[:2], bought), (35, again, None)]


async def test_an_erased_customer_leaves_every_segment(loader: Loader) -> None:
    await _assign(loader, NOW)
    later = NOW + timedelta(hours=1)
    async with loader.transaction() as bulk:
        await bulk.execute(update(Customer).where(col(Customer.id) == 1).values(erased_at=later))
    await _assign(loader, later)
    for memberships in (await _memberships(loader)).values():
        assert {left_at for id, _, left_at in memberships if id == 1} <= {later}
        assert ERASED not in [id for id, _, _ in memberships]
