"""The timeline of a customer: every kind of event, what its filters match, who sees what, and what it costs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.account import Account, Switches, load_account
from profiles.catalog import BusinessUnit, Category, Product, Store
from profiles.contacts import Channel
from profiles.mailings import Mailing, MailingKind
from profiles.storage.pages import live_cursor
from profiles.timeline import EventCategory, Session, SessionState, TimelineEvent
from profiles.viewer import ALL_SCOPES, Scope, ViewerKind
from resolvers.ids import encode
from tests.gateway_client import Answer, Gateway
from tests.panels.shop import order, receipt
from tests.people import add, customer_id, people, walked

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TIMELINE = """
query ($id: ID!, $filter: TimelineFilter, $first: Int! = 20, $after: String) {
  customer(by: { id: $id }) {
    timeline(filter: $filter, first: $first, after: $after) {
      totalCount liveCursor
      nodes { name } edges { cursor node { name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
EVERYTHING = """
__typename id name category type description occurredAt receivedAt isLive
businessUnit { number } store { name } session { id } details { label value } customer { externalId }
... on ReceiptEvent { receipt { number } }
... on OrderEvent { order { number } }
... on MailingEvent { mailing { name } isControlGroup clicked: url }
... on BrowseEvent { url product { name } viewedCategory { name } }
... on CartEvent { items { quantity addedAt price { amount currencyCode } product { name } } }
... on LoyaltyEvent { amount }
... on LifecycleEvent { from to }
... on ProfileEvent { actor }
"""
KINDS = {
    "MAILING_MASS": "MailingEvent",
    "MAILING_CAMPAIGN": "MailingEvent",
    "EMAIL": "MailingEvent",
    "RECEIPT": "ReceiptEvent",
    "ORDER": "OrderEvent",
    "CALL_CENTER": "ProfileEvent",
    "SITE_VISIT": "SiteVisitEvent",
    "CATEGORY_VIEW": "BrowseEvent",
    "PRODUCT_VIEW": "BrowseEvent",
    "PAGE_VIEW": "BrowseEvent",
    "CART_ABANDONED": "CartEvent",
    "BONUS_ACCRUED": "LoyaltyEvent",
    "POINTS_ACCRUED": "LoyaltyEvent",
    "TAG_ASSIGNED": "ProfileEvent",
    "LIFECYCLE": "LifecycleEvent",
    "CONSENT": "ProfileEvent",
    "NOTE": "ProfileEvent",
    "SEGMENT": "ProfileEvent",
    "PROFILE": "ProfileEvent",
}
NEEDS = {
    "MAILING_MASS": Scope.MAILINGS_READ,
    "MAILING_CAMPAIGN": Scope.MAILINGS_READ,
    "EMAIL": Scope.MAILINGS_READ,
    "RECEIPT": Scope.RECEIPTS_READ,
    "ORDER": Scope.ORDERS_READ,
    "BONUS_ACCRUED": Scope.LOYALTY_READ,
    "POINTS_ACCRUED": Scope.LOYALTY_READ,
    "TAG_ASSIGNED": Scope.TAGS_READ,
    "LIFECYCLE": Scope.METRICS_READ,
    "CONSENT": Scope.CONSENTS_READ,
    "NOTE": Scope.NOTES_READ,
    "SEGMENT": Scope.SEGMENTS_READ,
    "PROFILE": Scope.PROFILE_READ,
}


def event(id: int, category: str = "PAGE_VIEW", customer: int = 1, **columns: Any) -> TimelineEvent:
    """An event of the name `e<id>`, `id` hours before noon."""
    values: dict[str, Any] = {
        "activity_seq": id,
        "category": EventCategory(category),
        "type": category.lower(),
        "name": f"e{id}",
        "occurred_at": NOON - timedelta(hours=id),
        "received_at": NOON,
    }
    return TimelineEvent(customer_id=customer, id=id, **(values | columns))


def session(id: int = 9, customer: int = 1, **columns: Any) -> Session:
    """A visit that was over long ago."""
    values: dict[str, Any] = {
        "external_id": f"v-{id}",
        "state": SessionState.ENDED,
        "started_at": NOON - timedelta(hours=1),
        "last_seen_at": NOON,
        "ended_at": NOON,
    }
    return Session(customer_id=customer, id=id, **(values | columns))


async def seen(gateway: Gateway, filter: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """The names of the events that a filter matches; the count says the same."""
    answer = await gateway.ask(TIMELINE, {"id": customer_id(1), "filter": filter, "first": 100}, **more)
    assert answer.errors == []
    timeline = answer.data["customer"]["timeline"]
    assert timeline["totalCount"] == len(timeline["nodes"])
    return [node["name"] for node in timeline["nodes"]]


async def whole(gateway: Gateway, id: int = 1, **more: Any) -> dict[str, dict[str, Any]]:
    """Each event with all its fields, by name."""
    query = (
        f"query ($id: ID!) {{ customer(by: {{ id: $id }}) {{ timeline(first: 100) {{ nodes {{ {EVERYTHING} }} }} }} }}"
    )
    answer = await gateway.ask(query, {"id": customer_id(id)}, **more)
    assert answer.errors == []
    return {node["name"]: node for node in answer.data["customer"]["timeline"]["nodes"]}


async def catalog(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(
        gateway,
        BusinessUnit(id=5, number=20, name="North"),
        Store(id=1, external_id="s-1", name="Main Street", business_unit_id=5),
        Store(id=2, external_id="s-2", name="Online"),
        Category(id=7, name="Tea"),
        Product(id=71, external_id="green", name="Green tea", category_id=7),
        Mailing(id=3, external_id="m", name="Spring", channel=Channel.EMAIL, kind=MailingKind.MASS),
    )


async def test_every_category_is_an_event_of_its_kind(gateway: Gateway) -> None:
    await catalog(gateway)
    assert set(KINDS) == {category.value for category in EventCategory}
    stages = {"from": None, "to": "NEW"}
    for number, category in enumerate(KINDS, start=1):
        await add(gateway, event(number, category, details=stages if category == "LIFECYCLE" else None))
    events = await whole(gateway)
    assert {node["category"]: node["__typename"] for node in events.values()} == KINDS
    for node in events.values():
        refetched = await gateway.ask(
            f"query ($id: ID!) {{ node(id: $id) {{ ... on TimelineEvent {{ {EVERYTHING} }} }} }}", node
        )
        assert refetched.data["node"] == node


async def test_an_event_shows_what_it_is_about(gateway: Gateway) -> None:
    await catalog(gateway)
    cart = {
        "product_id": 71,
        "quantity_milli": 1500,
        "price_minor": 350,
        "currency": "USD",
        "added_at": NOON.isoformat(),
    }
    said = {"details": [{"label": "Subject", "value": "order"}]}
    await add(
        gateway,
        receipt(1, 4),
        order(1, 5),
        session(),
        event(1, "RECEIPT", subject_id=4, store_id=1, business_unit_id=5, description="N-004"),
        event(2, "ORDER", subject_id=5),
        event(3, "EMAIL", subject_id=3, is_control_group=True, url="https://shop.example/spring?who=ann"),
        event(4, "PRODUCT_VIEW", product_id=71, viewed_category_id=7, session_id=9, url="https://shop.example/tea"),
        event(5, "CART_ABANDONED", details={"items": [cart]}),
        event(6, "BONUS_ACCRUED", amount_milli=12_500),
        event(7, "LIFECYCLE", details={"from": "NEW", "to": "AT_RISK"}),
        event(8, "CALL_CENTER", actor="Ann", details=said),
    )
    events = await whole(gateway)
    assert list(events) == [f"e{number}" for number in range(1, 9)]
    assert events["e1"] == {
        "__typename": "ReceiptEvent",
        "id": encode("ReceiptEvent", 1, 1),
        "name": "e1",
        "category": "RECEIPT",
        "type": "receipt",
        "description": "N-004",
        "occurredAt": "2026-03-10T11:00:00Z",
        "receivedAt": "2026-03-10T12:00:00Z",
        "isLive": False,
        "businessUnit": {"number": 20},
        "store": {"name": "Main Street"},
        "session": None,
        "details": [],
        "customer": {"externalId": "ext-1"},
        "receipt": {"number": "N-004"},
    }
    assert events["e2"]["order"] == {"number": "O5"}
    assert events["e3"]["mailing"] == {"name": "Spring"}
    assert (events["e3"]["isControlGroup"], events["e3"]["clicked"]) == (True, "https://shop.example/spring?who=ann")
    assert (events["e4"]["product"], events["e4"]["viewedCategory"]) == ({"name": "Green tea"}, {"name": "Tea"})
    assert (events["e4"]["url"], events["e4"]["session"]) == (
        "https://shop.example/tea",
        {"id": encode("Session", 1, 9)},
    )
    assert events["e5"]["items"] == [
        {
            "quantity": "1.5",
            "addedAt": "2026-03-10T12:00:00Z",
            "price": {"amount": "3.50", "currencyCode": "USD"},
            "product": {"name": "Green tea"},
        }
    ]
    assert events["e6"]["amount"] == "12.5"
    assert (events["e7"]["from"], events["e7"]["to"]) == ("NEW", "AT_RISK")
    assert (events["e8"]["actor"], events["e8"]["details"]) == ("Ann", [{"label": "Subject", "value": "order"}])


async def test_events_come_by_when_they_happened_and_every_page_leads_on(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    # Many at one moment, received in another order than they happened.
    moments = {number: NOON - timedelta(minutes=number // 4) for number in range(1, 24)}
    await add(
        gateway,
        *(event(number, activity_seq=24 - number, occurred_at=at) for number, at in moments.items()),
        event(1, customer=2),
    )
    expected = [f"e{number}" for _, number in sorted(((at, number) for number, at in moments.items()), reverse=True)]
    for first in (1, 5, 23, 100):
        assert [node["name"] for node in await walked(gateway, TIMELINE, "timeline", first)] == expected


async def test_an_empty_timeline_has_a_cursor_to_follow_from(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(TIMELINE, {"id": customer_id(1)})
    timeline = answer.data["customer"]["timeline"]
    assert (timeline["totalCount"], timeline["nodes"], timeline["liveCursor"]) == (0, [], live_cursor(0))


async def test_the_live_cursor_is_the_newest_event_whatever_the_page_shows(gateway: Gateway) -> None:
    await people(gateway, 1, activity_seq=3)
    await add(gateway, event(1), event(2), event(3, "NOTE"))
    for variables in (
        {},
        {"first": 1},
        {"first": 0},
        {"filter": {"categories": []}},
        {"filter": {"categories": ["NOTE"]}},
    ):
        answer = await gateway.ask(TIMELINE, {"id": customer_id(1), **variables})
        assert answer.data["customer"]["timeline"]["liveCursor"] == live_cursor(3)


async def test_filters_narrow_and_an_empty_list_matches_nothing(gateway: Gateway) -> None:
    await catalog(gateway)
    await add(
        gateway,
        event(1, "RECEIPT", store_id=1, business_unit_id=5, type="receipt_issued"),
        event(2, "RECEIPT", store_id=2, type="receipt_issued"),
        event(3, "PAGE_VIEW", store_id=2, type="page_view"),
        event(4, "CALL_CENTER", business_unit_id=5, type="call"),
        event(5, "PAGE_VIEW", type="added_to_cart"),
    )
    stores = [encode("Store", 1), encode("Store", 2)]
    hours = [(NOON - timedelta(hours=hour)).isoformat() for hour in range(6)]
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["e1", "e2", "e3", "e4", "e5"]),
        ({"categories": None, "types": None}, ["e1", "e2", "e3", "e4", "e5"]),
        ({"categories": ["RECEIPT"]}, ["e1", "e2"]),
        ({"categories": ["RECEIPT", "CALL_CENTER"]}, ["e1", "e2", "e4"]),
        ({"categories": []}, []),
        ({"types": ["page_view", "call", "no\u0000ne"]}, ["e3", "e4"]),
        ({"types": []}, []),
        ({"storeIds": stores[1:]}, ["e2", "e3"]),
        ({"storeIds": stores}, ["e1", "e2", "e3"]),
        ({"storeIds": []}, []),
        ({"businessUnitIds": [encode("BusinessUnit", 5)]}, ["e1", "e4"]),
        ({"businessUnitIds": []}, []),
        ({"from": hours[3]}, ["e1", "e2", "e3"]),
        ({"to": hours[3]}, ["e4", "e5"]),
        ({"from": hours[4], "to": hours[2]}, ["e3", "e4"]),
        ({"categories": ["RECEIPT"], "storeIds": stores[1:], "from": hours[5]}, ["e2"]),
    ]
    for filter, expected in cases:
        assert await seen(gateway, filter) == expected, filter


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"first": 101}, "LIMIT_EXCEEDED"),
        ({"first": -1}, "LIMIT_EXCEEDED"),
        ({"after": live_cursor(1)}, "BAD_CURSOR"),
        ({"after": "nonsense"}, "BAD_CURSOR"),
        ({"filter": {"storeIds": [encode("Category", 1)]}}, "BAD_REQUEST"),
        ({"filter": {"businessUnitIds": ["nonsense"]}}, "BAD_REQUEST"),
        ({"filter": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T23:59:59Z"}}, "BAD_REQUEST"),
    ],
)
async def test_bad_arguments_are_refused_by_their_code(gateway: Gateway, variables: dict[str, Any], code: str) -> None:
    await people(gateway, 1)
    answer = await gateway.ask(TIMELINE, {"id": customer_id(1), **variables})
    assert (answer.data["customer"], answer.codes) == ({"timeline": None}, [code])


async def test_a_viewer_sees_no_event_of_what_they_may_not_see(gateway: Gateway) -> None:
    await people(gateway, 1)
    numbers = {category: number for number, category in enumerate(KINDS, start=1)}
    stages = {"from": None, "to": "NEW"}
    await add(
        gateway,
        *(event(number, kind, details=stages if kind == "LIFECYCLE" else None) for kind, number in numbers.items()),
    )
    for scope in {*NEEDS.values()} - {Scope.PROFILE_READ}:
        hidden = [category for category, needed in NEEDS.items() if needed is scope]
        scopes = ALL_SCOPES - {scope}
        expected = [f"e{number}" for category, number in numbers.items() if category not in hidden]
        assert await seen(gateway, scopes=scopes) == expected, scope
        assert await seen(gateway, {"categories": hidden}, scopes=scopes) == []
        for category in hidden:
            id = encode(KINDS[category], 1, numbers[category])
            answer = await gateway.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": id}, scopes=scopes)
            assert (answer.data, answer.errors) == ({"node": None}, [])


class TestWithoutOrders:
    @pytest.fixture(params=["orders_enabled", "order_events_enabled"])
    def account(self, request: pytest.FixtureRequest) -> Account:
        return load_account().model_copy(update={"settings": Switches(**{request.param: False})})

    async def test_events_of_orders_are_hidden_in_lists_counts_nodes_and_visits(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, session(), event(1, "ORDER", session_id=9), event(2, "PAGE_VIEW", session_id=9))
        assert await seen(gateway) == ["e2"]
        query = """query ($id: ID!, $session: ID!) { node(id: $id) { id }
          session: node(id: $session) { ... on Session { actions { totalCount nodes { type } } } } }"""
        answer = await gateway.ask(query, {"id": encode("OrderEvent", 1, 1), "session": encode("Session", 1, 9)})
        assert answer.data["node"] is None
        assert answer.data["session"]["actions"] == {"totalCount": 1, "nodes": [{"type": "PAGE_VISITED"}]}


class TestWithoutLoyalty:
    @pytest.fixture
    def account(self) -> Account:
        return load_account().model_copy(update={"settings": Switches(loyalty_enabled=False)})

    async def test_events_of_loyalty_are_hidden(self, gateway: Gateway) -> None:
        await people(gateway, 1)
        await add(gateway, event(1, "BONUS_ACCRUED"), event(2, "POINTS_ACCRUED"), event(3))
        assert await seen(gateway) == ["e3"]


async def test_addresses_lose_their_query_strings_without_the_scope_of_personal_data(gateway: Gateway) -> None:
    await people(gateway, 1)
    address = "https://shop.example/tea?mail=ann@example.com#me"
    await add(
        gateway,
        session(current_url=address),
        event(1, "PAGE_VIEW", url=address, session_id=9),
        event(2, "EMAIL", url=address),
        event(3, "PAGE_VIEW", url="javascript:alert(1)"),
    )
    query = """query ($id: ID!) { customer(by: { id: $id }) { timeline { nodes {
      ... on BrowseEvent { url session { currentUrl actions { nodes { url } } } }
      ... on MailingEvent { clicked: url } } } } }"""
    for scopes, shown in ((ALL_SCOPES, address), (ALL_SCOPES - {Scope.PERSONAL_READ}, "https://shop.example/tea")):
        answer = await gateway.ask(query, {"id": customer_id(1)}, scopes=scopes)
        page, email, script = answer.data["customer"]["timeline"]["nodes"]
        assert page == {"url": shown, "session": {"currentUrl": shown, "actions": {"nodes": [{"url": shown}]}}}
        assert email == {"clicked": shown}
        assert script == {"url": None, "session": None}


async def test_addresses_in_texts_lose_their_query_strings_too(gateway: Gateway) -> None:
    await people(gateway, 1)
    address = "HTTPS://shop.example/tea?mail=ann@example.com"
    said = {"details": [{"label": "referrer", "value": address}, {"label": "asked", "value": "Why? #1"}]}
    await add(gateway, event(1, "CALL_CENTER", description=f"From {address} and {address}, twice", details=said))
    bare = "HTTPS://shop.example/tea"
    for scopes, shown, text in (
        (ALL_SCOPES, address, f"From {address} and {address}, twice"),
        (ALL_SCOPES - {Scope.PERSONAL_READ}, bare, f"From {bare} and {bare} twice"),
    ):
        query = """query ($id: ID!) { customer(by: { id: $id }) { timeline { nodes {
          description details { value } } } } }"""
        answer = await gateway.ask(query, {"id": customer_id(1)}, scopes=scopes)
        (found,) = answer.data["customer"]["timeline"]["nodes"]
        assert found == {"description": text, "details": [{"value": shown}, {"value": "Why? #1"}]}


async def test_partners_see_staff_and_not_their_names(gateway: Gateway) -> None:
    await people(gateway, 1)
    said = {"details": [{"label": "Agent", "value": "Ann Smith"}, {"label": "Minutes", "value": "5"}]}
    await add(gateway, event(1, "CALL_CENTER", actor="Ann Smith", details=said), event(2, "CALL_CENTER"))
    events = await whole(gateway, kind=ViewerKind.PARTNER)
    assert (events["e1"]["actor"], events["e2"]["actor"]) == ("staff", None)
    assert [detail["value"] for detail in events["e1"]["details"]] == ["staff", "5"]
    events = await whole(gateway)
    assert [detail["value"] for detail in events["e1"]["details"]] == ["Ann Smith", "5"]


@pytest.mark.parametrize(
    ("state", "minutes_silent", "shown", "is_live"),
    [
        (SessionState.LIVE, 1, "LIVE", True),
        (SessionState.LIVE, 29, "LIVE", True),
        (SessionState.LIVE, 31, "ENDED", False),
        (SessionState.ENDED, 1, "ENDED", False),
        (SessionState.PURCHASED, 1, "PURCHASED", False),
    ],
)
async def test_a_visit_is_live_until_it_ends_or_falls_silent(
    gateway: Gateway, state: SessionState, minutes_silent: float, shown: str, is_live: bool
) -> None:
    await people(gateway, 1)
    last = datetime.now(UTC) - timedelta(minutes=minutes_silent)
    await add(
        gateway,
        session(state=state, started_at=last - timedelta(hours=1), last_seen_at=last, ended_at=None),
        event(1, "SITE_VISIT", session_id=9, occurred_at=last),
    )
    answer = await gateway.ask(
        """query ($id: ID!) { customer(by: { id: $id }) { timeline { nodes {
           isLive session { state endedAt customer { externalId } } } } } }""",
        {"id": customer_id(1)},
    )
    (node,) = answer.data["customer"]["timeline"]["nodes"]
    ended_at = None if is_live else last.isoformat().replace("+00:00", "Z")
    assert node == {
        "isLive": is_live,
        "session": {"state": shown, "endedAt": ended_at, "customer": {"externalId": "ext-1"}},
    }


async def test_a_visit_lists_its_actions_newest_first_page_by_page(gateway: Gateway) -> None:
    await catalog(gateway)
    await add(
        gateway,
        order(1, 5),
        session(order_id=5, store_id=2, state=SessionState.PURCHASED),
        session(10),
        event(1, "ORDER", session_id=9, subject_id=5),
        event(2, "PAGE_VIEW", session_id=9, type="added_to_cart", product_id=71),
        event(3, "PRODUCT_VIEW", session_id=9, product_id=71, url="https://shop.example/green"),
        event(4, "CATEGORY_VIEW", session_id=9),
        event(5, "PAGE_VIEW", session_id=9),
        event(6, "SITE_VISIT", session_id=9),
        event(7, "CART_ABANDONED", session_id=9),
        event(8, "PAGE_VIEW", session_id=10),
        event(9, "PAGE_VIEW"),
    )
    query = """query ($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Session {
      state store { name } order { number }
      actions(first: $first, after: $after) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
        nodes { type url occurredAt product { name } } } } } }"""
    found, after = [], None
    while True:
        answer = await gateway.ask(query, {"id": encode("Session", 1, 9), "first": 2, "after": after})
        assert answer.errors == []
        visit = answer.data["node"]
        assert (visit["state"], visit["store"], visit["order"]) == ("PURCHASED", {"name": "Online"}, {"number": "O5"})
        actions = visit["actions"]
        assert actions["totalCount"] == 5
        assert actions["pageInfo"]["hasPreviousPage"] == bool(found)
        found += actions["nodes"]
        if not actions["pageInfo"]["hasNextPage"]:
            break
        after = actions["pageInfo"]["endCursor"]
    assert [action["type"] for action in found] == [
        "PURCHASE_CONFIRMED",
        "ADDED_TO_CART",
        "PRODUCT_VISITED",
        "CATEGORY_VISITED",
        "PAGE_VISITED",
    ]
    assert found[2] == {
        "type": "PRODUCT_VISITED",
        "url": "https://shop.example/green",
        "occurredAt": "2026-03-10T09:00:00Z",
        "product": {"name": "Green tea"},
    }


async def test_a_node_is_gone_for_another_kind_another_customer_and_nobody(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, event(1, "PAGE_VIEW"), session())
    ids = [
        encode("BrowseEvent", 1, 1),
        encode("ReceiptEvent", 1, 1),
        encode("BrowseEvent", 2, 1),
        encode("BrowseEvent", 1, 2),
        encode("Session", 2, 9),
        encode("Session", 1, 9),
    ]
    answer = await gateway.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert answer.data["nodes"] == [{"id": ids[0]}, None, None, None, None, {"id": ids[5]}]


async def test_without_the_scope_the_panel_is_null_and_the_others_arrive(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, event(1))
    query = "query ($id: ID!) { customer(by: { id: $id }) { externalId timeline { totalCount nodes { name } } } }"
    answer = await gateway.ask(query, {"id": customer_id(1)}, scopes=ALL_SCOPES - {Scope.ACTIVITY_READ})
    assert answer.data["customer"] == {"externalId": "ext-1", "timeline": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "timeline"])
    assert reads(answer) == {"CustomerById": 1}
    node = await gateway.ask(
        "query ($id: ID!) { node(id: $id) { id } }",
        {"id": encode("BrowseEvent", 1, 1)},
        scopes=ALL_SCOPES - {Scope.ACTIVITY_READ},
    )
    assert (node.data, node.codes) == ({"node": None}, ["FORBIDDEN"])


def reads(answer: Answer) -> dict[str, int]:
    """The loaders that read for the answer, with their keys."""
    batches = answer.extensions["profile"]["loaderBatches"]
    by_loader = {batch["loader"]: batch["keys"] for batch in batches}
    assert len(by_loader) == len(batches), batches
    return by_loader


@pytest.mark.parametrize("customers", [1, 10])
async def test_a_timeline_costs_one_read_a_level_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    await catalog(gateway)
    ids = list(range(1, customers + 1))
    await people(gateway, *(id for id in ids if id > 2))
    for id in ids:
        await add(
            gateway,
            receipt(id, 4),
            order(id, 5),
            session(customer=id),
            event(1, "RECEIPT", id, subject_id=4, store_id=1, business_unit_id=5),
            event(2, "ORDER", id, subject_id=5, store_id=2),
            event(3, "EMAIL", id, subject_id=3),
            event(4, "PRODUCT_VIEW", id, product_id=71, viewed_category_id=7, session_id=9),
            event(5, "PAGE_VIEW", id, session_id=9, store_id=1),
        )
    fields = (
        f"timeline {{ totalCount liveCursor nodes {{ {EVERYTHING} }} edges {{ cursor }} pageInfo {{ hasNextPage }} }}"
    )
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {
        "CustomerById": customers,
        "LatestEvents": customers,
        "EventCount": customers,
        "BusinessUnitById": 1,
        "StoreById": 2,
        "SessionById": customers,
        "ReceiptById": customers,
        "OrderById": customers,
        "MailingById": 1,
        "ProductById": 1,
        "CategoryById": 1,
    }


@pytest.mark.parametrize(
    ("fields", "loaders"),
    [
        ("totalCount", {"EventCount"}),
        ("liveCursor", {"LatestEvents"}),
        ("nodes { id name details { value } }", {"LatestEvents"}),
        ("edges { cursor node { name } } pageInfo { endCursor } nodes { name } liveCursor", {"LatestEvents"}),
    ],
)
async def test_what_is_not_asked_for_is_not_read(gateway: Gateway, fields: str, loaders: set[str]) -> None:
    await catalog(gateway)
    await add(gateway, session(), event(1, store_id=1, business_unit_id=5, session_id=9, product_id=71))
    answer = await gateway.ask(f'{{ customer(by: {{ id: "{customer_id(1)}" }}) {{ timeline {{ {fields} }} }} }}')
    assert set(reads(answer)) == {"CustomerById", *loaders}


async def test_a_filter_by_category_gives_each_of_many_customers_their_own_page(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 8))
    kinds = ("PAGE_VIEW", "SITE_VISIT", "CALL_CENTER", "RECEIPT")
    rows = [
        # Customers differ in how many events they have and when; the seventh has none.
        event(10 * customer + n, kinds[(customer + n) % 4], customer, occurred_at=NOON - timedelta(hours=n * customer))
        for customer in range(1, 7)
        for n in range(1, 2 + customer)
    ]
    # Kept in plain values: the rows belong to the unit that writes them.
    known = [(row.customer_id, row.occurred_at, row.id, row.category.value, row.name) for row in rows]
    await add(gateway, *rows)
    query = """query ($ids: [ID!]!, $filter: TimelineFilter, $first: Int!) { nodes(ids: $ids) { ... on Customer {
        timeline(filter: $filter, first: $first) { totalCount nodes { name } pageInfo { hasNextPage } } } } }"""
    for wanted in (["PAGE_VIEW"], ["RECEIPT", "PAGE_VIEW", "CALL_CENTER"], ["NOTE"], []):
        for first in (1, 2, 50):
            answer = await gateway.ask(query, {"ids": ids, "filter": {"categories": wanted}, "first": first})
            assert answer.errors == []
            for customer, node in enumerate(answer.data["nodes"], 1):
                own = sorted((row for row in known if row[0] == customer and row[3] in wanted), reverse=True)
                own.sort(key=lambda row: (row[1], row[2]), reverse=True)
                assert node["timeline"] == {
                    "totalCount": len(own),
                    "nodes": [{"name": row[4]} for row in own[:first]],
                    "pageInfo": {"hasNextPage": len(own) > first},
                }


async def test_the_pages_of_a_filter_by_category_lead_on_through_ties(gateway: Gateway) -> None:
    await people(gateway, 1)
    kinds = ("PAGE_VIEW", "SITE_VISIT", "CALL_CENTER")
    rows = [event(id, kinds[id % 3], occurred_at=NOON - timedelta(hours=id // 5)) for id in range(1, 24)]
    expected = [f"e{row.id}" for row in sorted(rows, key=lambda row: (row.occurred_at, row.id), reverse=True)]
    await add(gateway, *rows)
    for categories in (list(kinds), ["SITE_VISIT", "PAGE_VIEW"]):
        shown = [name for name in expected if kinds[int(name[1:]) % 3] in categories]
        for first in (1, 3, 7):
            found: list[str] = []
            after = None
            while True:
                asked = {"id": customer_id(1), "filter": {"categories": categories}, "first": first, "after": after}
                page = (await gateway.ask(TIMELINE, asked)).data["customer"]["timeline"]
                found += [node["name"] for node in page["nodes"]]
                after = page["pageInfo"]["endCursor"]
                if not page["pageInfo"]["hasNextPage"]:
                    break
            assert found == shown


async def test_two_timelines_of_one_customer_do_not_mix(gateway: Gateway) -> None:
    await people(gateway, 1, 2)
    await add(gateway, event(1), event(2, "NOTE"), event(3, customer=2))
    query = """query ($id: ID!) { customer(by: { id: $id }) {
      all: timeline { nodes { name } } notes: timeline(filter: { categories: [NOTE] }) { nodes { name } }
      last: timeline(first: 1) { totalCount nodes { name } } } }"""
    answer = await gateway.ask(query, {"id": customer_id(1)})
    assert answer.data["customer"] == {
        "all": {"nodes": [{"name": "e1"}, {"name": "e2"}]},
        "notes": {"nodes": [{"name": "e2"}]},
        "last": {"totalCount": 2, "nodes": [{"name": "e1"}]},
    }
