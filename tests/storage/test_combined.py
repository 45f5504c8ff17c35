"""Reads that go to PostgreSQL as one statement answer as they do alone, fail alone, and count as what they are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import BigInteger, LargeBinary, Text, bindparam, func, literal, select, type_coerce

from profiles.account import load_account
from profiles.attributes import attributes_of
from profiles.catalog import every_business_unit
from profiles.columns import Instant
from profiles.consents import ConsentStatus, change_consent, consent_histories, consents_of
from profiles.contacts import Channel
from profiles.customers import IdentifierKind, customers_by_id, customers_by_identifier
from profiles.errors import SourceUnavailable
from profiles.interests.reading import InterestsOf, interests_of
from profiles.listing import ListPage
from profiles.live.bus import MemoryBus
from profiles.metrics import metrics_of
from profiles.moment import Moment
from profiles.narrowing import NarrowedPage, Narrowing
from profiles.notes import add_note, latest_notes, note_counts, notes_by_id
from profiles.orders import items_of_orders, latest_orders, order_counts
from profiles.receipts import items_of_receipts, latest_receipts, receipt_counts
from profiles.segments import memberships
from profiles.storage.address import parse_address
from profiles.storage.pages import PageOf, Position, SearchedPage
from profiles.storage.prepared import Combined, combined
from profiles.storage.readers import Trips
from profiles.storage.reads import Read, Statement, among_ids
from profiles.storage.store import Store, open_store
from profiles.subscriptions import category_choices, channel_choices
from profiles.tags import add_tags, tag_list, tags_of
from profiles.timeline import EventCategory
from profiles.timeline.filtering import EVERYTHING, EventFilter
from profiles.timeline.reading import EventPage, event_counts, events_after, events_by_id, latest_events
from profiles.timeline.sessions import action_counts, session_actions, sessions_by_id
from profiles.viewer import SYSTEM
from tests.databases import Postgres
from tests.people import MADE_AT, person
from tests.storage.test_columns import DOCUMENTS, INSTANTS, SPECIMENS, TEXTS, specimen

ACCOUNT = load_account()
NOW = MADE_AT + timedelta(days=3)
CONSENT = next(iter(ACCOUNT.consent_names))
CUSTOMERS = tuple(range(1, 61))
PACKED = bytes(range(256))
AFTER = Position(MADE_AT + timedelta(minutes=4), 2**62)
WAYS = {"combined": {}, "alone": {"combines_reads": False}, "behind a pooler": {"is_direct": False}}


@pytest.fixture
async def url(postgres: Postgres) -> AsyncIterator[str]:
    """A database with sixty customers, of whom the first five have something in several panels."""
    made = await postgres.fresh()
    store = await open_store(parse_address(made), MemoryBus(), pool_size=1)
    async with store.write() as unit:
        for id in CUSTOMERS:
            await person(unit, id, first_name=f"Ann{id}")
        for id in CUSTOMERS[:5]:
            for number in range(id):
                at = MADE_AT + timedelta(minutes=number)
                await add_note(unit, SYSTEM, id, f"Note {number} of {id}", at)
                await add_tags(unit, SYSTEM, id, [f"tag {number}"], at)
                status = ConsentStatus.REVOKED if number % 2 else ConsentStatus.GRANTED
                await change_consent(unit, SYSTEM, ACCOUNT, id, CONSENT, status, "web", at)
    async with store.engine.begin() as connection:
        await connection.run_sync(SPECIMENS.create)
    await store.close()
    yield made
    await postgres.drop(made)


@pytest.fixture
async def stores(url: str) -> AsyncIterator[dict[str, Store]]:
    """The same database, read in each of the ways."""
    opened = {way: await open_store(parse_address(url), MemoryBus(), 1, **given) for way, given in WAYS.items()}
    yield opened
    for store in opened.values():
        await store.close()


@pytest.fixture
def store(stores: dict[str, Store]) -> Store:
    """The database, reads combined."""
    return stores["combined"]


def page_of(ids: Sequence[int]) -> list[Read[Any, Any]]:
    """Reads of every kind about these customers."""
    whole, rest = PageOf(2, None), PageOf(2, AFTER)
    pairs = [(id, other) for id in ids for other in (1, 2, 3)]
    events = EventFilter(
        categories=(EventCategory.NOTE, EventCategory.CONSENT),
        types=("note_added", "consent_granted", "$1"),
        since=MADE_AT,
        until=NOW,
    )
    narrowing = Narrowing(begins="r-", statuses=("PAID",), store_ids=(1, 2), since=MADE_AT, until=NOW)
    return [
        customers_by_id(SYSTEM, ids),
        customers_by_identifier(SYSTEM, [f"ext-{id}" for id in ids], IdentifierKind.EXTERNAL_ID),
        memberships(SYSTEM, ids, False),
        memberships(SYSTEM, ids, True),
        tags_of(SYSTEM, ids),
        attributes_of(SYSTEM, ids),
        metrics_of(SYSTEM, ids),
        consents_of(SYSTEM, ids),
        consent_histories(SYSTEM, ids, 1),
        consent_histories(SYSTEM, ids, 20),
        channel_choices(SYSTEM, ids),
        category_choices(SYSTEM, ids, "news"),
        latest_notes(SYSTEM, ids, SearchedPage(None, whole)),
        latest_notes(SYSTEM, ids, SearchedPage("note", rest)),
        note_counts(SYSTEM, ids, None),
        note_counts(SYSTEM, ids, "2 of"),
        notes_by_id(SYSTEM, pairs),
        latest_receipts(SYSTEM, ids, NarrowedPage(Narrowing(), whole)),
        latest_receipts(SYSTEM, ids, NarrowedPage(narrowing, rest)),
        receipt_counts(SYSTEM, ids, narrowing),
        items_of_receipts(SYSTEM, pairs),
        latest_orders(SYSTEM, ids, NarrowedPage(narrowing, rest)),
        order_counts(SYSTEM, ids, Narrowing()),
        items_of_orders(SYSTEM, pairs),
        latest_events(SYSTEM, ACCOUNT, ids, EventPage(EVERYTHING, whole)),
        latest_events(SYSTEM, ACCOUNT, ids, EventPage(events, rest)),
        event_counts(SYSTEM, ACCOUNT, ids, events),
        events_by_id(SYSTEM, ACCOUNT, pairs),
        events_after(SYSTEM, ACCOUNT, ids, events, 1, 3),
        sessions_by_id(SYSTEM, pairs),
        session_actions(SYSTEM, ACCOUNT, pairs, rest),
        action_counts(SYSTEM, ACCOUNT, pairs),
        interests_of(SYSTEM, ACCOUNT, Moment(NOW), ids, InterestsOf(10, True)),
        tag_list(SYSTEM, ListPage("tag", 3, None)),
        every_business_unit(SYSTEM),
    ]


def rows_of(build: Callable[[Any], Any], **parameters: Any) -> Read[int, Any]:
    """A read that answers with its rows, under 0."""
    return Read(Statement(build), parameters, lambda rows: {0: rows})


@pytest.mark.parametrize("ids", [(1,), (5,), (60,), (99,), (3, 99, 5), CUSTOMERS], ids=str)
async def test_every_read_answers_the_same_combined_alone_and_behind_a_pooler(
    stores: dict[str, Store], ids: tuple[int, ...]
) -> None:
    answers = {way: await store.run(page_of(ids), Trips()) for way, store in stores.items()}
    alone = answers["alone"]
    assert [answer for answer in alone if isinstance(answer, Exception)] == []
    assert answers == dict.fromkeys(WAYS, alone)
    # And one customer's answers are those that the customer has among many.
    among_many = await stores["alone"].run(page_of([*ids, 98]), Trips())
    for one, many in zip(alone, among_many, strict=True):
        assert isinstance(one, dict)
        assert isinstance(many, dict)
        assert {key: many[key] for key in one} == one


async def test_one_customers_reads_are_one_statement_and_one_round_trip(stores: dict[str, Store]) -> None:
    reads = page_of([5])
    for way, sent in (("combined", 1), ("alone", len(reads)), ("behind a pooler", 1)):
        trips = Trips()
        await stores[way].run(reads, trips)
        assert trips == Trips(statements=sent, round_trips=sent, reads=len(reads))


async def test_reads_of_many_customers_are_a_statement_each_and_as_many_for_ten_as_for_sixty(store: Store) -> None:
    for count in (10, 60):
        ids, page = CUSTOMERS[:count], PageOf(5, None)
        reads: list[Read[Any, Any]] = [
            latest_notes(SYSTEM, ids, SearchedPage(None, page)),
            latest_receipts(SYSTEM, ids, NarrowedPage(Narrowing(), page)),
            latest_events(SYSTEM, ACCOUNT, ids, EventPage(EVERYTHING, page)),
        ]
        trips = Trips()
        await store.run(reads, trips)
        assert trips == Trips(statements=3, round_trips=3, reads=3)


async def test_a_read_sees_what_those_before_it_saw_so_only_neighbours_are_combined(store: Store) -> None:
    small: list[Read[Any, Any]] = [customers_by_id(SYSTEM, [1]), tags_of(SYSTEM, [1])]
    large = latest_notes(SYSTEM, CUSTOMERS, SearchedPage(None, PageOf(100, None)))
    trips = Trips()
    first, _, between, _, last = await store.run([*small, large, *reversed(small)], trips)
    assert trips == Trips(statements=3, round_trips=3, reads=5)
    assert first == last
    assert isinstance(between, dict)
    assert list(between) == [1, 2, 3, 4, 5]


async def test_every_type_of_column_comes_through_a_combined_statement(store: Store) -> None:
    columns: dict[str, list[Any]] = {
        "maybe_at": [None, *INSTANTS],
        "on": [None, date(1, 1, 1), date(9999, 12, 31)],
        "amount_minor": [None, 0, 2**63 - 1, -(2**63)],
        "said": [None, *TEXTS],
        "said_key": [None, *TEXTS],
        "channel": [None, *Channel],
        "more": DOCUMENTS,
        "is_so": [True, False],
        "share": [None, 0.1, -0.0, 1e300, 5e-324],
    }
    async with store.write() as unit:
        unit.session.add_all(
            specimen(100 * number + place, **{name: value})
            for number, (name, values) in enumerate(columns.items())
            for place, value in enumerate(values)
        )
    reads = [
        rows_of(
            lambda _, number=number, name=name: (
                select(SPECIMENS.c[name], SPECIMENS.c.at)
                .where(SPECIMENS.c.id >= 100 * number, SPECIMENS.c.id < 100 * number + 100)
                .order_by(SPECIMENS.c.id)
            )
        )
        for number, name in enumerate(columns)
    ]
    trips = Trips()
    answers = await store.run(reads, trips)
    assert (trips.statements, trips.reads) == (1, len(columns))
    for values, answer in zip(columns.values(), answers, strict=True):
        assert isinstance(answer, dict)
        assert answer[0] == [(value, INSTANTS[0]) for value in values]
        assert [type(row[0]) for row in answer[0]] == [type(value) for value in values]
        assert {row[1].tzinfo for row in answer[0]} == {UTC}


async def test_nothing_nulls_and_bytes_come_through_too(store: Store) -> None:
    async with store.write() as unit:
        unit.session.add_all(specimen(id, at=at) for id, at in enumerate(INSTANTS))
    packed = rows_of(
        lambda _: select(literal(PACKED, LargeBinary()).label("a"), SPECIMENS.c.at).order_by(SPECIMENS.c.at)
    )
    nothing = rows_of(lambda _: select(SPECIMENS).where(SPECIMENS.c.id == literal(-1)))
    nulls = rows_of(lambda _: select(literal(None).label("a"), literal(None, LargeBinary()).label("b")))
    trips = Trips()
    answers = await store.run([nothing, packed, nulls], trips)
    assert trips.statements == 1
    assert answers[0] == {0: []}
    assert isinstance(answers[1], dict)
    assert answers[1][0] == [(PACKED, at) for at in sorted(INSTANTS)]
    assert answers[2] == {0: [(None, None)]}


@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Kiritimati"])
async def test_instants_are_in_utc_whatever_the_servers_time_zone(postgres: Postgres, zone: str) -> None:
    url = await postgres.fresh()
    address = parse_address(url)
    await postgres.run(f"ALTER DATABASE \"{address.url.database}\" SET timezone = '{zone}'")
    store = await open_store(address, MemoryBus(), 1)
    try:
        shown = rows_of(lambda _: select(func.current_setting("TimeZone")))
        instant = rows_of(lambda _: select(bindparam("at", INSTANTS[4], Instant())))
        for reads in ([shown, instant], [shown], [instant]):
            for answer in await store.run(reads, Trips()):
                assert isinstance(answer, dict)
                ((value,),) = answer[0]
                assert value == (zone if isinstance(value, str) else INSTANTS[4])
                assert isinstance(value, str) or value.tzinfo is UTC
    finally:
        await store.close()
        await postgres.drop(url)


async def test_a_read_that_cannot_be_sent_fails_alone(store: Store) -> None:
    def by_id(dialect: Any) -> Any:
        return select(SPECIMENS.c.id).where(among_ids(dialect, SPECIMENS.c.id, "numbers"))

    def divided(_: Any) -> Any:
        return select(literal(1, BigInteger()) // bindparam("by", type_=BigInteger()))

    good = customers_by_id(SYSTEM, [1])
    failing: list[tuple[Read[Any, Any], type[Exception]]] = [
        (rows_of(by_id), KeyError),
        (rows_of(by_id, numbers=[2**80]), SourceUnavailable),
        (rows_of(divided, by=0), SourceUnavailable),
        (rows_of(lambda _: select(func.no_such_function(1))), SourceUnavailable),
    ]
    for read, expected in failing:
        trips = Trips()
        before, failed, after = await store.run([good, read, good], trips)
        assert before == after == await store.answer(good)
        assert isinstance(failed, expected)
        assert trips.reads == 3


@pytest.mark.parametrize("together", [1, 3])
async def test_a_cancelled_read_stops_and_its_connection_answers_the_next_one(url: str, together: int) -> None:
    store = await open_store(parse_address(url), MemoryBus(), 1)
    watcher = await asyncpg.connect(parse_address(url).driver_dsn)
    asleep = rows_of(lambda _: select(type_coerce(func.pg_sleep(600), Text()).label("slept")))
    sleepers = """SELECT count(*) FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()"""
    try:
        running = asyncio.create_task(store.run([asleep] * together, Trips()))
        async with asyncio.timeout(20):
            while not await watcher.fetchval(sleepers):
                pass
            running.cancel()
            await asyncio.wait([running])
            assert await store.answer(customers_by_id(SYSTEM, [1]))
        assert running.cancelled()
        assert await watcher.fetchval(sleepers) == 0
    finally:
        await store.close()
        await watcher.close()


async def test_the_plans_for_one_customer_reach_every_row_by_an_index(url: str) -> None:
    # What the planner can do at all: on tables as small as these it would rather read them whole.
    connection = await asyncpg.connect(parse_address(url).driver_dsn)
    try:
        await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        parts = [read.statement.on("postgresql", True) for read in page_of([1])]
        for prepared in [*parts, combined(tuple(parts))]:
            count = sum(len(part.takers) for part in (parts if isinstance(prepared, Combined) else [prepared]))
            await connection.execute(f"PREPARE asked AS {prepared.sql}")
            values = f"({', '.join(['NULL'] * count)})" if count else ""
            plan = [row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE asked{values}")]
            await connection.execute("DEALLOCATE asked")
            scanned = {line.split(" on ")[1].split()[0] for line in plan if "Seq Scan" in line}
            # Lists of everything, which are short.
            assert scanned <= {"tags", "business_units"}, "\n".join(plan)
    finally:
        await connection.close()


def test_many_combinations_are_forgotten_and_not_piled_up() -> None:
    statements = [Statement(lambda _, n=n: select(literal(n, BigInteger()))).on("postgresql") for n in range(400)]
    for statement in statements:
        combined((statement, statements[0]))
    info = combined.cache_info()
    assert info.maxsize is not None
    assert info.currsize <= info.maxsize < len(statements)


def test_a_read_is_about_one_key_or_many() -> None:
    assert every_business_unit(SYSTEM).breadth == 1
    assert customers_by_id(SYSTEM, [1, 2]).breadth == 2
    assert items_of_orders(SYSTEM, [(1, 2), (1, 3)]).breadth == 1
    assert items_of_orders(SYSTEM, [(1, 2), (2, 3)]).breadth == 2
