"""How many events of each kind a customer has is kept by every write, and is what counting them anew gives."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, delete, select, update

from profiles.catalog import BusinessUnit, Store
from profiles.customers import Customer
from profiles.ids import new_id
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, TimelineEvent, TimelineKind
from sources.progress import silent
from sources.timeline import recompute_timeline
from tests.gateway_client import Gateway
from tests.mutations.test_record_events import event as sent
from tests.mutations.test_record_events import record
from tests.panels.test_timeline import TIMELINE
from tests.people import add, customer_id, people, stored
from tests.storage.random_writes import kept_by_writes

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PEOPLE, STORES, UNITS = (1, 2, 3), (1, 2), (5, 6)
CATEGORIES = (EventCategory.PAGE_VIEW, EventCategory.CALL_CENTER, EventCategory.NOTE)


def an_event(choose: Random, customer: int) -> TimelineEvent:
    return TimelineEvent(
        customer_id=customer,
        id=new_id(),
        activity_seq=0,
        category=choose.choice(CATEGORIES),
        type=choose.choice("ab"),
        name="-",
        occurred_at=NOON - timedelta(hours=choose.randrange(100)),
        received_at=NOON,
        store_id=choose.choice((None, *STORES)),
        business_unit_id=choose.choice((None, *UNITS)),
    )


async def places(gateway: Gateway) -> None:
    await people(gateway, *PEOPLE)
    await add(
        gateway,
        *(BusinessUnit(id=id, number=id, name="-") for id in UNITS),
        *(Store(id=id, external_id=str(id), name="-") for id in STORES),
    )


async def kept(gateway: Gateway) -> dict[tuple[Any, ...], int]:
    """What is kept, but for what is 0."""
    rows = await stored(gateway, TimelineKind)
    return {
        (row.customer_id, row.category, row.type, row.store_id, row.business_unit_id): row.event_count
        for row in rows
        if row.event_count
    }


async def counted(gateway: Gateway) -> dict[tuple[Any, ...], int]:
    """What there is, counted in Python."""
    return dict(
        Counter(
            (row.customer_id, row.category, row.type, row.store_id or 0, row.business_unit_id or 0)
            for row in await stored(gateway, TimelineEvent)
        )
    )


async def happens(unit: Unit, choose: Random) -> None:
    """Something that a write may do to events."""
    customers = choose.sample(PEOPLE, choose.randint(1, len(PEOPLE)))
    await unit.lock(customers)
    for customer in customers:
        for _ in range(choose.randint(0, 4)):
            unit.happened(an_event(choose, customer))
    rows = await stored_in(unit, customers[0])
    if rows and choose.random() < 0.5:
        changed = choose.choice(rows)
        changed.type = choose.choice("abc")
        changed.store_id = choose.choice((None, *STORES))
        changed.category = choose.choice(CATEGORIES)
        unit.session.add(changed)
    if rows and choose.random() < 0.2:
        await unit.session.delete(choose.choice(rows))
    if choose.random() < 0.3:
        await unit.session.flush()
        unit.happened(an_event(choose, customers[0]))


async def stored_in(unit: Unit, customer: int) -> list[TimelineEvent]:
    return list(await unit.session.exec(select(TimelineEvent).where(col(TimelineEvent.customer_id) == customer)))


async def test_random_writes_leave_what_counting_anew_gives_and_failed_ones_nothing(gateway: Gateway) -> None:
    await places(gateway)
    found = await kept_by_writes(gateway, 7, happens, kept, counted)
    assert sum(found.values()) > 50


async def test_recorded_events_are_counted_once_with_the_visits_that_they_become(gateway: Gateway) -> None:
    await places(gateway)
    await record(gateway, sent("a", sessionId="v"), sent("b", sessionId="v"), sent("c", "CALL_CENTER"))
    await record(gateway, sent("a", sessionId="v"), sent("d", "SITE_VISIT", type="arrived", sessionId="v"))
    found = await kept(gateway)
    assert found == await counted(gateway)
    assert {(kind[1], kind[2]): count for kind, count in found.items()} == {
        ("PAGE_VIEW", "page_view"): 2,
        ("CALL_CENTER", "call_center"): 1,
        ("SITE_VISIT", "arrived"): 1,
    }
    (customer,) = await stored(gateway, Customer, id=1)
    assert customer.activity_seq == sum(found.values())


async def test_events_that_a_statement_rewrites_are_counted_anew(gateway: Gateway) -> None:
    await places(gateway)
    async with gateway.store.write() as unit:
        await unit.lock([1, 2])
        for customer in (1, 1, 1, 2):
            unit.happened(an_event(Random(customer), customer))
    async with gateway.store.write() as unit:
        await unit.lock([1])
        await unit.session.exec(  # type: ignore[call-overload]  # it takes statements of the core too
            update(TimelineEvent).where(col(TimelineEvent.customer_id) == 1).values(type="z", store_id=2)
        )
        unit.happened(an_event(Random(9), 1))
    assert await kept(gateway) == await counted(gateway)
    assert sum(count for kind, count in (await kept(gateway)).items() if kind[2] == "z") == 3
    async with gateway.store.write() as unit:
        await unit.lock([1])
        await unit.session.exec(delete(TimelineEvent).where(col(TimelineEvent.customer_id) == 1))  # type: ignore[call-overload]
    assert await kept(gateway) == await counted(gateway)
    assert {kind[0] for kind in await kept(gateway)} == {2}


async def test_events_that_nobody_counted_are_shown_and_counted_and_the_job_counts_them(gateway: Gateway) -> None:
    """As a process of the version before writes them, while a newer one reads."""
    await places(gateway)
    choose = Random(1)
    async with gateway.store.write() as unit:
        await unit.lock([1])
        for _ in range(3):
            unit.happened(an_event(choose, 1))
    strange = an_event(choose, 1)
    values = strange.model_dump() | {"activity_seq": 4, "type": "strange", "store_id": 2}
    async with gateway.store.engine.begin() as connection:
        await connection.execute(insert(table(TimelineEvent)).values(**values))
        seq = update(table(Customer)).where(table(Customer).c.id == 1)
        await connection.execute(seq.values(activity_seq=4, generation=table(Customer).c.generation + 1))

    async def shown(**filter: Any) -> tuple[int, int]:
        answer = await gateway.ask(TIMELINE, {"id": customer_id(1), "filter": filter})
        timeline = answer.data["customer"]["timeline"]
        return timeline["totalCount"], len(timeline["nodes"])

    async def is_all_there() -> bool:
        return (await shown(), await shown(types=["strange"]), await shown(types=["none"])) == ((4, 4), (1, 1), (0, 0))

    assert await is_all_there()
    assert await kept(gateway) != await counted(gateway)
    assert await recompute_timeline(gateway.settings.database_url, gateway.account, silent, NOON) == len(PEOPLE)
    assert await kept(gateway) == await counted(gateway)
    assert await is_all_there()
