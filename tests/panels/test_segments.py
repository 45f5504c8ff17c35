"""Segments: the panel, the node with its members and metrics, the list of all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.metrics import CustomerMetrics
from profiles.segments import Segment, SegmentMembership
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.people import add, customer_id, people

THEN = datetime(2026, 2, 1, 10, tzinfo=UTC)
PANEL = """
query ($id: ID!, $past: Boolean! = false) {
  customer(by: { id: $id }) {
    externalId
    segments(includePast: $past) { segment { id name description } enteredAt leftAt }
  }
}
"""
NODE = """
query ($id: ID!, $sort: CustomerSort, $first: Int! = 20, $after: String) {
  node(id: $id) {
    id
    ... on Segment {
      name
      metrics { customerCount orderCount receiptCount revenue { amount } averageReceipt { amount } }
      customers(sort: $sort, first: $first, after: $after) {
        totalCount
        aggregate { customerCount receiptCount }
        pageInfo { hasNextPage endCursor }
        nodes { externalId }
      }
    }
  }
}
"""
LIST = """
query ($search: String, $first: Int! = 20, $after: String) {
  segments(search: $search, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { name } }
    nodes { name }
  }
}
"""


def member(customer: int, segment: int, days: int = 0, left: int | None = None) -> SegmentMembership:
    """Someone who entered so many days after THEN, and perhaps left."""
    return SegmentMembership(
        customer_id=customer,
        segment_id=segment,
        entered_at=THEN + timedelta(days=days),
        left_at=None if left is None else THEN + timedelta(days=left),
    )


async def settled(gateway: Gateway) -> None:
    """Three customers; two are in the first segment, one was; the second segment has one, the third nobody."""
    await people(gateway, 1, 2, 3)
    await add(
        gateway,
        Segment(id=1, name="ätna fans", name_key="atna fans", description="Up to the top."),
        Segment(id=2, name="Bargain hunters"),
        Segment(id=3, name="Nobody"),
        member(1, 2),
        member(1, 1, days=5),
        member(1, 1, days=0, left=3),
        member(2, 1),
        member(3, 1, left=1),
        CustomerMetrics(
            customer_id=1,
            receipt_count=3,
            order_count=1,
            receipt_total_minor=1000,
            receipt_total_count=3,
            purchase_total_minor=1500,
        ),
        CustomerMetrics(customer_id=3, receipt_count=9, receipt_total_minor=9, receipt_total_count=9),
    )


async def panel(gateway: Gateway, customer: int, past: bool = False) -> list[dict[str, Any]]:
    """The panel's memberships."""
    answer = await gateway.ask(PANEL, {"id": customer_id(customer), "past": past})
    assert answer.errors == []
    memberships: list[dict[str, Any]] = answer.data["customer"]["segments"]
    return memberships


async def test_the_panel_shows_the_segments_of_now_by_name(gateway: Gateway) -> None:
    await settled(gateway)
    assert await panel(gateway, 1) == [
        {
            "segment": {"id": encode("Segment", 1), "name": "ätna fans", "description": "Up to the top."},
            "enteredAt": "2026-02-06T10:00:00Z",
            "leftAt": None,
        },
        {
            "segment": {"id": encode("Segment", 2), "name": "Bargain hunters", "description": None},
            "enteredAt": "2026-02-01T10:00:00Z",
            "leftAt": None,
        },
    ]
    assert await panel(gateway, 3) == []


async def test_the_past_shows_when_someone_left_the_latest_time_first(gateway: Gateway) -> None:
    await settled(gateway)
    shown = [
        (one["segment"]["name"], one["enteredAt"][:10], one["leftAt"]) for one in await panel(gateway, 1, past=True)
    ]
    assert shown == [
        ("ätna fans", "2026-02-06", None),
        ("ätna fans", "2026-02-01", "2026-02-04T10:00:00Z"),
        ("Bargain hunters", "2026-02-01", None),
    ]
    assert [one["leftAt"] for one in await panel(gateway, 3, past=True)] == ["2026-02-02T10:00:00Z"]


async def test_of_a_long_past_the_hundred_times_that_ended_last_are_shown(gateway: Gateway) -> None:
    await settled(gateway)
    await add(
        gateway, *(member(customer, 3, days=10 + day, left=11 + day) for customer in (1, 3) for day in range(110))
    )
    latest = [str((THEN + timedelta(days=11 + day)).date()) for day in range(109, 9, -1)]
    for customer, lasting in ((1, 2), (3, 0)):
        memberships = await panel(gateway, customer, past=True)
        assert [one["leftAt"] for one in memberships if one["segment"]["name"] != "Nobody"] == [None] * lasting
        ended = [one["leftAt"][:10] for one in memberships if one["segment"]["name"] == "Nobody"]
        assert ended == latest
    assert len(await panel(gateway, 1)) == 2


async def test_without_its_scope_the_panel_is_null_and_reads_nothing(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(PANEL, {"id": customer_id(1)}, scopes=ALL_SCOPES - {"segments:read"})
    assert answer.data == {"customer": {"externalId": "ext-1", "segments": None}}
    assert answer.codes == ["FORBIDDEN"]
    assert answer.errors[0]["path"] == ["customer", "segments"]
    assert "Memberships" not in [batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"]]


async def test_a_segment_opens_with_its_metrics_and_members(gateway: Gateway) -> None:
    await settled(gateway)
    answer = await gateway.ask(NODE, {"id": encode("Segment", 1)})
    assert answer.errors == []
    assert answer.data["node"] == {
        "id": encode("Segment", 1),
        "name": "ätna fans",
        "metrics": {
            "customerCount": 2,
            "orderCount": 1,
            "receiptCount": 3,
            "revenue": {"amount": "15.00"},
            "averageReceipt": {"amount": "3.33"},
        },
        "customers": {
            "totalCount": 2,
            "aggregate": {"customerCount": 2, "receiptCount": 3},
            "pageInfo": {"hasNextPage": False, "endCursor": answer.data["node"]["customers"]["pageInfo"]["endCursor"]},
            "nodes": [{"externalId": "ext-2"}, {"externalId": "ext-1"}],
        },
    }
    # The aggregate of the members and the metrics are one read.
    assert sorted(batch["loader"] for batch in answer.extensions["profile"]["loaderBatches"]) == [
        "FoundCount",
        "FoundCustomers",
        "FoundSums",
        "SegmentById",
    ]


async def test_an_empty_segment_is_all_zeros_and_an_unknown_one_null(gateway: Gateway) -> None:
    await settled(gateway)
    empty = (await gateway.ask(NODE, {"id": encode("Segment", 3)})).data["node"]
    assert empty["metrics"]["customerCount"] == 0
    assert empty["metrics"]["averageReceipt"] is None
    assert empty["customers"]["nodes"] == []
    assert empty["customers"]["totalCount"] == 0
    unknown = await gateway.ask(NODE, {"id": encode("Segment", 99)})
    assert (unknown.data, unknown.errors) == ({"node": None}, [])


@pytest.mark.parametrize(("direction", "names"), [("ASC", ["ext-2", "ext-1"]), ("DESC", ["ext-1", "ext-2"])])
async def test_members_are_sorted_and_paged(gateway: Gateway, direction: str, names: list[str]) -> None:
    await settled(gateway)
    sort = {"field": "RECEIPT_COUNT", "direction": direction}
    asked: dict[str, Any] = {"id": encode("Segment", 1), "sort": sort, "first": 1}
    page = (await gateway.ask(NODE, asked)).data["node"]["customers"]
    assert (page["nodes"], page["pageInfo"]["hasNextPage"]) == ([{"externalId": names[0]}], True)
    rest = (await gateway.ask(NODE, {**asked, "after": page["pageInfo"]["endCursor"]})).data["node"]["customers"]
    assert (rest["nodes"], rest["pageInfo"]["hasNextPage"]) == ([{"externalId": names[1]}], False)


async def test_a_segment_shows_only_what_the_scopes_allow(gateway: Gateway) -> None:
    await settled(gateway)
    id = encode("Segment", 1)
    answer = await gateway.ask(NODE, {"id": id}, scopes=ALL_SCOPES - {"metrics:read"})
    assert answer.data["node"]["metrics"] is None
    assert answer.data["node"]["customers"]["aggregate"] is None
    assert answer.data["node"]["customers"]["totalCount"] == 2
    answer = await gateway.ask(NODE, {"id": id}, scopes=ALL_SCOPES - {"customers:list"})
    assert answer.data["node"]["customers"] is None
    answer = await gateway.ask(NODE, {"id": id}, scopes=ALL_SCOPES - {"segments:read"})
    assert answer.data == {"node": None}
    assert answer.codes == ["FORBIDDEN"]
    sort = {"field": "NAME"}
    answer = await gateway.ask(NODE, {"id": id, "sort": sort}, scopes=ALL_SCOPES - {"personal:read"})
    assert answer.data["node"]["customers"] is None
    assert answer.codes == ["FORBIDDEN"]


async def test_all_segments_are_listed_by_name_searched_and_paged(gateway: Gateway) -> None:
    await settled(gateway)
    listed = (await gateway.ask(LIST)).data["segments"]
    assert [node["name"] for node in listed["nodes"]] == ["ätna fans", "Bargain hunters", "Nobody"]
    assert listed["totalCount"] == 3
    names, after = [], None
    for _ in range(3):
        page = (await gateway.ask(LIST, {"first": 1, "after": after})).data["segments"]
        names += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert names == ["ätna fans", "Bargain hunters", "Nobody"]
    assert not page["pageInfo"]["hasNextPage"]
    for search, found in (("ATNA", ["ätna fans"]), ("a", ["ätna fans", "Bargain hunters"]), ("%", [])):
        answer = await gateway.ask(LIST, {"search": search})
        assert [node["name"] for node in answer.data["segments"]["nodes"]] == found
        assert answer.data["segments"]["totalCount"] == len(found)
    assert (await gateway.ask(LIST, {"after": "x"})).codes == ["BAD_CURSOR"]


async def test_many_segments_with_their_members_cost_one_read_each(gateway: Gateway) -> None:
    await settled(gateway)
    query = """
    query ($first: Int!) {
      segments(first: $first) {
        nodes { metrics { customerCount } customers(first: 1) { totalCount nodes { externalId } } }
      }
    }
    """
    for first in (1, 3):
        answer = await gateway.ask(query, {"first": first})
        read = {batch["loader"]: batch["keys"] for batch in answer.extensions["profile"]["loaderBatches"]}
        assert read == {"SegmentList": 1, "FoundSums": first, "FoundCustomers": first, "FoundCount": first}
        assert answer.extensions["profile"]["sqlStatements"] == 4
    counts = [
        (node["metrics"]["customerCount"], node["customers"]["totalCount"], len(node["customers"]["nodes"]))
        for node in answer.data["segments"]["nodes"]
    ]
    assert counts == [(2, 2, 1), (1, 1, 1), (0, 0, 0)]
