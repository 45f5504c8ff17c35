"""Kept answers: which are, how they are found again, and how much memory they may take."""

from typing import Any

import pytest

from gateway.settings import Settings
from profiles.account import Account
from profiles.timeline import SessionState
from profiles.timeline.tables import Session
from profiles.viewer import ViewerKind
from resolvers.ids import encode
from tests.answers.asking import PAGE, UNPRIVILEGED, answers, sent, watched
from tests.clock import Clock
from tests.gateway.conftest import ADD_NOTE
from tests.gateway_client import Gateway, started
from tests.people import MADE_AT, add, customer_id, people


async def test_a_repeated_question_gets_the_same_bytes_and_nothing_runs(gateway: Gateway, customer: str) -> None:
    watching = watched(gateway)
    first, second = [await sent(gateway, id=customer) for _ in range(2)]
    assert (first.how, second.how, watching.runs) == ("fwd=miss; stored", "hit", 1)
    assert first.raw == second.raw
    assert second.data["customer"]["firstName"] == "Ann"


async def test_the_bytes_are_those_of_a_gateway_that_keeps_nothing(
    gateway: Gateway, customer: str, settings: Settings, account: Account, dialect: str, clock: Clock
) -> None:
    kept = [await sent(gateway, id=customer) for _ in range(2)][1]
    keeps_nothing = settings.model_copy(update={"answer_cache_megabytes": 0})
    async with started(keeps_nothing, account, dialect, clock) as plain:
        fresh = await sent(plain, id=customer)
    assert (kept.how, fresh.how, fresh.raw) == ("hit", None, kept.raw)


async def test_get_and_post_and_the_order_of_variables_make_no_difference(gateway: Gateway, customer: str) -> None:
    query = "query ($id: ID!, $first: Int) { customer(by: {id: $id}) { notes(first: $first) { totalCount } } }"
    await sent(gateway, query, id=customer, first=1)
    assert (await sent(gateway, query, first=1, id=customer)).how == "hit"
    assert (await sent(gateway, query, method="GET", first=1, id=customer)).how == "hit"
    assert (await sent(gateway, query, id=customer, first=2)).how == "fwd=miss; stored"


async def test_a_kept_answer_is_sent_as_gzip_to_who_asks(gateway: Gateway, customer: str) -> None:
    aliases = " ".join(f"{letter * 60}: firstName" for letter in "abcdefghijklmnopqrstuvwxyz")
    query = f"query ($id: ID!) {{ customer(by: {{id: $id}}) {{ {aliases} }} }}"
    plain = await sent(gateway, query, id=customer, headers={"Accept-Encoding": "identity"})
    packed = await sent(gateway, query, id=customer, headers={"Accept-Encoding": "gzip"})
    assert (packed.how, packed.raw) == ("hit", plain.raw)


@pytest.mark.parametrize(
    ("query", "scopes"),
    [
        pytest.param("query ($id: ID!) { viewer { name } customer(by: {id: $id}) { id } }", UNPRIVILEGED, id="viewer"),
        pytest.param("query { customers { nodes { id } } }", UNPRIVILEGED, id="a list of whoever fits"),
        pytest.param("query { tags { nodes { name } } }", UNPRIVILEGED, id="all tags"),
        pytest.param(PAGE, UNPRIVILEGED - {"notes:read"}, id="an error beside the data"),
        pytest.param("query ($id: ID!) { customer(by: {id: $id}) { id }", UNPRIVILEGED, id="a refusal"),
        pytest.param('query { customer(by: {externalId: "nobody"}) { id } }', UNPRIVILEGED, id="nobody yet"),
        pytest.param("query { __schema { queryType { name } } }", UNPRIVILEGED, id="the schema, kept elsewhere"),
    ],
)
async def test_what_may_change_without_a_generation_is_never_kept(
    gateway: Gateway, customer: str, query: str, scopes: frozenset[str]
) -> None:
    hows = {(await sent(gateway, query, scopes, id=customer)).how for _ in range(3)} - {None}
    assert hows <= {"fwd=miss", "fwd=bypass"}
    assert len(answers(gateway)) == 0


async def test_a_mutation_is_never_kept_and_each_one_runs(gateway: Gateway, customer: str) -> None:
    hows = [(await sent(gateway, ADD_NOTE, id=customer, body="x")).how for _ in range(2)]
    assert (hows, len(answers(gateway))) == ([None, None], 0)
    assert (await sent(gateway, id=customer)).data["customer"]["notes"]["totalCount"] == 2


LIVE = "query ($id: ID!) { node(id: $id) { ... on Session { state endedAt } } }"


@pytest.mark.parametrize(("state", "is_kept"), [(SessionState.LIVE, False), (SessionState.ENDED, True)])
async def test_a_visit_is_kept_once_it_has_ended(
    gateway: Gateway, customer: str, state: SessionState, is_kept: bool
) -> None:
    visit = Session(customer_id=7, id=3, external_id="visit", state=state, started_at=MADE_AT, last_seen_at=MADE_AT)
    await add(gateway, visit)
    _, answer = [await sent(gateway, LIVE, id=encode("Session", 7, 3)) for _ in range(2)]
    assert (answer.how == "hit") is is_kept


class TestLists:
    """A list may be a stated time old, where a setting says so."""

    @pytest.fixture
    def settings(self, database_url: str, redis_url: str | None) -> Settings:
        """Lists may be five seconds old."""
        return Settings(database_url=database_url, redis_url=redis_url, pool_size=4, cache=True, list_cache_seconds=5)

    async def test_a_list_is_kept_for_the_stated_time_and_no_longer(self, gateway: Gateway, clock: Clock) -> None:
        query = "query { customers { totalCount } }"
        await people(gateway, 1)
        assert (await sent(gateway, query)).data["customers"]["totalCount"] == 1
        await people(gateway, 2)
        clock.forward(4.9)
        stale = await sent(gateway, query)
        clock.forward(0.1)
        fresh = await sent(gateway, query)
        assert (stale.how, stale.data["customers"]["totalCount"]) == ("hit", 1)
        assert (fresh.how, fresh.data["customers"]["totalCount"]) == ("fwd=miss; stored", 2)

    async def test_a_page_of_a_customer_is_none_the_older_for_it(self, gateway: Gateway, customer: str) -> None:
        await sent(gateway, id=customer)
        await sent(gateway, ADD_NOTE, id=customer, body="x")
        assert (await sent(gateway, id=customer)).data["customer"]["notes"]["totalCount"] == 1


async def test_rights_never_share_an_answer(gateway: Gateway, customer: str) -> None:
    await sent(gateway, ADD_NOTE, id=customer, body="secret")
    seen: dict[str, Any] = {}
    for _ in range(2):
        for name, scopes, kind in (
            ("staff", UNPRIVILEGED, ViewerKind.STAFF),
            ("partner", UNPRIVILEGED, ViewerKind.PARTNER),
            ("impersonal", UNPRIVILEGED - {"personal:read"}, ViewerKind.STAFF),
        ):
            answer = await sent(gateway, "query ($id: ID!) { customer(by: {id: $id}) { notes { nodes { author } } } }",
                                scopes, kind, id=customer)  # fmt: skip
            email = await sent(gateway, "query ($id: ID!) { customer(by: {id: $id}) { email { value } } }",
                               scopes, kind, id=customer)  # fmt: skip
            author = answer.data["customer"]["notes"]["nodes"][0]["author"]
            shown = (author, email.body["data"]["customer"]["email"]["value"])
            assert seen.setdefault(name, shown) == shown
    assert seen["partner"] == ("staff", "ann@example.com")
    assert (seen["staff"][0] != "staff", seen["staff"][1]) == (True, "ann@example.com")
    assert seen["impersonal"][1] != "ann@example.com"


async def test_equal_rights_share_an_answer_unless_it_says_who_asks(gateway: Gateway, customer: str) -> None:
    # The client of the tests knows one key for the same rights: here it has two in turn.
    first = await gateway.key(UNPRIVILEGED)
    del gateway._keys[UNPRIVILEGED, ViewerKind.STAFF]
    second = await gateway.key(UNPRIVILEGED)
    hows, ids = [], []
    for key in (first, second):
        gateway._keys[UNPRIVILEGED, ViewerKind.STAFF] = key
        hows.append((await sent(gateway, id=customer)).how)
        ids.append((await sent(gateway, "query { viewer { id } }")).data["viewer"]["id"])
        assert (await sent(gateway, "query ($id: ID!) { node(id: $id) { id } }", id=ids[-1])).data["node"] is not None
    assert (hows, ids[0] != ids[1]) == (["fwd=miss; stored", "hit"], True)
    assert (await sent(gateway, "query ($id: ID!) { node(id: $id) { id } }", id=ids[0])).data["node"] is None


async def test_who_may_see_costs_sees_those_of_finding_the_answer(
    gateway: Gateway, customer: str, dialect: str
) -> None:
    await gateway.ask(PAGE, {"id": customer})
    hit = await gateway.ask(PAGE, {"id": customer})
    profile = hit.extensions["profile"]
    assert profile | {"executeMs": 0} == {
        "sqlStatements": 0,
        "sqlRoundTrips": 0,
        "redisRoundTrips": 1 if dialect == "postgresql" else 0,
        "loaderBatches": [],
        "ticks": 0,
        "cacheHits": 1,
        "compileMs": 0,
        "executeMs": 0,
    }


async def test_the_first_answer_shows_what_running_it_cost(gateway: Gateway, customer: str) -> None:
    first = await gateway.ask(PAGE, {"id": customer})
    assert first.extensions["profile"]["sqlStatements"] > 0
    assert first.extensions["profile"]["ticks"] > 0


async def test_an_answer_says_what_was_read_of_whom(gateway: Gateway, customer: str) -> None:
    await sent(gateway, id=customer)
    (kept,) = answers(gateway)._kept.values()
    assert (kept.record.operation_name, kept.record.customer_ids) == ("Page", (7,))
    assert {"Customer.firstName", "EmailContact.value", "Note.body"} <= kept.record.fields
    # Ten notes by default, and five events.
    assert kept.record.rows >= 15


class TestMemory:
    """What is kept is bounded."""

    @pytest.fixture
    def settings(self, database_url: str, redis_url: str | None) -> Settings:
        """A megabyte of answers."""
        return Settings(
            database_url=database_url, redis_url=redis_url, pool_size=4, cache=True, answer_cache_megabytes=1
        )

    async def test_what_was_not_asked_for_longest_goes_first(self, gateway: Gateway, customer: str) -> None:
        # An answer repeats its aliases: each of these is 40 kB long, and counts twice for its form as gzip.
        aliases = " ".join(f"{letter * 2_000}: firstName" for letter in "abcdefghijklmnopqrst")
        documents = [
            f"query ($id: ID!) {{ customer(by: {{id: $id}}) {{ {aliases} }} }} #{number}" for number in range(20)
        ]
        for document in documents:
            await sent(gateway, document, id=customer)
            await sent(gateway, documents[0], id=customer)
        assert answers(gateway).size_bytes <= 2**20
        assert len(answers(gateway)) == 12
        assert (await sent(gateway, documents[0], id=customer)).how == "hit"
        assert (await sent(gateway, documents[-1], id=customer)).how == "hit"
        assert (await sent(gateway, documents[1], id=customer)).how == "fwd=miss; stored"

    async def test_what_is_too_old_leaves_the_memory_unasked(
        self, gateway: Gateway, customer: str, clock: Clock
    ) -> None:
        await sent(gateway, id=customer)
        clock.forward(60)
        answers(gateway).forget_expired()
        assert (len(answers(gateway)), answers(gateway).size_bytes) == (0, 0)

    async def test_forgetting_gives_everything_back(self, gateway: Gateway, customer: str) -> None:
        await sent(gateway, id=customer)
        answers(gateway).clear()
        assert (len(answers(gateway)), answers(gateway).size_bytes) == (0, 0)


async def test_a_setting_turns_them_off(settings: Settings, account: Account, dialect: str, database_url: str) -> None:
    for update in ({"cache": False}, {"answer_cache_megabytes": 0}):
        async with started(settings.model_copy(update=update), account, dialect) as plain:
            assert plain.runtime.answers is None
            assert (await sent(plain, "query { __typename }")).how is None


async def test_nothing_is_kept_beside_postgresql_without_redis(
    settings: Settings, account: Account, dialect: str
) -> None:
    async with started(settings.model_copy(update={"redis_url": None}), account, dialect) as plain:
        assert (plain.runtime.answers is None) is (dialect == "postgresql")
        await people(plain, 9)
        assert (await sent(plain, id=customer_id(9))).data["customer"]["id"] == customer_id(9)
