"""Flights: what one operation is reading, the others of the process do not read again."""

import asyncio

from profiles.customers import Identifier, IdentifierKind
from profiles.errors import SourceUnavailable
from profiles.storage.readers import Outcome, Trips
from tests.caching.desk import PATIENCE_SECONDS, Desk

READERS = 200


def statements_of(desk: Desk) -> list[int]:
    """How many statements each run of the reader got from now on."""
    seen: list[int] = []
    reader = desk.reader
    run = reader.run

    async def counted(calls: object, trips: Trips) -> list[Outcome]:
        seen.append(len(calls))  # type: ignore[arg-type]
        return await run(calls, trips)  # type: ignore[arg-type]

    reader.run = counted  # type: ignore[method-assign, assignment]
    return seen


async def test_two_hundred_readers_of_one_expired_key_cause_one_load(desk: Desk) -> None:
    # The generation is known, the rows are gone.
    loaders, _, _ = desk.operation()
    await loaders.consents.ask(1, None)
    await desk.cache.settled()
    runs = statements_of(desk)
    assert await asyncio.gather(*(desk.notes() for _ in range(READERS))) == [0] * READERS
    assert runs == [1]


async def test_two_hundred_readers_of_what_was_never_read_cause_one_load(desk: Desk) -> None:
    runs = statements_of(desk)
    assert await asyncio.gather(*(desk.notes() for _ in range(READERS))) == [0] * READERS
    # Beside it, where a copy is kept, the generations that nobody knew yet.
    assert runs == [1 if desk.store.dialect == "sqlite" else 2]


async def test_two_hundred_readers_by_identifier_cause_one_load(desk: Desk) -> None:
    async with desk.store.write() as unit:
        unit.session.add(Identifier(kind=IdentifierKind.EXTERNAL_ID, value="one", customer_id=1))

    async def opened() -> int | None:
        loaders, _, _ = desk.operation()
        return await loaders.customer_by_identifier.ask("one", IdentifierKind.EXTERNAL_ID)

    await desk.warm(1)
    runs = statements_of(desk)
    assert await asyncio.gather(*(opened() for _ in range(READERS))) == [1] * READERS
    assert runs == [1]


async def test_a_first_reader_who_leaves_fails_nobody_else(desk: Desk) -> None:
    await desk.warm(2)
    desk.reader.before.shut()
    loaders, _, _ = desk.operation()
    first = asyncio.ensure_future(loaders.note_count.ask(1, None))
    await desk.reader.before.reached()
    others = [asyncio.ensure_future(desk.notes()) for _ in range(5)]
    for _ in range(20):
        await asyncio.sleep(0)
    loaders.tick.cancel()
    desk.reader.before.open()
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await asyncio.gather(*others) == [0] * 5
        (outcome,) = await asyncio.gather(first, return_exceptions=True)
    assert isinstance(outcome, Exception)


async def test_a_waiting_reader_who_leaves_fails_nobody_else(desk: Desk) -> None:
    desk.reader.after.shut()
    first = asyncio.ensure_future(desk.notes())
    await desk.reader.after.reached()
    leaving, staying = (asyncio.ensure_future(desk.notes()) for _ in range(2))
    for _ in range(20):
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    desk.reader.after.open()
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await asyncio.gather(first, staying) == [0, 0]


async def test_who_arrives_after_a_commit_does_not_take_what_was_read_before_it(desk: Desk, other_desk: Desk) -> None:
    await desk.warm(2)
    desk.reader.after.shut()
    early = asyncio.ensure_future(desk.notes())
    await desk.reader.after.reached()
    await other_desk.note()
    late = asyncio.ensure_future(desk.notes())
    for _ in range(20):
        await asyncio.sleep(0)
    desk.reader.after.open()
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await early in (0, 1)
        assert await late == 1


async def test_a_failure_is_shared_and_nothing_is_kept_of_it(desk: Desk) -> None:
    await desk.warm(2)
    run = desk.reader.run

    async def failing(calls: object, trips: Trips) -> list[Outcome]:
        await asyncio.sleep(0)
        return [SourceUnavailable("No.") for _ in calls]  # type: ignore[attr-defined]

    desk.reader.run = failing  # type: ignore[method-assign, assignment]
    outcomes = await asyncio.gather(*(desk.notes() for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [SourceUnavailable] * 5
    desk.reader.run = run  # type: ignore[method-assign]
    assert await desk.notes() == 0
    assert desk.panels.flights == {} or await desk.warm() == 0


async def test_no_flight_is_left_behind(desk: Desk) -> None:
    await asyncio.gather(*(desk.notes(id) for id in (1, 2, 1, 99)))
    await desk.cache.settled()
    assert desk.panels.flights == {}
