"""The tick: what becomes due together is read together, and one reader's failure or departure is nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from loaders import Loaders
from loaders.base import Asking, Key, Loader
from loaders.tick import Costs, Tick
from profiles.account import load_account
from profiles.customers import Customer, CustomerRow, SubscriptionStatus
from profiles.errors import BadRequest, DeadlineExceeded
from profiles.live.bus import MemoryBus
from profiles.moment import Moment
from profiles.storage.address import parse_address
from profiles.storage.readers import Trips
from profiles.storage.reads import Read
from profiles.storage.store import Store, open_store
from profiles.viewer import SYSTEM
from tests.people import MADE_AT


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store with twenty customers."""
    opened = await open_store(parse_address(database_url), MemoryBus(), pool_size=2)
    async with opened.write() as unit:
        unit.session.add_all(
            Customer(
                id=id,
                external_id=f"ext-{id}",
                subscription_status=SubscriptionStatus.PENDING,
                created_at=MADE_AT,
                updated_at=MADE_AT,
            )
            for id in range(1, 21)
        )
    yield opened
    await opened.close()


@pytest.fixture
def costs() -> Costs:
    return Costs()


@pytest.fixture
async def loaders(store: Store, costs: Costs) -> Loaders:
    """The loaders of one operation."""
    return Loaders(Tick(store, costs), Asking(SYSTEM, load_account(), Moment(MADE_AT)))


async def after_passes(passes: int) -> None:
    """Lets the event loop go round, as a resolver does that awaits something."""
    for _ in range(passes):
        await asyncio.sleep(0)


async def test_keys_asked_together_are_one_read_and_each_gets_its_own_answer(loaders: Loaders, costs: Costs) -> None:
    ids = [7, 3, 99, 7, 20]
    rows = await asyncio.gather(*(loaders.customer_by_id.ask(id, None) for id in ids))
    assert [row and (row.id, row.external_id) for row in rows] == [
        (7, "ext-7"),
        (3, "ext-3"),
        None,
        (7, "ext-7"),
        (20, "ext-20"),
    ]
    assert (costs.ticks, costs.batches) == (1, [("CustomerById", 4)])


async def test_loaders_asked_together_share_one_tick(loaders: Loaders, store: Store, costs: Costs) -> None:
    await asyncio.gather(
        loaders.customer_by_id.ask(1, None),
        loaders.consents.ask(1, None),
        loaders.metrics_of.ask(1, None),
        loaders.customer_by_id.ask(2, None),
    )
    assert (costs.ticks, costs.batches) == (1, [("CustomerById", 2), ("Consents", 1), ("MetricsOf", 1)])
    assert costs.trips == Trips(statements=3 if store.dialect == "sqlite" else 1, round_trips=1, reads=3)


async def test_keys_with_other_arguments_are_reads_of_their_own_in_the_same_tick(
    loaders: Loaders, costs: Costs
) -> None:
    counts = await asyncio.gather(*(loaders.note_count.ask(id, search) for id in (1, 2) for search in (None, "x")))
    assert counts == [0, 0, 0, 0]
    assert (costs.ticks, costs.batches) == (1, [("NoteCount", 2), ("NoteCount", 2)])


async def test_siblings_that_resolve_at_different_depths_stay_in_one_tick(loaders: Loaders, costs: Costs) -> None:
    async def at_depth(depth: int) -> CustomerRow | None:
        await after_passes(depth)
        return await loaders.customer_by_id.ask(depth + 1, None)

    rows = await asyncio.gather(*(at_depth(depth) for depth in range(10)))
    assert [row.id for row in rows if row] == list(range(1, 11))
    # Each of them came while the one before had just been asked, so the tick stayed open for all ten.
    assert (costs.ticks, costs.batches) == (1, [("CustomerById", 10)])


async def test_what_is_asked_after_an_answer_is_the_next_tick(loaders: Loaders, costs: Costs) -> None:
    await loaders.customer_by_id.ask(1, None)
    await loaders.customer_by_id.ask(2, None)
    assert (costs.ticks, costs.batches) == (2, [("CustomerById", 1), ("CustomerById", 1)])


async def test_what_was_answered_once_is_not_read_again(loaders: Loaders, costs: Costs) -> None:
    first = await loaders.customer_by_id.ask(1, None)
    again = await asyncio.gather(*(loaders.customer_by_id.ask(1, None) for _ in range(3)))
    assert all(row is first for row in again)
    assert costs.batches == [("CustomerById", 1)]


async def test_one_operations_loaders_know_nothing_of_anothers(store: Store, costs: Costs) -> None:
    asking = Asking(SYSTEM, load_account(), Moment(MADE_AT))
    first, second = Loaders(Tick(store, costs), asking), Loaders(Tick(store, costs), asking)
    await asyncio.gather(first.customer_by_id.ask(1, None), second.customer_by_id.ask(1, None))
    assert (costs.ticks, costs.batches) == (2, [("CustomerById", 1), ("CustomerById", 1)])


async def test_one_who_stops_waiting_does_not_spoil_the_answer_for_others(loaders: Loaders, costs: Costs) -> None:
    async def wait() -> CustomerRow | None:
        return await loaders.customer_by_id.ask(1, None)

    leaving, staying = asyncio.ensure_future(wait()), asyncio.ensure_future(loaders.customer_by_id.ask(2, None))
    await after_passes(1)
    leaving.cancel()
    row = await staying
    assert row is not None
    assert row.id == 2
    assert (leaving.cancelled(), costs.batches) == (True, [("CustomerById", 2)])


async def test_a_key_whose_reader_was_cancelled_can_be_asked_for_again(loaders: Loaders, costs: Costs) -> None:
    async def wait() -> CustomerRow | None:
        return await loaders.customer_by_id.ask(1, None)

    for passes in (0, 1, 5):
        leaving = asyncio.ensure_future(wait())
        await after_passes(passes)
        leaving.cancel()
        await asyncio.wait({leaving})
    async with asyncio.timeout(5):
        row = await loaders.customer_by_id.ask(1, None)
    assert row is not None
    assert row.id == 1


async def test_several_wait_for_one_key_and_one_of_them_leaves(loaders: Loaders, costs: Costs) -> None:
    async def wait() -> CustomerRow | None:
        return await loaders.customer_by_id.ask(1, None)

    waiting = [asyncio.ensure_future(wait()) for _ in range(3)]
    await after_passes(1)
    waiting[0].cancel()
    async with asyncio.timeout(5):
        rows = await asyncio.gather(*waiting[1:])
    assert [row.id for row in rows if row] == [1, 1]
    assert costs.batches == [("CustomerById", 1)]


async def test_a_cancelled_tick_fails_its_keys_and_leaves_nobody_waiting(loaders: Loaders) -> None:
    asked = [asyncio.ensure_future(loaders.customer_by_id.ask(id, None)) for id in (1, 2)]
    while not loaders.tick._running:
        await asyncio.sleep(0)
    loaders.tick.cancel()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DeadlineExceeded, DeadlineExceeded]


class Broken(Loader[int, str, str]):
    """Fails in each of the ways in which a loader can."""

    def read(self, ids: Sequence[int], arguments: str) -> Read[int, str]:
        if arguments == "refused":
            raise BadRequest("No.")
        if arguments == "a mistake":
            raise LookupError("ours")
        asked = Loaders(self.tick, self.asking).note_count.read(ids, None)
        return Read(asked.statement, {}, lambda rows: {})

    def missing(self, id: int) -> str:
        return ""


async def test_a_failure_is_the_value_of_its_own_keys_and_stays_so(loaders: Loaders, costs: Costs) -> None:
    broken = Broken(loaders.tick, loaders.asking)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(
            broken.ask(1, "refused"),
            broken.ask(1, "a mistake"),
            broken.ask(2, "without parameters"),
            loaders.customer_by_id.ask(1, None),
            loaders.note_count.ask(1, None),
            return_exceptions=True,
        )
    assert [type(outcome) for outcome in outcomes] == [BadRequest, LookupError, KeyError, CustomerRow, int]
    reads = len(costs.batches)
    with pytest.raises(BadRequest):
        await broken.ask(1, "refused")
    assert len(costs.batches) == reads


async def test_a_store_that_is_closed_fails_every_key_and_hangs_none(store: Store, costs: Costs) -> None:
    loaders = Loaders(Tick(store, costs), Asking(SYSTEM, load_account(), Moment(MADE_AT)))
    await store.reader.close()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(
            loaders.customer_by_id.ask(1, None), loaders.consents.ask(1, None), return_exceptions=True
        )
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert isinstance(costs.trips, Trips)


async def test_a_cleared_answer_is_read_again_and_the_others_are_not(loaders: Loaders, costs: Costs) -> None:
    people = loaders.customer_by_id
    await asyncio.gather(people.ask(1, None), people.ask(2, None))
    people.clear(Key(1, None))
    await asyncio.gather(people.ask(1, None), people.ask(2, None))
    assert costs.batches == [("CustomerById", 2), ("CustomerById", 1)]
    people.clear_all()
    await asyncio.gather(people.ask(1, None), people.ask(2, None))
    assert costs.batches[2:] == [("CustomerById", 2)]
