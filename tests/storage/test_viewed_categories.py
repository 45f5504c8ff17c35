"""When a customer looked at which category is kept by every write, and is what the events say."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import event, insert
from sqlmodel import col, delete, select, update

from profiles.catalog import Category
from profiles.columns import seconds_in
from profiles.ids import new_id
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, TimelineEvent, ViewedCategory
from profiles.timeline.viewed import MOST_VIEWS
from sources.progress import silent
from sources.timeline import recompute_timeline
from tests.gateway_client import Gateway
from tests.people import add, people, stored
from tests.storage.random_writes import kept_by_writes

NOON = datetime(2026, 3, 10, 12, 0, 0, 125, tzinfo=UTC)
PEOPLE, CATEGORIES = (1, 2, 3), (1, 2, 3, 4, 5)
TEA, COFFEE = 1, 2
Views = dict[tuple[int, int], list[float]]
MINUTE = timedelta(minutes=1)


def a_view(at: datetime, category: int | None = TEA, customer: int = 1) -> TimelineEvent:
    return TimelineEvent(
        customer_id=customer,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.CATEGORY_VIEW,
        type="category_view",
        name="-",
        occurred_at=at,
        received_at=NOON,
        viewed_category_id=category,
    )


async def shop(gateway: Gateway) -> None:
    await people(gateway, *PEOPLE)
    await add(gateway, *(Category(id=id, name=f"Category {id}") for id in CATEGORIES))


async def write(gateway: Gateway, *events: TimelineEvent) -> None:
    async with gateway.store.write() as unit:
        await unit.lock({each.customer_id for each in events})
        for each in events:
            unit.happened(each)


async def kept(gateway: Gateway) -> Views:
    """What is kept, but for rows that are left without views; each row says when the last one was."""
    found = {}
    for row in await stored(gateway, ViewedCategory):
        moments = list(seconds_in(row.viewed_at))
        if moments:
            assert row.last_viewed_at.timestamp() == moments[-1]
            found[row.customer_id, row.category_id] = moments
    return found


async def said_by_events(gateway: Gateway) -> Views:
    """The newest views of each customer among the events, oldest first."""
    views = defaultdict(list)
    for row in await stored(gateway, TimelineEvent):
        if row.viewed_category_id is not None:
            views[row.customer_id].append((row.occurred_at.timestamp(), row.viewed_category_id))
    found = defaultdict(list)
    for customer, own in views.items():
        for at, category in sorted(own)[-MOST_VIEWS:]:
            found[customer, category].append(at)
    return dict(found)


@contextmanager
def statements(gateway: Gateway, *words: str) -> Iterator[list[str]]:
    """What writes send meanwhile that has one of the words."""
    sent: list[str] = []

    def see(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        sent.extend([sql] if any(word in sql for word in words) else [])

    engine = gateway.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", see)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", see)


async def stored_in(unit: Unit, customer: int) -> list[TimelineEvent]:
    return list(await unit.session.exec(select(TimelineEvent).where(col(TimelineEvent.customer_id) == customer)))


async def happens(unit: Unit, choose: Random) -> None:
    """Something that a write may do to views: they arrive in any order, and some become others or none."""
    customers = choose.sample(PEOPLE, choose.randint(1, len(PEOPLE)))
    await unit.lock(customers)
    for customer in customers:
        for _ in range(choose.randint(0, 4)):
            at = NOON - timedelta(seconds=choose.randrange(10**6), microseconds=choose.randrange(10**6))
            unit.happened(a_view(at, choose.choice((None, *CATEGORIES)), customer))
    rows = await stored_in(unit, customers[0])
    if rows and choose.random() < 0.5:
        changed = choose.choice(rows)
        changed.viewed_category_id = choose.choice((None, *CATEGORIES))
        changed.occurred_at -= MINUTE * choose.choice((0, 7))
        unit.session.add(changed)
    if rows and choose.random() < 0.2:
        await unit.session.delete(choose.choice(rows))
    if choose.random() < 0.3:
        await unit.session.flush()
        unit.happened(a_view(NOON, choose.choice(CATEGORIES), customers[0]))


async def test_random_writes_leave_what_the_events_say_and_failed_ones_nothing(gateway: Gateway) -> None:
    await shop(gateway)
    found = await kept_by_writes(gateway, 13, happens, kept, said_by_events)
    assert sum(map(len, found.values())) > 50


@pytest.mark.parametrize("count", [1, 10, 100])
async def test_views_cost_a_write_two_statements_whatever_their_number(gateway: Gateway, count: int) -> None:
    await shop(gateway)
    events = [a_view(NOON - MINUTE * n, CATEGORIES[n % 5], PEOPLE[n % 3]) for n in range(count)]
    for _ in range(2):
        with statements(gateway, "category_views") as sent:
            await write(
                gateway, *[a_view(each.occurred_at, each.viewed_category_id, each.customer_id) for each in events]
            )
        assert [sql.split()[0] for sql in sent] == ["SELECT", "INSERT"]
    assert await kept(gateway) == await said_by_events(gateway)


async def test_a_write_without_views_sends_nothing_for_them(gateway: Gateway) -> None:
    await shop(gateway)
    await write(gateway, a_view(NOON))
    with statements(gateway, "category_views") as sent:
        await write(gateway, a_view(NOON, None), a_view(NOON, None, 2))
        async with gateway.store.write() as unit:
            await unit.lock([1])
            for row in await stored_in(unit, 1):
                row.description = "said better"
                unit.session.add(row)
    assert sent == []


async def test_of_very_many_views_the_newest_stay_and_one_that_comes_late_pushes_none_out(gateway: Gateway) -> None:
    await shop(gateway)
    await write(gateway, a_view(NOON - timedelta(days=9), COFFEE), a_view(NOON - timedelta(days=9), TEA, 2))
    await write(gateway, *(a_view(NOON - MINUTE * n) for n in range(1, MOST_VIEWS)))
    everything = await kept(gateway)
    assert [len(everything[key]) for key in ((1, TEA), (1, COFFEE), (2, TEA))] == [MOST_VIEWS - 1, 1, 1]
    with statements(gateway, "INTO category_views") as sent:
        await write(gateway, a_view(NOON - timedelta(days=10)), a_view(NOON - timedelta(days=11), 3))
    assert (await kept(gateway), sent) == (everything, [])
    await write(gateway, a_view(NOON))
    pushed_out = await kept(gateway)
    assert pushed_out == await said_by_events(gateway)
    assert pushed_out.keys() == {(1, TEA), (2, TEA)}
    await write(gateway, a_view(NOON + MINUTE, COFFEE))
    assert await kept(gateway) == await said_by_events(gateway)
    assert len((await kept(gateway))[1, COFFEE]) == 1
    # What was pushed out comes back where newer ones are taken away.
    async with gateway.store.write() as unit:
        await unit.lock([1])
        for row in (await stored_in(unit, 1))[-2:]:
            await unit.session.delete(row)
    assert await kept(gateway) == await said_by_events(gateway) == everything


async def test_views_that_a_statement_rewrites_are_looked_up_anew(gateway: Gateway) -> None:
    await shop(gateway)
    await write(gateway, a_view(NOON), a_view(NOON - MINUTE, COFFEE), a_view(NOON, TEA, 2))
    async with gateway.store.write() as unit:
        await unit.lock([1])
        await unit.session.exec(  # type: ignore[call-overload]  # it takes statements of the core too
            update(TimelineEvent)
            .where(col(TimelineEvent.customer_id) == 1, col(TimelineEvent.viewed_category_id) == TEA)
            .values(viewed_category_id=3)
        )
        unit.happened(a_view(NOON - MINUTE * 2, COFFEE))
    assert await kept(gateway) == await said_by_events(gateway)
    assert (await kept(gateway)).keys() == {(1, COFFEE), (1, 3), (2, TEA)}
    async with gateway.store.write() as unit:
        await unit.lock([1])
        await unit.session.exec(delete(TimelineEvent).where(col(TimelineEvent.customer_id) == 1))  # type: ignore[call-overload]
    assert (await kept(gateway)).keys() == {(2, TEA)}


async def test_the_job_looks_up_what_nobody_kept(gateway: Gateway) -> None:
    """As a process of the version before writes views, while a newer one reads."""
    await shop(gateway)
    await write(gateway, a_view(NOON), a_view(NOON - MINUTE, COFFEE, 2))
    strange = a_view(NOON + MINUTE, COFFEE).model_dump() | {"activity_seq": 2}
    async with gateway.store.engine.begin() as connection:
        await connection.execute(insert(table(TimelineEvent)).values(**strange))
    assert await kept(gateway) != await said_by_events(gateway)
    for _ in range(2):
        assert await recompute_timeline(gateway.settings.database_url, gateway.account, silent, NOON) == len(PEOPLE)
        assert await kept(gateway) == await said_by_events(gateway)
    assert (await kept(gateway)).keys() == {(1, TEA), (1, COFFEE), (2, COFFEE)}
