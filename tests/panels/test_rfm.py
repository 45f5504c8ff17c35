"""The panel of RFM: scores by the boundaries of the last recompute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.metrics import CustomerMetrics
from profiles.rfm import SEGMENTS
from profiles.rfm.reading import THE_BOUNDARIES, CustomerRfm, RfmBoundaries
from profiles.viewer import ALL_SCOPES, Scope
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.panels.shop import reads
from tests.people import add, customer_id, people

NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)
RFM = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { rfm { segment recency frequency monetary } } } }"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def limits() -> RfmBoundaries:
    """Of ten days ago."""
    return RfmBoundaries(
        id=THE_BOUNDARIES,
        recency=[-60, -30, -10, -3],
        frequency=[2, 3, 5, 8],
        monetary=[1000, 2000, 5000, 9000],
        computed_at=NOW - timedelta(days=10),
    )


def sums(customer: int, days_ago: float, count: int, total_minor: int, returned_minor: int = 0) -> CustomerMetrics:
    at = NOW - timedelta(days=days_ago)
    return CustomerMetrics(
        customer_id=customer,
        purchase_count=count,
        first_purchase_at=at,
        last_purchase_at=at,
        purchase_total_minor=total_minor,
        returns_total_minor=returned_minor,
    )


async def scores(gateway: Gateway, *ids: int) -> list[dict[str, Any] | None]:
    answer = await gateway.ask(RFM, {"ids": [customer_id(id) for id in ids]})
    assert answer.errors == []
    return [node["rfm"] for node in answer.data["nodes"]]


async def test_scores_are_those_of_the_boundaries_with_their_name(gateway: Gateway) -> None:
    await people(gateway, 1, 2, 3)
    # Recency goes back from the day of the boundaries: 13 days ago is 3 days before it.
    await add(gateway, limits(), sums(1, 13, 8, 9000), sums(2, 14, 1, 999), sums(3, 71, 5, 12_000, 4_000))
    assert await scores(gateway, 1, 2, 3) == [
        {"segment": "Champions", "recency": 5, "frequency": 5, "monetary": 5},
        {"segment": "Promising", "recency": 4, "frequency": 1, "monetary": 1},
        # What was returned is no money, but stays a purchase.
        {"segment": "At Risk", "recency": 1, "frequency": 4, "monetary": 4},
    ]


async def test_who_never_purchased_has_none(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, limits(), CustomerMetrics(customer_id=1))
    assert await scores(gateway, 1, 2) == [None, None]


async def test_before_the_first_recompute_nobody_has_any(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, sums(1, 13, 8, 9000))
    assert await scores(gateway, 1) == [None]


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    ids = await people(gateway, 1)
    await add(gateway, limits(), sums(1, 13, 8, 9000))
    answer = await gateway.ask(RFM, {"ids": ids}, scopes=ALL_SCOPES - {Scope.METRICS_READ})
    assert (answer.data, answer.codes) == ({"nodes": [{"rfm": None}]}, ["FORBIDDEN"])
    assert answer.errors[0]["path"] == ["nodes", 0, "rfm"]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_scores_cost_one_read_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    ids = await people(gateway, *range(1, customers + 1))
    async with gateway.store.write() as unit:
        unit.session.add_all([limits(), *(sums(id, 13, id, 100 * id) for id in range(1, customers + 1))])
    answer = await gateway.ask(RFM, {"ids": ids})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "RfmOf": customers}
    assert all(node["rfm"]["recency"] == 5 for node in answer.data["nodes"])


async def test_the_account_lists_the_names_from_the_best_to_the_lost(gateway: Gateway) -> None:
    answer = await gateway.ask("{ account { rfmSegments panels { key side } } }")
    assert answer.data["account"]["rfmSegments"] == list(SEGMENTS)
    assert {"key": "rfm", "side": "LEFT"} in answer.data["account"]["panels"]


async def test_a_segment_that_does_not_exist_is_refused_with_its_path(gateway: Gateway) -> None:
    query = "query ($names: [String!]) { customers(filter: { rfmSegment: $names }) { totalCount } }"
    answer = await gateway.ask(query, {"names": ["Champions", "Heroes"]})
    assert (answer.data, answer.codes) == ({"customers": None}, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"] == ["filter", "rfmSegment", "1"]
    assert answer.extensions["profile"]["sqlStatements"] == 0


async def test_attributes_show_scores_and_customers_are_found_by_them(gateway: Gateway) -> None:
    ids = await people(gateway, 1, 2)
    scored = {"segment": "Champions", "recency": 5, "frequency": 5, "monetary": 5}
    await add(gateway, limits(), sums(1, 13, 8, 9000), CustomerRfm(customer_id=1, **scored))
    keys = ["rfm.segment", "rfm.recency", "rfm.frequency", "rfm.monetary"]
    shown = (
        "query ($id: ID!, $keys: [String!]) { customer(by: { id: $id }) { attributes(keys: $keys) { value number } } }"
    )
    answer = await gateway.ask(shown, {"id": ids[0], "keys": keys})
    assert answer.errors == []
    assert answer.data["customer"]["attributes"] == [
        {"value": "Champions", "number": None},
        *[{"value": "5", "number": 5.0}] * 3,
    ]
    none = await gateway.ask(shown, {"id": ids[1], "keys": keys})
    assert none.data["customer"]["attributes"] == [{"value": None, "number": None}] * 4
    find = "query ($said: [AttributeFilter!]) { customers(filter: { attributes: $said }) { nodes { externalId } } }"
    for said, found in (
        ({"key": "rfm.segment", "in": ["Champions", "Lost"]}, ["ext-1"]),
        ({"key": "rfm.segment", "equals": "Lost"}, []),
        ({"key": "rfm.recency", "from": "4.5"}, ["ext-1"]),
        ({"key": "rfm.monetary", "isMissing": True}, ["ext-2"]),
    ):
        listed = await gateway.ask(find, {"said": [said]})
        assert [node["externalId"] for node in listed.data["customers"]["nodes"]] == found, said
