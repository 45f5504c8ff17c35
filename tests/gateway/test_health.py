"""Health: alive is not ready, and not ready says why."""

import pytest
from sqlalchemy import text

from gateway.settings import Settings
from profiles.account import load_account
from profiles.errors import SettingsError
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.databases import Databases
from tests.gateway_client import Gateway, started
from tests.people import people


async def test_a_running_gateway_is_alive_and_ready(gateway: Gateway) -> None:
    alive, ready = await gateway.http.get("/livez"), await gateway.http.get("/readyz")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "reasons": []})


async def test_a_database_behind_the_newest_revision_is_not_ready(gateway: Gateway) -> None:
    async with gateway.store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    ready = await gateway.http.get("/readyz")
    assert ready.status_code == 503
    assert "revision 0000" in ready.json()["reasons"][0]
    assert (await gateway.http.get("/livez")).status_code == 200


async def test_a_database_without_tables_is_not_ready(databases: Databases, dialect: str) -> None:
    url = await databases.empty()
    if dialect == "sqlite":
        with pytest.raises(SettingsError, match="There is no database"):
            async with started(Settings(database_url=url), load_account(), dialect):
                pass
        return
    async with started(Settings(database_url=url), load_account(), dialect) as gateway:
        ready = await gateway.http.get("/readyz")
        assert ready.status_code == 503
        assert "without tables" in ready.json()["reasons"][0]
    await databases.drop(url)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_database_that_does_not_answer_is_not_ready(gateway: Gateway, databases: Databases) -> None:
    await databases.drop(gateway.settings.database_url)
    ready = await gateway.http.get("/readyz")
    assert (ready.status_code, len(ready.json()["reasons"])) == (503, 1)
    assert (await gateway.http.get("/livez")).status_code == 200


async def test_a_stopping_gateway_is_not_ready_before_it_stops_answering(gateway: Gateway) -> None:
    gateway.runtime.live.is_stopping = True
    assert (await gateway.http.get("/readyz")).json()["reasons"] == ["The gateway is stopping."]
    assert (await gateway.ask("{ __typename }")).errors == []


class TestDemo:
    """What the page of a demo is told."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return Settings(database_url=database_url, development_key="dev")

    async def test_the_page_is_told_of_the_showcase_where_it_is_loaded(self, gateway: Gateway) -> None:
        assert gateway.settings.graphiql_customer == str(SHOWCASE_HOUSEHOLD)
        without = (await gateway.http.get("/graphiql/config.json")).json()
        assert (without["demoCustomerId"], without["demoExternalId"]) == (None, None)
        (id,) = await people(gateway, 8, external_id=str(SHOWCASE_HOUSEHOLD))
        told = (await gateway.http.get("/graphiql/config.json")).json()
        assert (told["demoCustomerId"], told["demoExternalId"]) == (id, str(SHOWCASE_HOUSEHOLD))


async def test_without_a_development_key_the_page_is_told_of_nobody(gateway: Gateway) -> None:
    await people(gateway, 8, external_id=str(SHOWCASE_HOUSEHOLD))
    told = (await gateway.http.get("/graphiql/config.json")).json()
    assert (told["developmentKey"], told["demoCustomerId"], told["demoExternalId"]) == (None, None, None)
