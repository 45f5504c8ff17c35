"""Identity: which keys open what, until when, and that looking a key up is not paid for by every request."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.identity import KeyRing
from gateway.settings import Settings
from profiles.errors import Unauthenticated
from profiles.keys import create_key, every_key, revoke_key, split_key
from profiles.viewer import ViewerKind
from tests.clock import Clock
from tests.gateway_client import Gateway

TYPENAME = {"query": "{ __typename }"}
START = datetime(2026, 3, 1, tzinfo=UTC)


async def with_header(gateway: Gateway, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return await gateway.http.post("/graphql", json=TYPENAME, headers=headers)


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "nonsense",
        "Bearer dev",
        "Bearer pgw_",
        "Bearer pgw_abcdefgh_" + "x" * 40,
        "Bearer pgw_abcdefgh_" + "x" * 10_000,
        "Bearer pgw_abcd%27gh_" + "x" * 40,
        "Bearer \u00e9".encode("latin-1").decode("latin-1"),
    ],
)
async def test_without_a_good_key_nothing_is_answered(gateway: Gateway, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    response = await gateway.http.post("/graphql", json=TYPENAME, headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="profile-gateway"')
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_the_scheme_is_read_in_any_case(gateway: Gateway) -> None:
    assert (await with_header(gateway, f"bearer {await gateway.key()}")).status_code == 200


async def test_the_right_prefix_with_another_secret_opens_nothing(gateway: Gateway) -> None:
    key = await gateway.key()
    other = key[:-1] + ("a" if key[-1] != "a" else "b")
    assert (await with_header(gateway, f"Bearer {other}")).status_code == 401


async def test_no_secret_is_stored_and_the_digest_is_no_key(gateway: Gateway) -> None:
    key = await gateway.key()
    split = split_key(key)
    assert split is not None
    (row,) = (await gateway.store.answer(every_key())).values()
    assert split.secret not in repr(row)
    assert row.opens(split.secret)
    assert not row.opens(row.digest)


async def test_a_key_is_read_once_in_a_while_and_not_for_every_request(gateway: Gateway) -> None:
    clock = Clock(START)
    key = await gateway.key()
    ring = KeyRing(gateway.store, clock, None, memory_seconds=60)
    await ring.admit(f"Bearer {key}", None)
    await gateway.store.close()
    # The database is gone, and the key still known.
    assert (await ring.admit(f"Bearer {key}", None)).viewer.kind is ViewerKind.STAFF


class Gate:
    """A reader that counts its runs and lets each wait until it is opened."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.runs = 0
        self.open = asyncio.Event()

    async def run(self, statements: Sequence[Any], *costs: Any) -> Any:
        self.runs += 1
        await self.open.wait()
        return await self._reader.run(statements, *costs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


async def test_a_key_that_many_show_at_once_is_read_once_and_who_leaves_spoils_it_for_nobody(gateway: Gateway) -> None:
    key = await gateway.key()
    gate = Gate(gateway.store.reader)
    ring = KeyRing(replace(gateway.store, reader=gate), Clock(START), None, memory_seconds=60)
    asking = [asyncio.ensure_future(ring.admit(f"Bearer {key}", None)) for _ in range(50)]
    while not gate.runs:
        await asyncio.sleep(0)
    asking[0].cancel()
    gate.open.set()
    first, *others = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert {grant.viewer.kind for grant in others if not isinstance(grant, BaseException)} == {ViewerKind.STAFF}
    assert (len(others), gate.runs) == (49, 1)


async def test_a_key_that_comes_twice_is_no_key(gateway: Gateway) -> None:
    bearer = f"Bearer {await gateway.key()}"
    response = await gateway.http.post(
        "/graphql", json=TYPENAME, headers=[("Authorization", bearer), ("Authorization", bearer)]
    )
    assert response.status_code == 401


async def test_an_expired_key_opens_nothing_from_its_last_moment_on(gateway: Gateway) -> None:
    clock = Clock(START)
    async with gateway.store.write() as unit:
        key = await create_key(unit, "short", ViewerKind.PARTNER, ["notes:read"], START, START + timedelta(days=1))
    ring = KeyRing(gateway.store, clock, None, memory_seconds=60)
    clock.now = START + timedelta(days=1) - timedelta(microseconds=1)
    grant = await ring.admit(f"Bearer {key}", None)
    assert (grant.viewer.kind, grant.viewer.scopes) == (ViewerKind.PARTNER, {"notes:read"})
    assert await ring.ended([grant]) == {}
    clock.now = START + timedelta(days=1)
    with pytest.raises(Unauthenticated, match="expired"):
        await ring.admit(f"Bearer {key}", None)
    assert [ended.name for ended in (await ring.ended([grant])).values()] == ["EXPIRED"]


async def test_a_revoked_key_opens_nothing_and_revoking_it_again_changes_nothing(gateway: Gateway) -> None:
    split = split_key(await gateway.key())
    assert split is not None
    for day in (1, 2):
        async with gateway.store.write() as unit:
            await revoke_key(unit, split.prefix, START + timedelta(days=day))
    (row,) = (await gateway.store.answer(every_key())).values()
    assert row.revoked_at == START + timedelta(days=1)
    assert (await with_header(gateway, f"Bearer {await gateway.key()}")).status_code == 401


async def test_the_last_use_is_written_now_and_then(gateway: Gateway) -> None:
    clock = Clock(START)
    key = await gateway.key()
    ring = KeyRing(gateway.store, clock, None, memory_seconds=60)
    for _ in range(3):
        clock.now += timedelta(minutes=1)
        await ring.admit(f"Bearer {key}", None)
    (row,) = (await gateway.store.answer(every_key())).values()
    assert row.last_used_at is None
    await ring.write_uses()
    (row,) = (await gateway.store.answer(every_key())).values()
    assert row.last_used_at == START + timedelta(minutes=3)


async def test_keys_are_not_logged(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = await gateway.key()
    await with_header(gateway, f"Bearer {key}")
    await with_header(gateway, f"Bearer {key}x")
    split = split_key(key)
    assert split is not None
    assert split.secret not in caplog.text


class TestDevelopmentKey:
    """With a development key, on this machine only."""

    pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return Settings(database_url=database_url, development_key="dev")

    async def test_it_opens_everything_from_the_loopback(self, gateway: Gateway) -> None:
        assert (await with_header(gateway, "Bearer dev")).status_code == 200

    async def test_it_opens_nothing_from_elsewhere(self, gateway: Gateway) -> None:
        transport = httpx.ASGITransport(gateway.app, client=("203.0.113.9", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as elsewhere:
            response = await elsewhere.post("/graphql", json=TYPENAME, headers={"Authorization": "Bearer dev"})
        assert response.status_code == 401

    async def test_a_page_that_points_its_own_name_here_is_told_nothing(self, gateway: Gateway) -> None:
        for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example"):
            response = await gateway.http.get("/graphiql/config.json", headers={"Host": host})
            assert (response.status_code, "dev" in response.text) == (421, False)
        for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
            response = await gateway.http.get("/graphiql/config.json", headers={"Host": host})
            assert response.json()["developmentKey"] == "dev"
