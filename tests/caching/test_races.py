"""Races: whatever happens between two steps, nothing that a commit has ended is ever used after it."""

import asyncio

import pytest

from profiles.notes import add_note
from profiles.storage.generations import stamps_of
from profiles.storage.keeping import ACCOUNT
from profiles.viewer import SYSTEM
from tests.caching.desk import PATIENCE_SECONDS, Barrier, Desk
from tests.people import MADE_AT


async def test_what_was_read_once_is_answered_without_the_database(desk: Desk) -> None:
    assert await desk.notes() == 0
    await desk.cache.settled()
    assert await desk.notes() == 0
    assert (desk.costs.trips.statements, desk.costs.cache_hits) == (0, 1)
    assert desk.costs.redis_round_trips == (0 if desk.store.dialect == "sqlite" else 1)


async def test_a_write_is_seen_at_once_by_every_process(desk: Desk, other_desk: Desk) -> None:
    for number in range(1, 4):
        await desk.note()
        assert await desk.notes() == number
        assert await other_desk.notes() == number
        assert await desk.warm() == await other_desk.warm() == number


async def test_a_write_about_one_customer_leaves_the_others_kept(desk: Desk) -> None:
    await desk.warm(1)
    await desk.warm(2)
    await desk.note(1)
    await desk.notes(2)
    # An SQLite file counts commits, whomever they are about.
    assert desk.costs.trips.statements == (1 if desk.store.dialect == "sqlite" else 0)


def held_at(desk: Desk, step: str) -> Barrier:
    return {
        "before its statements": desk.reader.before,
        "with its rows": desk.reader.after,
        "before it keeps them": desk.cache.keeping,
    }[step]


@pytest.mark.parametrize("step", ["before its statements", "with its rows", "before it keeps them"])
@pytest.mark.parametrize("is_warm", [False, True])
async def test_a_read_that_began_before_a_commit_stores_nothing_usable_after_it(
    desk: Desk, other_desk: Desk, step: str, is_warm: bool
) -> None:
    if is_warm:
        # The generations are known, and what is asked below is not kept yet.
        loaders, _, _ = desk.operation()
        await loaders.consents.ask(1, None)
        await desk.cache.settled()
    barrier = held_at(desk, step)
    barrier.shut()
    reading = asyncio.ensure_future(desk.notes())
    await barrier.reached()
    await other_desk.note()
    barrier.open()
    assert await reading in (0, 1)
    await desk.cache.settled()
    assert await desk.notes() == 1
    assert await other_desk.notes() == 1
    assert await desk.warm() == await other_desk.warm() == 1


async def test_an_operation_that_reads_across_a_commit_keeps_nothing_usable_of_it(desk: Desk, other_desk: Desk) -> None:
    loaders, _, _ = desk.operation()
    await loaders.customer_by_id.ask(1, None)
    await other_desk.note()
    # The later rows go under the generation that came with the first ones: older than they are, and so of no use.
    assert await loaders.note_count.ask(1, None) == 1
    await desk.cache.settled()
    assert await desk.notes() == 1
    assert desk.costs.trips.statements > 0


async def test_rows_are_not_kept_under_the_generation_of_a_list_that_was_read_after_them(
    desk: Desk, other_desk: Desk
) -> None:
    # A customer in doubt has no generation, so nothing may be kept that was read before one came along.
    desk.generations.doubted.shut()
    writing = asyncio.ensure_future(desk.note())
    if desk.store.dialect == "postgresql":
        await desk.generations.doubted.reached()
        assert await other_desk.notes() == 0
        await other_desk.cache.settled()
    desk.generations.doubted.open()
    await writing
    assert await other_desk.notes() == 1


class TestBesidePostgresql:
    """Where a copy of the generations stands in Valkey; an SQLite file counts its commits itself."""

    @pytest.fixture
    def dialect(self) -> str:
        return "postgresql"

    async def test_while_a_write_commits_readers_ask_the_database(self, desk: Desk, other_desk: Desk) -> None:
        assert await other_desk.warm() == 0
        desk.generations.doubted.shut()
        writing = asyncio.ensure_future(desk.note())
        await desk.generations.doubted.reached()
        assert await other_desk.notes() == 0
        # The one statement of the read: a doubt costs nothing beside it.
        assert other_desk.costs.trips.statements == 1
        await other_desk.cache.settled()
        desk.generations.doubted.open()
        await writing
        assert await other_desk.notes() == 1

    async def test_between_a_commit_and_its_copy_readers_ask_the_database(self, desk: Desk, other_desk: Desk) -> None:
        assert await other_desk.warm() == 0
        desk.generations.copying.shut()
        writing = asyncio.ensure_future(desk.note())
        await desk.generations.copying.reached()
        assert await other_desk.notes() == 1
        await other_desk.cache.settled()
        assert await other_desk.notes() == 1
        desk.generations.copying.open()
        await writing
        assert await other_desk.warm() == 1

    async def test_a_reader_who_sees_the_commit_ends_the_doubt(self, desk: Desk, other_desk: Desk) -> None:
        assert await other_desk.warm() == 0
        desk.generations.copying.shut()
        writing = asyncio.ensure_future(desk.note())
        await desk.generations.copying.reached()
        loaders, _, _ = other_desk.operation()
        # A customer's row brings its generation along.
        await loaders.customer_by_id.ask(1, None)
        await other_desk.cache.settled()
        assert await other_desk.warm() == 1
        desk.generations.copying.open()
        await writing

    async def test_a_late_copy_of_one_write_does_not_end_the_doubt_of_the_next(
        self, desk: Desk, other_desk: Desk
    ) -> None:
        await desk.warm()
        desk.generations.copying.shut()
        first = asyncio.ensure_future(desk.note())
        await desk.generations.copying.reached()
        other_desk.generations.doubted.shut()
        second = asyncio.ensure_future(other_desk.note())
        await other_desk.generations.doubted.reached()
        desk.generations.copying.open()
        await first
        # The first is copied now, and the second may be committed at any moment.
        assert await desk.notes() == 1
        await desk.cache.settled()
        other_desk.generations.doubted.open()
        await second
        assert await desk.notes() == await other_desk.notes() == 2

    async def test_a_write_that_is_rolled_back_leaves_what_is_kept(self, desk: Desk, other_desk: Desk) -> None:
        assert await other_desk.warm() == 0

        async def given_up() -> None:
            async with desk.store.write() as unit:
                await add_note(unit, SYSTEM, 1, "x", MADE_AT)
                raise LookupError

        with pytest.raises(LookupError):
            await given_up()
        assert await other_desk.notes() == 0
        assert other_desk.costs.trips.statements == 0

    async def test_a_write_that_is_cancelled_before_its_commit_takes_its_doubt_back(
        self, desk: Desk, other_desk: Desk
    ) -> None:
        assert await other_desk.warm() == 0
        desk.generations.doubted.shut()
        writing = asyncio.ensure_future(desk.note())
        await desk.generations.doubted.reached()
        await other_desk.notes()
        assert other_desk.costs.trips.statements == 1
        writing.cancel()
        await asyncio.wait({writing})
        assert await other_desk.notes() == 0
        assert other_desk.costs.trips.statements == 0

    async def test_a_doubt_is_taken_back_by_nobody_else(self, desk: Desk) -> None:
        await desk.warm()
        await desk.generations.doubt({1: 2}, "one")
        await desk.generations.doubt({1: 2}, "other")
        await desk.generations.withdraw({1: 2}, "one")
        await desk.notes()
        assert desk.costs.trips.statements == 1
        await desk.generations.withdraw({1: 2}, "other")
        await desk.notes()
        assert desk.costs.trips.statements == 0

    async def test_a_copy_only_rises(self, desk: Desk) -> None:
        await desk.note()
        for generation in (3, 2, 1):
            await desk.generations.reached({1: generation})
        looked = await desk.cache.look({1: None}, ())
        assert looked is not None
        assert looked.owners[1].generation == 3

    async def test_a_copy_that_is_gone_is_read_anew_and_costs_one_small_statement(self, desk: Desk) -> None:
        assert await desk.notes() == 0
        # The read itself and the generations before it: of the customer and of the account. They travel together.
        assert desk.costs.trips.round_trips == 1
        assert desk.costs.trips.reads == 2
        assert await desk.store.answer(stamps_of([1, 2, 99])) == {ACCOUNT: 0, 1: 1, 2: 1}

    async def test_a_customer_whose_row_was_read_first_needs_no_statement_for_the_generation(self, desk: Desk) -> None:
        await desk.warm(2)
        loaders, _, costs = desk.operation()
        await loaders.customer_by_id.ask(1, None)
        await loaders.note_count.ask(1, None)
        assert costs.trips.statements == 2
        await desk.cache.settled()
        await desk.notes()
        assert desk.costs.trips.statements == 0


async def test_nobody_waits_for_ever(desk: Desk) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(3):
            await asyncio.gather(desk.note(), *(desk.notes(id) for id in (1, 2, 99, 1)))
    assert await desk.notes() == 3
