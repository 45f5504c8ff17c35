"""The documents of the benchmark: exactly what each costs, in every way in which the suite is run."""

from pathlib import Path
from typing import Any

import pytest

from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.gateway_client import Gateway

DOCUMENTS = Path(__file__).parents[2] / "benchmarks" / "documents"
PAGE = (DOCUMENTS / "profile-page.graphql").read_text(encoding="utf-8")
LIST = (DOCUMENTS / "list.graphql").read_text(encoding="utf-8")
PANELS = [
    "Consents",
    "CustomerById",
    "LatestEvents",
    "LatestNotes",
    "LatestOrders",
    "LatestReceipts",
    "Memberships",
    "StrongestInterests",
    "TagsOf",
]
LINES = ["ItemsOfOrder", "ItemsOfReceipt"]
COLUMNS_OF_THE_LIST = ["FoundCustomers", "LatestEvents", "LatestReceipts", "Memberships", "TagsOf"]

pytestmark = pytest.mark.usefixtures("uncached")


def cost(extensions: dict[str, Any]) -> tuple[list[str], int, int, int]:
    """The reads by loader, the ticks, the statements sent and the waits for the database."""
    profile = extensions["profile"]
    reads = sorted(batch["loader"] for batch in profile["loaderBatches"])
    return reads, profile["ticks"], profile["sqlStatements"], profile["sqlRoundTrips"]


async def test_the_page_of_one_customer_is_a_round_trip_a_level(gateway: Gateway) -> None:
    key = {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}}
    found = await gateway.ask("query ($key: CustomerKey!) { customer(by: $key) { id } }", key)
    answer = await gateway.ask(PAGE, {"id": found.data["customer"]["id"]})
    assert answer.errors == []
    # The panels and what their rows mention; graphql-core looks first whether there is such a customer.
    reads, ticks = sorted([*PANELS, *LINES]), 2 if gateway.settings.executor == "compiled" else 3
    if gateway.dialect == "sqlite":
        statements, trips = len(reads), ticks
    else:
        statements = trips = ticks if gateway.settings.combined_reads else len(reads)
    assert cost(answer.extensions) == (reads, ticks, statements, trips)


async def test_the_list_of_fifty_is_a_round_trip_a_read(gateway: Gateway) -> None:
    answer = await gateway.ask(LIST)
    assert answer.errors == []
    assert len(answer.data["customers"]["nodes"]) == 50
    trips = 2 if gateway.dialect == "sqlite" else 5
    assert cost(answer.extensions) == (COLUMNS_OF_THE_LIST, 2, 5, trips)
