"""A filtered timeline and its count cost the same for any history: counted in pages touched and in steps taken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.account import load_account
from profiles.catalog import BusinessUnit, Store
from profiles.customers import Customer, SubscriptionStatus
from profiles.storage.address import Address, parse_address
from profiles.storage.bulk import Bulk, bulk_load
from profiles.storage.pages import PageOf, Position
from profiles.timeline import EventCategory, TimelineEvent, TimelineKind
from profiles.timeline.filtering import EventFilter
from profiles.timeline.kinds import COLUMNS, OF_EVENTS, counted_kinds
from profiles.timeline.reading import EventPage, event_counts, latest_events
from profiles.viewer import ALL_SCOPES, SYSTEM, Scope, Viewer
from tests.costs import Counting
from tests.databases import Databases

ACCOUNT = load_account()
NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
SMALL, LARGE, OTHERS = 1, 2, range(3, 43)
FEW, MANY = 100, 20_000
EVENT = (*OF_EVENTS, "id", "activity_seq", "name", "occurred_at", "received_at")
MOST = 1.2
DEPTH = {"sqlite": 0, "postgresql": 4}
"""Pages on the way down the larger tree of an index, of a statement's few walks."""
C = EventCategory
# Of each of these kinds everybody has the same share, and of the rare ones, the oldest, one event or none.
USUAL = (
    (C.PAGE_VIEW, "page_view", 1, 1),
    (C.PAGE_VIEW, "page_view", 2, 1),
    (C.PAGE_VIEW, "page_view", None, None),
    (C.PRODUCT_VIEW, "product_view", 1, 1),
    (C.RECEIPT, "receipt_issued", 3, 2),
    (C.RECEIPT, "receipt_issued", 1, None),
    (C.CALL_CENTER, "call", None, 1),
    (C.EMAIL, "email_opened", None, None),
)
RARE = ((C.RECEIPT, "receipt_corrected", 4, 3), (C.NOTE, "note_added", None, None), (C.CALL_CENTER, "chat", None, 3))
BLIND = replace(SYSTEM, scopes=ALL_SCOPES - {Scope.MAILINGS_READ})
AGO = timedelta(minutes=1)


async def _fill(bulk: Bulk, customer_id: int, count: int) -> None:
    kinds = [*RARE, *(USUAL[number % len(USUAL)] for number in range(count - len(RARE)))]
    own = [(customer_id, *kind) for kind in kinds]
    rows = [(*kind, n, n, "-", NOW - AGO * (count - n), NOW) for n, kind in enumerate(own, 1)]
    await bulk.insert(TimelineEvent, EVENT, rows)
    await bulk.insert(TimelineKind, COLUMNS, counted_kinds(own))


@pytest.fixture(scope="module")
def urls() -> dict[str, str]:
    """The URL of each database that has been filled."""
    return {}


@pytest.fixture
async def filled(databases: Databases, dialect: str, urls: dict[str, str]) -> Address:
    """A customer of a hundred events, one of many with the same kinds of them, and others; all tests only read."""
    if dialect not in urls:
        url = await databases.fresh()
        await _fill_all(url)
        urls[dialect] = url
    return parse_address(urls[dialect])


async def _fill_all(database_url: str) -> None:
    counts = {SMALL: FEW, LARGE: MANY} | dict.fromkeys(OTHERS, FEW)
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            columns = ("id", "subscription_status", "created_at", "updated_at", "activity_seq")
            states = [(id, SubscriptionStatus.NEVER_SUBSCRIBED, NOW, NOW, count) for id, count in counts.items()]
            await bulk.insert(Customer, columns, states)
            await bulk.insert(BusinessUnit, ("id", "number", "name"), [(id, id, "-") for id in range(1, 5)])
            await bulk.insert(Store, ("id", "external_id", "name"), [(id, str(id), "-") for id in range(1, 6)])
            for id, count in counts.items():
                await _fill(bulk, id, count)
        await loader.analyze()


# What is asked for is rare in a history, absent, or each of two is usual and both together are absent.
RARELY: tuple[EventFilter, ...] = (
    EventFilter(types=("receipt_corrected",)),
    EventFilter(types=("nothing", "note_added")),
    EventFilter(types=("nothing",)),
    EventFilter(store_ids=(4,)),
    EventFilter(store_ids=(5, 99)),
    EventFilter(business_unit_ids=(3,)),
    EventFilter(business_unit_ids=(4,)),
    EventFilter(types=("receipt_issued",), store_ids=(2,)),
    EventFilter(types=("page_view",), business_unit_ids=(2,)),
    EventFilter(store_ids=(3,), business_unit_ids=(1,)),
    EventFilter(categories=(C.RECEIPT, C.NOTE), types=("page_view", "call")),
    EventFilter(categories=(C.EMAIL, C.CALL_CENTER), store_ids=(1, 2, 3)),
    EventFilter(categories=(C.CALL_CENTER,), business_unit_ids=(3,)),
    EventFilter(categories=(C.RECEIPT,), types=("receipt_issued",), store_ids=(1,), business_unit_ids=(1, 2)),
)
USUALLY: tuple[EventFilter, ...] = (
    EventFilter(),
    EventFilter(categories=(C.PAGE_VIEW, C.NOTE)),
    EventFilter(types=("page_view",)),
    EventFilter(types=("page_view", "call", "receipt_issued")),
    EventFilter(store_ids=(1,)),
    EventFilter(store_ids=(1, 2, 3, 4)),
    EventFilter(business_unit_ids=(1, 2)),
    EventFilter(categories=(C.PAGE_VIEW, C.RECEIPT), store_ids=(1,)),
)
TIMES: tuple[dict[str, datetime], ...] = (
    {},
    {"since": NOW - timedelta(minutes=40)},
    {"until": NOW - timedelta(minutes=20)},
    {"since": NOW - timedelta(minutes=60), "until": NOW - timedelta(minutes=20)},
)


def _in(wanted: EventFilter, time: dict[str, datetime]) -> EventFilter:
    return EventFilter(wanted.categories, wanted.types, wanted.store_ids, wanted.business_unit_ids, **time)


def _page(wanted: EventFilter, *ids: int, after: Position | None = None, viewer: Viewer = SYSTEM) -> Any:
    return latest_events(viewer, ACCOUNT, ids, EventPage(wanted, PageOf(5, after)))


async def test_a_page_costs_the_same_for_100_events_and_for_20_000(filled: Address) -> None:
    others = list(OTHERS)[:9]
    behind = Position(NOW - timedelta(minutes=10), 10**9)
    dear = []
    async with Counting(filled) as counting:
        for wanted in (*RARELY, *USUALLY):
            for time in TIMES:
                for after in (None, behind):
                    for viewer in (SYSTEM, BLIND):
                        asked = _in(wanted, time)
                        for beside in ((), others):
                            reads = [_page(asked, id, *beside, after=after, viewer=viewer) for id in (SMALL, LARGE)]
                            small, large = [await counting.cost(read) for read in reads]
                            if not 0 < large <= small * MOST + DEPTH[filled.dialect]:
                                dear.append((asked, after, len(beside), small, large))
    assert dear == []


async def test_a_count_costs_the_same_for_100_events_and_for_20_000(filled: Address) -> None:
    """In a time, events are counted one by one, and no others are looked at: there, rarely means few."""
    others = list(OTHERS)[:9]
    cases = [(wanted, {}) for wanted in (*RARELY, *USUALLY)]
    cases += [(wanted, time) for wanted in RARELY for time in TIMES[1:]]
    dear = []
    async with Counting(filled) as counting:
        for wanted, time in cases:
            for viewer in (SYSTEM, BLIND):
                for beside in ((), others):
                    asked = _in(wanted, time)
                    reads = [event_counts(viewer, ACCOUNT, (id, *beside), asked) for id in (SMALL, LARGE)]
                    small, large = [await counting.cost(read) for read in reads]
                    if not 0 < large <= small * MOST + DEPTH[filled.dialect]:
                        dear.append((asked, len(beside), small, large))
    assert dear == []


async def test_sqlite_finds_what_is_asked_for_by_the_index_of_kinds(filled: Address, dialect: str) -> None:
    if dialect != "sqlite":
        pytest.skip("the plan of another database")
    by_kind = (
        "USING COVERING INDEX ix_timeline_events_kind (customer_id=? AND category=? AND type=? AND store_id=? AND "
    )
    counting = Counting(filled)
    for wanted in (*RARELY, *USUALLY[2:]):
        for time in TIMES:
            plan = counting.plan(_page(_in(wanted, time), LARGE))
            assert sum(f"SEARCH i {by_kind}business_unit_id=?" in step for step in plan) == 1
            # The history is there for customers of whom nothing is known; it is not looked at of others.
            assert [step for step in plan if step.startswith("SCAN") and "timeline_events" in step] == []
        plan = counting.plan(event_counts(SYSTEM, ACCOUNT, [LARGE], wanted))
        assert "SEARCH timeline_kinds USING INDEX sqlite_autoindex_timeline_kinds_1 (customer_id=?)" in plan


async def test_the_costs_are_of_right_answers(filled: Address) -> None:
    async with Counting(filled) as counting:
        for wanted, small, large in (
            (EventFilter(types=("receipt_corrected",)), 1, 1),
            (EventFilter(store_ids=(3,), business_unit_ids=(1,)), 0, 0),
            (EventFilter(types=("page_view",)), 37, 7500),
            (EventFilter(), FEW, MANY),
        ):
            counts = await counting.answer(event_counts(SYSTEM, ACCOUNT, [SMALL, LARGE], wanted))
            assert counts == {SMALL: small, LARGE: large}
            for id, count in counts.items():
                (page,) = (await counting.answer(_page(wanted, id))).values()
                assert (len(page.page.rows), page.page.has_next) == (min(count, 5), count > 5)
