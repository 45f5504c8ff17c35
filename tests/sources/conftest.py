"""A small copy of the Complete Journey files, and a database of PostgreSQL alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sources.complete_journey import data_directory
from tests.databases import Postgres
from tests.sources.small_journey import SMALL_HOUSEHOLDS


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


@pytest.fixture
async def postgres_url(postgres: Postgres) -> AsyncIterator[str]:
    """A fresh, migrated database, for what only PostgreSQL promises."""
    url = await postgres.fresh()
    yield url
    await postgres.drop(url)


def _of_households(name: str) -> pa.Table:
    table = pq.read_table(data_directory() / f"{name}.parquet")
    wanted = pc.is_in(table["household_id"], value_set=pa.array(SMALL_HOUSEHOLDS))
    return table.filter(wanted)
