"""node and nodes: every type with a global id can be fetched again, and nobody gets what is not theirs."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType

from profiles.catalog import BusinessUnit, Category, DataSource, Product, Store
from profiles.changes import Change
from profiles.consents import ConsentChange, ConsentStatus
from profiles.contacts import Channel
from profiles.mailings import Campaign, Mailing, MailingKind
from profiles.notes import Note
from profiles.polls import Poll
from profiles.segments import Segment
from profiles.tags import Tag
from profiles.target_audiences import TargetAudience
from profiles.timeline import EventCategory, Session, SessionState, TimelineEvent
from profiles.viewer import ALL_SCOPES
from resolvers.ids import encode
from resolvers.nodes import NODES
from resolvers.schema import build_schema
from tests.gateway_client import Gateway
from tests.panels.shop import order, receipt
from tests.people import MADE_AT, add, customer_id, people

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
MANY = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
EVENTS = {
    "ReceiptEvent": EventCategory.RECEIPT,
    "OrderEvent": EventCategory.ORDER,
    "MailingEvent": EventCategory.MAILING_MASS,
    "SiteVisitEvent": EventCategory.SITE_VISIT,
    "BrowseEvent": EventCategory.PAGE_VIEW,
    "CartEvent": EventCategory.CART_ABANDONED,
    "LoyaltyEvent": EventCategory.BONUS_ACCRUED,
    "LifecycleEvent": EventCategory.LIFECYCLE,
    "ProfileEvent": EventCategory.NOTE,
}
OWNED = {
    "Note": (1, 7),
    "Change": (1, 8),
    "Consent": (1, "news"),
    "Receipt": (1, 3),
    "Order": (1, 4),
    "Session": (1, 6),
}
SHARED: dict[str, int | str] = {
    "Account": 1,
    "BusinessUnit": 5,
    "Campaign": 5,
    "Category": 7,
    "DataSource": 31,
    "Mailing": 11,
    "Poll": 51,
    "Product": 11,
    "Segment": 41,
    "Store": 1,
    "SubscriptionCategory": "offers",
    "Tag": 42,
    "TargetAudience": 43,
}


def event(id: int, category: EventCategory) -> TimelineEvent:
    return TimelineEvent(
        customer_id=1,
        id=id,
        activity_seq=id,
        category=category,
        type="made",
        name="Made",
        occurred_at=MADE_AT + timedelta(minutes=id),
        received_at=MADE_AT,
        details={"from": "NEW", "to": "ACTIVE"} if category is EventCategory.LIFECYCLE else None,
        amount_milli=1000 if category is EventCategory.BONUS_ACCRUED else None,
    )


async def arrange(gateway: Gateway) -> dict[str, str]:
    """One of each type that is a node; the global id by type."""
    await people(gateway, 1, 2)
    await add(
        gateway,
        BusinessUnit(id=5, number=20, name="North"),
        Store(id=1, external_id="s-1", name="Main Street", business_unit_id=5),
        Category(id=7, name="Dairy"),
        Product(id=11, external_id="p-11", name="Milk", category_id=7),
        DataSource(id=31, name="Shop"),
        Campaign(id=5, external_id="c-5", name="Spring"),
        Mailing(id=11, external_id="m-11", name="Offers", channel=Channel.SMS, kind=MailingKind.MASS),
        Segment(id=41, name="Big spenders"),
        Tag(id=42, name="VIP", name_key="vip"),
        TargetAudience(id=43, external_id="a-43", name="Families"),
        Poll(id=51, external_id="p-51", name="Taste"),
        Note(customer_id=1, id=7, body="x", body_key="x", author="Ann", created_at=MADE_AT, updated_at=MADE_AT),
        Change(customer_id=1, id=8, at=MADE_AT, actor="Ann", field="city", before=None, after="Bern"),
        ConsentChange(
            customer_id=1, id=1, name="news", status=ConsentStatus.GRANTED, at=MADE_AT, source="form", actor="Ann"
        ),
        receipt(1, 3),
        order(1, 4, store_id=1),
        Session(
            customer_id=1,
            id=6,
            external_id="v-6",
            state=SessionState.ENDED,
            started_at=MADE_AT,
            last_seen_at=MADE_AT,
        ),
        *(event(100 + place, category) for place, category in enumerate(EVENTS.values())),
    )
    me = (await gateway.ask("{ viewer { id } }")).data["viewer"]["id"]
    return {
        "Customer": customer_id(1),
        "Viewer": me,
        **{type: encode(type, key) for type, key in SHARED.items()},
        **{type: encode(type, *key) for type, key in OWNED.items()},
        **{type: encode(type, 1, 100 + place) for place, type in enumerate(EVENTS)},
    }


def test_every_type_of_the_schema_that_is_a_node_can_be_fetched_again() -> None:
    schema = build_schema()._schema
    interface = schema.type_map["Node"]
    nodes = {
        name
        for name, type in schema.type_map.items()
        if isinstance(type, GraphQLObjectType) and interface in type.interfaces
    }
    assert nodes == set(NODES)


async def test_every_node_is_fetched_again_by_its_id(gateway: Gateway) -> None:
    ids = await arrange(gateway)
    assert set(ids) == set(NODES)
    answer = await gateway.ask(MANY, {"ids": list(ids.values())})
    assert answer.errors == []
    assert [(node["__typename"], node["id"]) for node in answer.data["nodes"]] == list(ids.items())
    for type, id in ids.items():
        one = await gateway.ask(NODE, {"id": id})
        assert (one.data, one.errors) == ({"node": {"__typename": type, "id": id}}, [])


async def test_each_node_needs_the_scope_of_its_type(gateway: Gateway) -> None:
    ids = await arrange(gateway)
    for type, id in ids.items():
        needed = NODES[type].needs
        answer = await gateway.ask(NODE, {"id": id}, scopes=ALL_SCOPES - {needed})
        assert (answer.data, answer.codes) == ({"node": None}, ["FORBIDDEN"]), type
        assert answer.extensions["profile"]["sqlStatements"] == 0
        allowed = await gateway.ask(NODE, {"id": id}, scopes=ALL_SCOPES)
        assert allowed.data["node"]["id"] == id


async def test_what_is_gone_and_what_is_not_there_is_null_without_an_error(gateway: Gateway) -> None:
    await people(gateway, 1, erased_at=MADE_AT)
    missing = [
        customer_id(1),
        customer_id(2**63 - 1),
        *(encode(type, 99) for type, key in SHARED.items() if isinstance(key, int)),
        encode("SubscriptionCategory", "none"),
        *(encode(type, 9, 99) for type in ("Note", "Change", "Receipt", "Order", "Session", *EVENTS)),
        encode("Consent", 9, "news"),
        encode("Viewer", 1),
    ]
    answer = await gateway.ask(MANY, {"ids": missing})
    assert (answer.data, answer.errors) == ({"nodes": [None] * len(missing)}, [])


async def test_a_node_of_one_customer_is_not_found_under_another(gateway: Gateway) -> None:
    await arrange(gateway)
    ids = [encode(type, 2, *key[1:]) for type, key in OWNED.items()]
    ids += [encode(type, 2, 100 + place) for place, type in enumerate(EVENTS)]
    answer = await gateway.ask(MANY, {"ids": ids})
    assert (answer.data, answer.errors) == ({"nodes": [None] * len(ids)}, [])


async def test_an_event_is_fetched_only_as_what_it_is(gateway: Gateway) -> None:
    await arrange(gateway)
    answer = await gateway.ask(NODE, {"id": encode("OrderEvent", 1, 100)})
    assert (answer.data, answer.errors) == ({"node": None}, [])


@pytest.mark.parametrize(
    "id",
    [
        "",
        "nonsense",
        "=",
        "ü",
        "a" * 5000,
        encode("Nothing", 1),
        encode("Query", 1),
        encode("Note", 1),
        encode("Note", 1, 2, 3),
        encode("Customer", "1e3"),
        encode("Customer", "١"),
        encode("Store", "00"),
        encode("Consent", "x", "news"),
        encode("Consent", 1),
        encode("Note", 1, 2**63),
    ],
    ids=lambda id: id[:20] or "empty",
)
async def test_what_is_no_id_is_a_bad_request_in_our_own_words(gateway: Gateway, id: str) -> None:
    answer = await gateway.ask(NODE, {"id": id})
    assert (answer.data, answer.codes) == ({"node": None}, ["BAD_REQUEST"])
    (error,) = answer.errors
    assert error["message"] == "This is not an id of this gateway."
    assert error["extensions"]["field"] == ["id"]


async def test_a_malformed_or_forbidden_one_among_good_ones_fails_at_its_own_place(gateway: Gateway) -> None:
    ids = await arrange(gateway)
    asked = [ids["Customer"], "nonsense", ids["Note"], customer_id(9), ids["Tag"]]
    answer = await gateway.ask(MANY, {"ids": asked}, scopes=ALL_SCOPES - {"notes:read"})
    found = [node and node["id"] for node in answer.data["nodes"]]
    assert found == [ids["Customer"], None, None, None, ids["Tag"]]
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 1], "BAD_REQUEST"),
        (["nodes", 2], "FORBIDDEN"),
    ]


async def test_a_hundred_ids_cost_one_read_and_more_are_refused(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 101))
    answer = await gateway.ask(MANY, {"ids": ids})
    assert [node["id"] for node in answer.data["nodes"]] == ids
    assert answer.extensions["profile"]["loaderBatches"] == [{"loader": "CustomerById", "keys": 100}]
    refused = await gateway.ask(MANY, {"ids": [*ids, ids[0]]})
    assert refused.codes == ["LIMIT_EXCEEDED"]
    empty = await gateway.ask(MANY, {"ids": []})
    assert (empty.data, empty.errors) == ({"nodes": []}, [])


async def test_the_same_id_twice_is_read_once_and_shown_twice(gateway: Gateway) -> None:
    (id,) = await people(gateway, 1)
    answer = await gateway.ask(MANY, {"ids": [id, id]})
    assert [node["id"] for node in answer.data["nodes"]] == [id, id]
    assert answer.extensions["profile"]["loaderBatches"] == [{"loader": "CustomerById", "keys": 1}]


async def test_what_a_list_shows_is_what_its_id_fetches(gateway: Gateway) -> None:
    ids = await arrange(gateway)
    asked = """
    query ($id: ID!) {
      customer(by: { id: $id }) {
        notes { nodes { id } } consents { id } receipts { nodes { id } } orders { nodes { id } }
        timeline(first: 100) { nodes { id __typename } }
      }
    }
    """
    answer = await gateway.ask(asked, {"id": ids["Customer"]})
    assert answer.errors == []
    shown: dict[str, Any] = answer.data["customer"]
    assert shown["notes"]["nodes"] == [{"id": ids["Note"]}]
    assert shown["consents"] == [{"id": ids["Consent"]}]
    assert shown["receipts"]["nodes"] == [{"id": ids["Receipt"]}]
    assert shown["orders"]["nodes"] == [{"id": ids["Order"]}]
    assert {event["__typename"]: event["id"] for event in shown["timeline"]["nodes"]} == {
        type: ids[type] for type in EVENTS
    }
