"""Affinities: what a customer buys and looks at, attribute by attribute, as shares; read for many at once."""

from datetime import UTC, datetime, timedelta
from itertools import count as counted
from json import loads
from typing import Any

import pytest
from sqlmodel import SQLModel

from profiles.account import Account, load_account
from profiles.affinities import CustomerAffinities
from profiles.catalog import Category, Product, Store
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.storage.bulk import bulk_load
from profiles.summaries.affinities import recompute_affinities
from profiles.timeline import EventCategory, TimelineEvent
from profiles.viewer import ALL_SCOPES, Scope
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.panels.shop import arrange, order, order_item, reads, receipt, receipt_item
from tests.people import add, customer_id, people, stored

NOW = datetime.now(UTC).replace(microsecond=0)
TEA, CAKE = 7, 8
GREEN, BLACK, SPONGE, UNKNOWN = 71, 72, 81, 91
MAIN_STREET, ONLINE = 1, 2
AFFINITIES = """
query ($id: ID!, $attribute: String, $first: Int! = 10) {
  customer(by: { id: $id }) { affinities(attribute: $attribute, first: $first) { attribute value score } }
}
"""
RECORD = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { message } } }"
_numbers = counted(1)


def view(
    customer: int, days_ago: float | timedelta, product: int | None = None, category: int | None = None
) -> TimelineEvent:
    age = days_ago if isinstance(days_ago, timedelta) else timedelta(days=days_ago)
    number, at = next(_numbers), NOW - age
    return TimelineEvent(
        customer_id=customer,
        id=number,
        activity_seq=number,
        category=EventCategory.CATEGORY_VIEW if product is None else EventCategory.PRODUCT_VIEW,
        type="view",
        name="Viewed",
        occurred_at=at,
        received_at=at,
        product_id=product,
        viewed_category_id=category,
    )


def bought(customer: int, days_ago: float, *products: int | None, store: int | None = MAIN_STREET) -> list[SQLModel]:
    """A receipt with a line a product."""
    id = next(_numbers)
    lines = [receipt_item(customer, id, line, product_id=product) for line, product in enumerate(products, 1)]
    return [receipt(customer, id, issued_at=NOW - timedelta(days=days_ago), store_id=store), *lines]


def ordered(customer: int, days_ago: float, *products: int, **changes: Any) -> list[SQLModel]:
    id = next(_numbers)
    lines = [order_item(customer, id, line, product_id=product) for line, product in enumerate(products, 1)]
    return [order(customer, id, placed_at=NOW - timedelta(days=days_ago), **changes), *lines]


async def shop(gateway: Gateway, *ids: int) -> None:
    await people(gateway, *(ids or (1,)))
    await arrange(
        gateway,
        [
            Store(id=MAIN_STREET, external_id="m", name="Main Street"),
            Store(id=ONLINE, external_id="o", name="Online"),
            Category(id=TEA, name="Tea"),
            Category(id=CAKE, name="Cake"),
            Product(id=GREEN, external_id="g", name="Green", brand="Leaf", department="Grocery", category_id=TEA),
            Product(id=BLACK, external_id="b", name="Black", brand="Best", department="Grocery", category_id=TEA),
            Product(
                id=SPONGE,
                external_id="s",
                name="Sponge",
                brand="Best",
                department="Bakery",
                category_id=CAKE,
                package_size="2 kg",
            ),
            Product(id=UNKNOWN, external_id="u", name="u", is_named=False),
        ],
    )


async def put(gateway: Gateway, rows: list[SQLModel]) -> None:
    """Writes rows as they are: receipts and orders before their lines."""
    by_table = (Receipt, ReceiptItem, Order, OrderItem, TimelineEvent)
    await arrange(gateway, [row for model in by_table for row in rows if isinstance(row, model)])


async def sum_up(gateway: Gateway, *ids: int, now: datetime = NOW) -> None:
    """Makes the sums, which a write or the job would make."""
    async with bulk_load(gateway.settings.database_url) as loader, loader.transaction() as bulk:
        await recompute_affinities(bulk, gateway.account, ids or (1,), now)


async def affinities(gateway: Gateway, id: int = 1, **variables: Any) -> list[tuple[str, str, float]]:
    answer = await gateway.ask(AFFINITIES, {"id": customer_id(id), **variables})
    assert answer.errors == []
    found = answer.data["customer"]["affinities"]
    return [(one["attribute"], one["value"], pytest.approx(one["score"], rel=1e-9)) for one in found]


HISTORY = [
    ("category", "Tea", 8 / 11),
    ("brand", "Best", 7 / 10),
    ("department", "Grocery", 7 / 10),
    ("store", "Main Street", 2 / 3),
    ("store", "Online", 1 / 3),
    ("brand", "Leaf", 3 / 10),
    ("department", "Bakery", 3 / 10),
    ("category", "Cake", 3 / 11),
]


def history(customer: int = 1) -> list[SQLModel]:
    """Two receipts and an order of this moment, and what does not count; a view of a product, and of a category."""
    return [
        *bought(customer, 0, GREEN, SPONGE),
        *bought(customer, 0, UNKNOWN, None),
        *ordered(customer, 0, BLACK, status="RETURNED", is_returned=True),
        view(customer, 0, product=BLACK, category=TEA),
        view(customer, 0, category=TEA),
        *bought(customer, 366, SPONGE, store=ONLINE),
        view(customer, 366, product=SPONGE, category=CAKE),
        *ordered(customer, 0, SPONGE, status="CANCELLED"),
        *ordered(customer, 366, SPONGE),
    ]


@pytest.mark.parametrize("is_summed", [False, True])
async def test_purchases_and_views_are_shares_of_each_attribute(gateway: Gateway, is_summed: bool) -> None:
    await shop(gateway)
    await put(gateway, history())
    if is_summed:
        await sum_up(gateway)
    assert await affinities(gateway) == sorted(HISTORY, key=lambda one: (-one[2], one[1], one[0]))
    assert await affinities(gateway, first=3) == sorted(HISTORY, key=lambda one: (-one[2], one[1], one[0]))[:3]
    assert await affinities(gateway, first=0) == []
    for attribute in ("category", "brand", "department", "store"):
        own = [one for one in HISTORY if one[0] == attribute]
        assert await affinities(gateway, attribute=attribute) == own


async def test_an_order_with_a_receipt_counts_once_through_it(gateway: Gateway) -> None:
    await shop(gateway)
    rows = bought(1, 0, GREEN)
    await put(gateway, [*rows, *ordered(1, 0, SPONGE, receipt_id=rows[0].id)])  # type: ignore[attr-defined]
    await sum_up(gateway)
    assert await affinities(gateway, attribute="category") == [("category", "Tea", 1.0)]
    assert await affinities(gateway, attribute="store") == [("store", "Main Street", 1.0)]


async def test_a_purchase_weighs_by_line_and_for_the_store_as_a_whole(gateway: Gateway) -> None:
    await shop(gateway)
    await put(gateway, [*bought(1, 0, GREEN, GREEN, SPONGE), *bought(1, 90, SPONGE, store=ONLINE)])
    assert await affinities(gateway, attribute="category") == [("category", "Tea", 4 / 7), ("category", "Cake", 3 / 7)]
    assert await affinities(gateway, attribute="store") == [
        ("store", "Main Street", 2 / 3),
        ("store", "Online", 1 / 3),
    ]


@pytest.mark.parametrize("days", [-400, -30, 1, 20, 400])
async def test_sums_of_any_time_give_the_shares_of_now(gateway: Gateway, days: int) -> None:
    """Sums that are old, and sums of a clock that ran ahead: what left is taken off, what was left out is added."""
    await shop(gateway)
    await put(
        gateway,
        [
            *(row for age in (1, 30, 200, 340, 380) for row in bought(1, age, GREEN)),
            *(row for age in (3, 300, 360, 364.9, 365.1, 390) for row in ordered(1, age, SPONGE)),
            *(view(1, age, product=BLACK, category=TEA) for age in (10, 340, 370, 395)),
        ],
    )
    before = await affinities(gateway, first=100)
    await sum_up(gateway, now=NOW + timedelta(days=days))
    assert await affinities(gateway, first=100) == before
    assert len(before) == 8


class TestClock:
    """A gateway whose clock the test turns."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(NOW)

    async def test_what_leaves_the_window_is_gone_at_that_instant(self, gateway: Gateway, clock: Clock) -> None:
        """Also where the rows, or the answer, were kept before it left."""
        await shop(gateway)
        await put(gateway, [view(1, 10, category=CAKE), *bought(1, 20, GREEN)])
        leaves_at = NOW + timedelta(seconds=20)
        await add(gateway, view(1, timedelta(days=365) - (leaves_at - NOW), category=TEA))
        await sum_up(gateway, now=NOW)
        before = await affinities(gateway, attribute="category")
        clock.now = leaves_at - timedelta(microseconds=1)
        assert await affinities(gateway, attribute="category") == before
        clock.now = leaves_at
        after = await affinities(gateway, attribute="category")
        weights = {"Tea": 3 * 0.5 ** (20 / 90), "Cake": 0.5 ** (10 / 90)}
        assert after == [("category", value, weight / sum(weights.values())) for value, weight in weights.items()]
        assert after[0][2] != before[0][2].expected


async def test_a_customer_without_purchases_and_views_has_an_empty_list(gateway: Gateway) -> None:
    await shop(gateway)
    assert await affinities(gateway) == []
    await sum_up(gateway)
    assert await affinities(gateway) == []


async def test_an_attribute_that_the_account_does_not_list_is_refused(gateway: Gateway) -> None:
    await shop(gateway)
    for attribute in ("package_size", "name", "Brand", ""):
        answer = await gateway.ask(AFFINITIES, {"id": customer_id(1), "attribute": attribute})
        assert (answer.data["customer"], answer.codes) == ({"affinities": None}, ["BAD_REQUEST"])
        assert answer.errors[0]["path"] == ["customer", "affinities"]
        assert answer.errors[0]["extensions"]["field"] == ["attribute"]
        assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("first", [-1, 101])
async def test_too_many_at_once_are_refused(gateway: Gateway, first: int) -> None:
    await shop(gateway)
    answer = await gateway.ask(AFFINITIES, {"id": customer_id(1), "first": first})
    assert (answer.data["customer"], answer.codes) == ({"affinities": None}, ["LIMIT_EXCEEDED"])


async def test_without_the_scope_the_panel_is_null_and_nothing_is_read(gateway: Gateway) -> None:
    await shop(gateway)
    answer = await gateway.ask(AFFINITIES, {"id": customer_id(1)}, scopes=ALL_SCOPES - {Scope.INTERESTS_READ})
    assert (answer.data["customer"], answer.codes) == ({"affinities": None}, ["FORBIDDEN"])
    assert reads(answer) == {"CustomerById": 1}


class TestAnotherAccount:
    @pytest.fixture
    def account(self) -> Account:
        return load_account().model_copy(update={"affinity_attributes": ("package_size", "brand")})

    async def test_the_account_says_which_attributes_there_are(self, gateway: Gateway) -> None:
        await shop(gateway)
        await put(gateway, history())
        await sum_up(gateway)
        assert await affinities(gateway) == [
            ("package_size", "2 kg", 1.0),
            ("brand", "Best", 7 / 10),
            ("brand", "Leaf", 3 / 10),
        ]
        answer = await gateway.ask("{ account { affinityAttributes } }")
        assert answer.data["account"]["affinityAttributes"] == ["package_size", "brand"]

    async def test_sums_that_lack_an_attribute_are_made_anew_and_until_then_not_used(self, gateway: Gateway) -> None:
        await shop(gateway)
        await put(gateway, history())
        async with bulk_load(gateway.settings.database_url) as loader, loader.transaction() as bulk:
            await recompute_affinities(bulk, load_account(), [1], NOW)
        assert await affinities(gateway, attribute="package_size") == [("package_size", "2 kg", 1.0)]
        await record(gateway, seen("v", "g"))
        (kept,) = await stored(gateway, CustomerAffinities, customer_id=1)
        assert (kept.category, kept.store) == (None, None)
        assert await affinities(gateway, attribute="brand") == [("brand", "Best", 7 / 11), ("brand", "Leaf", 4 / 11)]


def seen(external_id: str, product: str | None = None, minutes_ago: float = 0, **fields: Any) -> dict[str, Any]:
    return {
        "customer": {"id": customer_id(1)},
        "externalId": external_id,
        "category": "PRODUCT_VIEW",
        "type": "product_view",
        "productExternalId": product,
        "occurredAt": (NOW - timedelta(minutes=minutes_ago)).isoformat(),
        **fields,
    }


def sold(external_id: str, *products: str, minutes_ago: float = 0, **fields: Any) -> dict[str, Any]:
    items = [{"productExternalId": product, "quantity": "1", "unitPrice": "3"} for product in products]
    kind = {"category": "RECEIPT", "type": "receipt_issued", "items": items}
    return seen(external_id, None, minutes_ago, **(kind | fields))


async def record(gateway: Gateway, *events: dict[str, Any]) -> None:
    answer = await gateway.ask(RECORD, {"input": {"events": list(events)}})
    assert answer.data["recordEvents"] == {"recorded": len(events), "userErrors": []}


ORDERED = {"category": "ORDER", "type": "order_placed"}
STEPS: list[list[dict[str, Any]]] = [
    [seen("v1", "g", 9), seen("v2", None, 8, category="CATEGORY_VIEW", payload=[{"key": "category", "value": "Jam"}])],
    [sold("r1", "b", "s", minutes_ago=50)],
    # Nothing of it is summed up by.
    [seen("v3", "new", 7), sold("r2", "newer", minutes_ago=6), seen("p", category="PAGE_VIEW")],
    # A day in the past, and one that no window has.
    [seen("v4", "b", 400 * 1440), seen("v5", "b", 364 * 1440)],
    [sold("o1", "s", "s", minutes_ago=40, **ORDERED), sold("o2", "g", minutes_ago=40, **ORDERED)],
    # Cancelled, and returned, which counts.
    [
        sold("o1-c", minutes_ago=30, **(ORDERED | {"type": "order_cancelled", "orderExternalId": "o1"})),
        sold("o2-r", minutes_ago=30, **(ORDERED | {"type": "order_returned", "orderExternalId": "o2"})),
    ],
    # The receipt of an order, and one that is told again with other lines.
    [sold("r3", "b", minutes_ago=20, orderExternalId="o2")],
    [sold("r1-again", "g", minutes_ago=10, payload=[{"key": "receiptExternalId", "value": "r1"}])],
]


async def test_recorded_events_keep_the_sums_as_summing_up_anew_would(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, seen("first", "s", 30_000))
    for events in STEPS:
        (old,) = await stored(gateway, CustomerAffinities, customer_id=1)
        assert old.since <= datetime.now(UTC) - timedelta(days=365)
        await record(gateway, *events)
        kept = await affinities(gateway, first=100)
        (row,) = await stored(gateway, CustomerAffinities, customer_id=1)
        await sum_up(gateway, now=row.since + timedelta(days=365))
        (anew,) = await stored(gateway, CustomerAffinities, customer_id=1)
        assert documents(row) == documents(anew)
        assert await affinities(gateway, first=100) == kept
    assert ("category", "Jam") in {one[:2] for one in kept}


def documents(row: CustomerAffinities) -> dict[str, Any]:
    """The sums, in no order."""
    return {name: loads(value) for name, value in row.model_dump(exclude={"customer_id", "since"}).items() if value}


async def test_a_write_to_sums_of_long_ago_brings_them_forward(gateway: Gateway) -> None:
    await shop(gateway)
    await put(gateway, [row for age in (1, 200, 340, 380, 500) for row in bought(1, age, GREEN)])
    await sum_up(gateway, now=NOW - timedelta(days=200))
    await record(gateway, seen("v", "s"))
    (row,) = await stored(gateway, CustomerAffinities, customer_id=1)
    assert row.since >= NOW - timedelta(days=365)
    kept = documents(row)
    await sum_up(gateway, now=row.since + timedelta(days=365))
    (anew,) = await stored(gateway, CustomerAffinities, customer_id=1)
    assert kept == documents(anew)


async def test_a_page_view_leaves_the_sums_alone(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, seen("v", "g"))
    before = await stored(gateway, CustomerAffinities)
    await record(gateway, seen("p", category="PAGE_VIEW"))
    assert await stored(gateway, CustomerAffinities) == before


async def test_a_refused_call_leaves_the_sums_alone(gateway: Gateway) -> None:
    await shop(gateway)
    await record(gateway, seen("v", "g"))
    before = await stored(gateway, CustomerAffinities)
    answer = await gateway.ask(RECORD, {"input": {"events": [sold("r", "b"), seen("x", "g", -60)]}})
    assert answer.data["recordEvents"]["recorded"] == 0
    assert await stored(gateway, CustomerAffinities) == before


@pytest.mark.usefixtures("uncached")
@pytest.mark.parametrize("customers", [1, 10, 100])
async def test_affinities_cost_one_read_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await shop(gateway, *ids)
    await put(gateway, [row for id in ids for row in [*bought(id, 0, GREEN), view(id, 0, SPONGE, CAKE)]])
    await sum_up(gateway, *ids)
    fields = 'affinities(attribute: "category") { value score }'
    asked = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ {fields} }} }} }}"
    answer = await gateway.ask(asked, {"ids": [customer_id(id) for id in ids]})
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "StrongestAffinities": customers}
    expected = [{"value": "Tea", "score": 0.75}, {"value": "Cake", "score": 0.25}]
    assert [node["affinities"] for node in answer.data["nodes"]] == [expected] * customers
