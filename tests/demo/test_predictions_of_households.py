"""RFM and life cycles of real households: the one that the README names has all of it, and the others make sense."""

from typing import Any

from tests.gateway_client import Gateway

SHOWCASE = """
{ customer(by: { externalId: "58" }) {
  rfm { segment recency frequency monetary }
  lifecycle { stage atRiskAt lapsedAt probabilityAlive expectedOrdersNext90Days }
  timeline(filter: { categories: [LIFECYCLE] }, first: 100) {
    totalCount
    nodes { __typename id name occurredAt receivedAt ... on LifecycleEvent { from to } }
  }
} }
"""
EVERYBODY = """
query ($after: String) { customers(first: 50, after: $after) {
  pageInfo { hasNextPage endCursor }
  nodes {
    externalId kind
    rfm { segment recency frequency monetary }
    lifecycle { stage probabilityAlive expectedOrdersNext90Days }
    metrics { receiptCount orderCount daysSinceLastReceipt }
  }
} }
"""


async def everybody(gateway: Gateway) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = await gateway.ask(EVERYBODY, {"after": after})
        assert answer.errors == []
        page = answer.data["customers"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_the_showcase_household_has_scores_a_life_cycle_and_its_changes(gateway: Gateway) -> None:
    answer = await gateway.ask(SHOWCASE)
    assert answer.errors == []
    shown = answer.data["customer"]
    assert all(value is not None for panel in ("rfm", "lifecycle") for value in shown[panel].values())
    events = shown["timeline"]["nodes"]
    assert len(events) == shown["timeline"]["totalCount"] >= 2
    changes = [(event["from"], event["to"]) for event in reversed(events)]
    assert changes[:2] == [("LEAD", "NEW"), ("NEW", "ACTIVE")]
    # Each change begins where the one before it has ended, and the last one at the stage of today.
    assert [earlier for earlier, _ in changes[1:]] == [later for _, later in changes[:-1]]
    assert changes[-1][1] == shown["lifecycle"]["stage"]


async def test_every_household_is_scored_and_the_scores_share_them_out(gateway: Gateway) -> None:
    households = await everybody(gateway)
    assert len(households) == 120
    assert all(one["rfm"] is not None for one in households if one["kind"] == "CUSTOMER")
    scores = [one["rfm"] for one in households if one["rfm"] is not None]
    for name in ("frequency", "monetary"):
        shares = [sum(one[name] == score for one in scores) for score in range(1, 6)]
        assert max(shares) - min(shares) <= 6, shares
    often = [one["metrics"]["receiptCount"] for one in households if one["rfm"] and one["rfm"]["frequency"] == 5]
    seldom = [one["metrics"]["receiptCount"] for one in households if one["rfm"] and one["rfm"]["frequency"] == 1]
    assert sum(often) / len(often) > 2 * sum(seldom) / len(seldom)


async def test_filters_find_the_households_that_the_panels_show(gateway: Gateway) -> None:
    households = await everybody(gateway)
    count = "query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }"
    for stage in ("LEAD", "NEW", "ACTIVE", "AT_RISK", "LAPSED"):
        answer = await gateway.ask(count, {"filter": {"lifecycleStage": [stage]}})
        expected = sum(one["lifecycle"]["stage"] == stage for one in households)
        assert answer.data["customers"]["totalCount"] == expected
    for name in {one["rfm"]["segment"] for one in households if one["rfm"]}:
        answer = await gateway.ask(count, {"filter": {"rfmSegment": [name]}})
        assert answer.data["customers"]["totalCount"] == sum(
            one["rfm"] is not None and one["rfm"]["segment"] == name for one in households
        )
