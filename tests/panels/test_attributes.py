"""The panel of attributes: which ones, in which order, and their values as text and by type."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from profiles.account import Account, AttributeDefinition, Block, load_account
from profiles.customers import CustomerAttribute, Gender, SubscriptionStatus
from profiles.lifecycle.reading import LifecycleModel
from profiles.loyalty import LoyaltyAccount, LoyaltyLot
from profiles.metrics import CustomerMetrics
from profiles.rfm.reading import RfmBoundaries
from profiles.viewer import ALL_SCOPES
from tests.clock import Clock
from tests.gateway_client import Answer, Gateway
from tests.panels.shop import reads
from tests.people import MADE_AT, add, customer_id, people

ATTRIBUTES = """
query ($ids: [ID!]!, $block: Block! = PROFILE, $keys: [String!]) {
  nodes(ids: $ids) { ... on Customer {
    externalId
    attributes(block: $block, keys: $keys) {
      definition { key label type choices isEditable isPersonal isCustom }
      value number boolean date dateTime money { amount currencyCode }
    }
  } }
}
"""
KEYS = """
query ($ids: [ID!]!, $keys: [String!]) { nodes(ids: $ids) { ... on Customer { attributes(keys: $keys) { value } } } }
"""
TYPED = ("number", "boolean", "date", "dateTime", "money")
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    """A gateway that lives at that moment."""
    return Clock(NOW)


@pytest.fixture
def account() -> Account:
    """The account with a personal attribute more, shown in the profile too, and a view that names an unknown key."""
    default = load_account()
    nickname = AttributeDefinition(key="nickname", label="Nickname", is_personal=True)
    views = {**default.views, Block.PROFILE: ("is_vip", "city", "gone", "nickname", "metrics.receiptCount", "gender")}
    return default.model_copy(update={"attributes": (*default.attributes, nickname), "views": views, "segments": ()})


async def ask(gateway: Gateway, scopes: frozenset[str] = ALL_SCOPES, **asked: Any) -> Answer:
    return await gateway.ask(ATTRIBUTES, {"ids": [customer_id(1)], **asked}, scopes=scopes)


def values(answer: Answer) -> dict[str, str | None]:
    found = answer.data["nodes"][0]["attributes"]
    return {each["definition"]["key"]: each["value"] for each in found}


def stored(**texts: str) -> list[CustomerAttribute]:
    return [CustomerAttribute(customer_id=1, attribute=key, value=value) for key, value in texts.items()]


async def test_the_block_gives_its_attributes_in_the_accounts_order(gateway: Gateway) -> None:
    await people(gateway, 1, city="London", gender=Gender.FEMALE)
    await add(gateway, *stored(is_vip="true", nickname="Addie"), CustomerMetrics(customer_id=1, receipt_count=3))
    answer = await ask(gateway)
    assert answer.errors == []
    assert list(values(answer).items()) == [
        ("is_vip", "true"),
        ("city", "London"),
        ("nickname", "Addie"),
        ("metrics.receiptCount", "3"),
        ("gender", "FEMALE"),
    ]
    assert answer.data["nodes"][0]["attributes"][0]["definition"] == {
        "key": "is_vip",
        "label": "VIP",
        "type": "BOOLEAN",
        "choices": [],
        "isEditable": True,
        "isPersonal": False,
        "isCustom": True,
    }


async def test_keys_give_exactly_those_in_that_order_and_repeated_ones_twice(gateway: Gateway) -> None:
    await people(gateway, 1, city="London")
    keys = ["city", "age", "externalId", "city"]
    answer = await ask(gateway, keys=keys)
    assert answer.errors == []
    found = answer.data["nodes"][0]["attributes"]
    assert [(each["definition"]["key"], each["value"]) for each in found] == [
        ("city", "London"),
        ("age", None),
        ("externalId", "ext-1"),
        ("city", "London"),
    ]
    assert (await ask(gateway, keys=[])).data["nodes"][0]["attributes"] == []


@pytest.mark.parametrize(
    ("key", "text", "typed"),
    [
        ("home_ownership", "Renter", {}),
        ("age", "25-34", {}),
        ("store_visits_per_month", "2.5", {"number": 2.5}),
        ("is_vip", "false", {"boolean": False}),
        ("birthday_gift_sent", "2026-02-28", {"date": "2026-02-28"}),
        ("last_survey_at", "2026-02-28T09:30:00Z", {"dateTime": "2026-02-28T09:30:00Z"}),
        ("clv_estimate", "12.34 EUR", {"money": {"amount": "12.34", "currencyCode": "EUR"}}),
    ],
)
async def test_exactly_the_typed_field_of_its_type_is_set(
    gateway: Gateway, key: str, text: str, typed: dict[str, Any]
) -> None:
    await people(gateway, 1)
    await add(gateway, *stored(**{key: text}))
    answer = await ask(gateway, keys=[key])
    assert answer.errors == []
    (found,) = answer.data["nodes"][0]["attributes"]
    assert found["value"] == text
    assert {name: found[name] for name in TYPED} == {**dict.fromkeys(TYPED), **typed}


async def test_values_are_shown_as_canonical_text_however_a_source_wrote_them(gateway: Gateway) -> None:
    await people(gateway, 1)
    written = stored(store_visits_per_month="2.50", last_survey_at="2026-02-28T10:30:00+01:00", clv_estimate="1.5 USD")
    await add(gateway, *written)
    answer = await ask(gateway, keys=["store_visits_per_month", "last_survey_at", "clv_estimate"])
    assert list(values(answer).values()) == ["2.5", "2026-02-28T09:30:00Z", "1.50 USD"]


async def test_a_value_of_an_older_definition_keeps_its_text_without_a_typed_value(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, *stored(is_vip="sometimes", age="7"))
    answer = await ask(gateway, keys=["is_vip", "age"])
    assert answer.errors == []
    assert values(answer) == {"is_vip": "sometimes", "age": "7"}
    assert [each[name] for each in answer.data["nodes"][0]["attributes"] for name in TYPED] == [None] * 10


async def test_built_in_attributes_read_like_the_fields_they_name(gateway: Gateway) -> None:
    await people(gateway, 1, crm_id="CRM-1", birth_date=date(1990, 2, 28), registered_at=MADE_AT, country="GB")
    at = NOW
    await add(
        gateway,
        CustomerMetrics(
            customer_id=1,
            receipt_count=2,
            first_receipt_at=at,
            receipt_total_minor=123456,
            receipt_total_count=2,
            receipt_pieces=3,
            order_total_minor=0,
            last_activity_at=at,
        ),
        LoyaltyAccount(customer_id=1, accrued_milli=12_500, lasting_milli=2_000, points_milli=7_000),
    )
    keys = [
        each.key for each in gateway.account.all_attributes if each.entity.value == "CUSTOMER" and not each.is_custom
    ]
    answer = await ask(gateway, keys=keys)
    assert answer.errors == []
    assert values(answer) == {
        "externalId": "ext-1",
        "crmId": "CRM-1",
        "firstName": None,
        "lastName": None,
        "gender": None,
        "birthDate": "1990-02-28",
        "country": "GB",
        "city": None,
        "address": None,
        "email.value": None,
        "email.warning": "MISSING",
        "phone.value": None,
        "phone.type": "UNKNOWN",
        "phone.warning": "MISSING",
        "subscriptionStatus": "NEVER_SUBSCRIBED",
        "createdAt": "2026-01-02T03:04:05.678901Z",
        "updatedAt": "2026-01-02T03:04:05.678901Z",
        "registeredAt": "2026-01-02T03:04:05.678901Z",
        "subscribedAt": None,
        "metrics.receiptCount": "2",
        "metrics.firstReceiptAt": "2026-02-01T12:00:00Z",
        "metrics.lastReceiptAt": None,
        "metrics.daysSinceFirstReceipt": "0",
        "metrics.daysSinceLastReceipt": None,
        "metrics.lastReceiptAmount": None,
        "metrics.receiptTotal": "1234.56 USD",
        "metrics.averageReceipt": "617.28 USD",
        "metrics.averageItemsPerReceipt": "1.5",
        "metrics.averageItemPricePerReceipt": None,
        "metrics.orderCount": "0",
        "metrics.attributedOrderCount": "0",
        "metrics.firstOrderAt": None,
        "metrics.secondOrderAt": None,
        "metrics.lastOrderAt": None,
        "metrics.daysSinceFirstOrder": None,
        "metrics.daysSinceLastOrder": None,
        "metrics.orderTotal": "0.00 USD",
        "metrics.averageOrder": None,
        "metrics.averageItemsPerOrder": None,
        "metrics.averageOrderItemPrice": None,
        "metrics.lastOrderValue.amount": None,
        "metrics.totalSpent.net": "0.00 USD",
        "metrics.totalSpent.returnsTotal": "0.00 USD",
        "metrics.totalSpent.returnCount": "0",
        "metrics.daysSinceRegistration": "31",
        "metrics.lastActivityAt": "2026-02-01T12:00:00Z",
        "metrics.visitCount": "0",
        "metrics.firstVisitAt": None,
        "metrics.lastVisitAt": None,
        "loyalty.accrued": "12.5",
        "loyalty.active": "2",
        "loyalty.pendingActivation": "0",
        "loyalty.pendingDeactivation": "0",
        "loyalty.nextDeactivationAt": None,
        "loyalty.nextDeactivationAmount": None,
        "loyalty.points": "7",
        "rfm.segment": None,
        "rfm.recency": None,
        "rfm.frequency": None,
        "rfm.monetary": None,
        "lifecycle.stage": "LEAD",
        "lifecycle.atRiskAt": None,
        "lifecycle.lapsedAt": None,
        "lifecycle.probabilityAlive": None,
        "lifecycle.expectedOrdersNext90Days": None,
    }
    by_key = {each["definition"]["key"]: each for each in answer.data["nodes"][0]["attributes"]}
    assert by_key["metrics.receiptCount"]["number"] == 2
    assert by_key["metrics.receiptTotal"]["money"] == {"amount": "1234.56", "currencyCode": "USD"}
    assert by_key["birthDate"]["date"] == "1990-02-28"
    assert by_key["createdAt"]["dateTime"] == "2026-01-02T03:04:05.678901Z"


def _selected(path: list[str], type: str) -> str:
    name, *further = path
    inner = _selected(further, type) if further else "amount currencyCode" if type == "MONEY" else ""
    return f"{name} {{ {inner} }}" if inner else name


def _found(shown: Any, path: list[str]) -> Any:
    for name in path:
        shown = shown and shown[name]
    return shown


async def test_each_built_in_attribute_has_the_value_that_stands_at_its_path(gateway: Gateway) -> None:
    await people(
        gateway,
        1,
        first_name="Ada",
        last_name="Lovelace",
        gender=Gender.FEMALE,
        city="London",
        country="GB",
        address="12 St James's Square",
        email="ada@example.com",
        phone="07400 123456",
        registered_at=MADE_AT,
        subscribed_at=MADE_AT,
        subscription_status=SubscriptionStatus.PENDING,
    )
    instants = {
        f"{which}_{what}_at" for which in ("first", "last") for what in ("receipt", "order", "visit", "purchase")
    }
    days = enumerate(sorted(instants | {"second_order_at", "last_activity_at"}))
    columns = [column for column in CustomerMetrics.__table__.c if not column.nullable]  # type: ignore[attr-defined]
    sums = {column.name: place * 1001 for place, column in enumerate(columns, 1) if column.name != "customer_id"}
    last = {
        f"last_{what}_minor": amount for what, amount in (("receipt", 999), ("order_total", 2), ("order_products", 1))
    }
    paid = {f"last_{what}_currency": "USD" for what in ("receipt", "order")}
    moments = {name: NOW - timedelta(days=40 * (10 - day)) for day, name in days}
    lot = {"amount_milli": 500, "left_milli": 250, "accrued_at": MADE_AT, "active_from": MADE_AT}
    await add(
        gateway,
        CustomerMetrics(customer_id=1, **sums, **last, **paid, **moments),
        LoyaltyAccount(customer_id=1, accrued_milli=12_500, lasting_milli=2_000, points_milli=7_000),
        LoyaltyLot(customer_id=1, id=1, **lot, expires_at=NOW + timedelta(days=9)),
        LifecycleModel(id=1, r=0.5, alpha=4.0, a=0.8, b=2.4, customer_count=1, computed_at=NOW),
        RfmBoundaries(
            id=1,
            recency=[-4, -3, -2, -1],
            frequency=[1, 2, 3, 4],
            monetary=[1, 2, 3, 4],
            customer_count=1,
            computed_at=NOW,
        ),
    )
    built_in = [
        each for each in gateway.account.all_attributes if each.entity.value == "CUSTOMER" and not each.is_custom
    ]
    answer = await ask(gateway, keys=[each.key for each in built_in])
    assert answer.errors == []
    wrong = []
    for attribute, definition in zip(answer.data["nodes"][0]["attributes"], built_in, strict=True):
        path = definition.key.split(".")
        field = await gateway.ask(
            f'{{ customer(by: {{ externalId: "ext-1" }}) {{ {_selected(path, definition.type)} }} }}'
        )
        expected = _found(field.data["customer"], path)
        match definition.type:
            case "MONEY":
                is_right = attribute["value"] == f"{expected['amount']} {expected['currencyCode']}"
            case "NUMBER":
                is_right = float(attribute["value"]) == pytest.approx(float(expected), abs=1e-6)
            case _:
                is_right = attribute["value"] == expected
        if not is_right:
            wrong.append((definition.key, attribute["value"], expected))
    assert wrong == []
    assert {"crmId", "birthDate", "email.warning", "phone.warning"} == {
        attribute["definition"]["key"]
        for attribute in answer.data["nodes"][0]["attributes"]
        if attribute["value"] is None
    }


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"keys": ["no_such"]}, "keys"),
        ({"keys": ["city", "deliveryCost"]}, "keys"),
        ({"keys": ["version"]}, "keys"),
        ({"keys": ["x" * 5000]}, "keys"),
        ({"block": "RECEIPT_LIST"}, "block"),
        ({"block": "ORDER_ITEMS", "keys": []}, "block"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_an_unknown_key_or_a_block_of_another_entity_is_a_bad_request_and_the_rest_arrives(
    gateway: Gateway, asked: dict[str, Any], field: str
) -> None:
    await people(gateway, 1)
    answer = await ask(gateway, **asked)
    assert (answer.data, answer.codes) == ({"nodes": [{"externalId": "ext-1", "attributes": None}]}, ["BAD_REQUEST"])
    assert answer.errors[0]["extensions"]["field"] == [field]
    assert len(answer.errors[0]["message"]) < 200
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("key", ["nickname", "city", "gender"])
async def test_a_personal_key_without_the_scope_is_forbidden_before_anything_is_read(
    gateway: Gateway, key: str
) -> None:
    await people(gateway, 1, city="London")
    answer = await ask(gateway, ALL_SCOPES - {"personal:read"}, keys=["age", key])
    assert (answer.data, answer.codes) == ({"nodes": [{"externalId": "ext-1", "attributes": None}]}, ["FORBIDDEN"])
    assert answer.errors[0]["extensions"]["field"] == ["keys"]
    assert reads(answer) == {"CustomerById": 1}


async def test_a_metrics_key_needs_the_scope_of_metrics(gateway: Gateway) -> None:
    await people(gateway, 1)
    answer = await ask(gateway, ALL_SCOPES - {"metrics:read"}, keys=["metrics.receiptCount"])
    assert (answer.codes, reads(answer)) == (["FORBIDDEN"], {"CustomerById": 1})


async def test_in_a_block_what_the_viewer_may_not_read_is_null_with_forbidden_at_its_place(gateway: Gateway) -> None:
    await people(gateway, 1, city="London", gender=Gender.FEMALE)
    await add(gateway, *stored(is_vip="true", nickname="Addie"), CustomerMetrics(customer_id=1, receipt_count=3))
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { attributes { definition { key } value } } } }"
    answer = await gateway.ask(query, {"ids": [customer_id(1)]}, scopes=["profile:read"])
    assert values(answer) == {
        "is_vip": "true",
        "city": None,
        "nickname": None,
        "metrics.receiptCount": None,
        "gender": None,
    }
    assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
        (["nodes", 0, "attributes", place, "value"], "FORBIDDEN") for place in (1, 2, 3, 4)
    ]
    assert not [secret for secret in ("London", "Addie", "FEMALE") if secret in str(answer)]


async def test_what_is_not_asked_for_is_not_read_and_many_cost_the_same_reads(gateway: Gateway) -> None:
    ids = await people(gateway, *range(1, 6))
    custom, metrics = {"CustomAttributes": 1}, {"MetricsOf": 1}
    expected: dict[str, dict[str, int]] = {"city": {}, "age": custom, "metrics.receiptCount": metrics}
    for key, further in expected.items():
        one = await gateway.ask(KEYS, {"ids": ids[:1], "keys": [key]})
        assert reads(one) == {"CustomerById": 1, **further}
    for asked in (ids[:1], ids):
        many = await gateway.ask(KEYS, {"ids": asked, "keys": list(expected)})
        assert reads(many) == dict.fromkeys(("CustomerById", "CustomAttributes", "MetricsOf"), len(asked))
        assert len(many.extensions["profile"]["loaderBatches"]) == 3
