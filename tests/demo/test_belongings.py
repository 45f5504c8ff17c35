"""The household of the documentation has something in its lists of polls, audiences, changes and views."""

from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.gateway_client import Gateway

SHOWCASE = """
query ($key: CustomerKey!) {
  customer(by: $key) {
    polls { totalCount nodes { answeredAt poll { name resultsUrl } } }
    targetAudiences { name customers(first: 1) { totalCount } }
    channelSubscriptions { channel isSubscribed }
    subscriptions { category { name } isSubscribed }
    changes { totalCount nodes { at actor field before after } }
    recentlyViewed { viewedAt product { name price { amount } } }
    lastActivity { name category }
  }
}
"""
LISTS = """
{
  stores { totalCount nodes { name } } products { totalCount nodes { name } } categories { totalCount nodes { name } }
  mailings { totalCount nodes { name } } polls { totalCount nodes { name } }
  targetAudiences { totalCount nodes { name } }
}
"""


async def test_the_showcase_shows_all_of_them(gateway: Gateway) -> None:
    answer = await gateway.ask(SHOWCASE, {"key": {"externalId": str(SHOWCASE_HOUSEHOLD)}})
    assert answer.errors == []
    shown = answer.data["customer"]
    assert shown["polls"]["totalCount"] >= 3
    assert len(shown["targetAudiences"]) >= 2
    assert {each["isSubscribed"] for each in shown["channelSubscriptions"]} == {True, False}
    assert {each["isSubscribed"] for each in shown["subscriptions"]} == {True, False}
    assert shown["changes"]["totalCount"] >= 10
    assert len(shown["recentlyViewed"]) == 10
    assert len({row["product"]["name"] for row in shown["recentlyViewed"]}) > 1
    assert shown["lastActivity"] is not None


async def test_every_list_to_pick_from_has_entries_in_order(gateway: Gateway) -> None:
    answer = await gateway.ask(LISTS)
    assert answer.errors == []
    for name, found in answer.data.items():
        names = [node["name"].lower() for node in found["nodes"]]
        assert (names, found["totalCount"] >= len(names) > 0) == (sorted(names), True), name
