"""Interests: the categories a customer looked at lately and did not buy from since, read for many at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.account import Account, Switches, load_account
from profiles.catalog import Category, Product
from profiles.timeline import EventCategory, TimelineEvent
from profiles.timeline.viewed import MOST_VIEWS
from profiles.viewer import ALL_SCOPES, Scope
from resolvers.ids import encode
from tests.gateway_client import Gateway
from tests.panels.shop import purchased, reads
from tests.people import add, customer_id, people

NOW = datetime.now(UTC).replace(microsecond=0)
TEA, COFFEE, CAKE = 7, 8, 9
INTERESTS = """
query ($id: ID!, $first: Int! = 10, $includeSatisfied: Boolean! = false) {
  customer(by: { id: $id }) {
    interests(first: $first, includeSatisfied: $includeSatisfied) {
      category { id name } score viewCount lastViewedAt expiresAt status
    }
  }
}
"""


def view(id: int, category: int | None, days_ago: float, customer: int = 1, **columns: Any) -> TimelineEvent:
    at = NOW - timedelta(days=days_ago)
    values: dict[str, Any] = {"category": EventCategory.CATEGORY_VIEW, "viewed_category_id": category}
    return TimelineEvent(
        customer_id=customer,
        id=id,
        activity_seq=id,
        type="category_view",
        name="Viewed a category",
        occurred_at=at,
        received_at=at,
        **(values | columns),
    )


async def categories(gateway: Gateway, *ids: int) -> None:
    await people(gateway, *(ids or (1,)))
    await add(
        gateway,
        Category(id=TEA, name="Tea"),
        Category(id=COFFEE, name="Coffee"),
        Category(id=CAKE, name="Cake"),
        Product(id=71, external_id="green", name="Green tea", category_id=TEA),
        Product(id=81, external_id="mocha", name="Mocha", category_id=COFFEE),
    )


async def interests(gateway: Gateway, **variables: Any) -> list[dict[str, Any]]:
    answer = await gateway.ask(INTERESTS, {"id": customer_id(1), **variables})
    assert answer.errors == []
    found: list[dict[str, Any]] = answer.data["customer"]["interests"]
    return found


async def names(gateway: Gateway, **variables: Any) -> list[tuple[str, str]]:
    return [(interest["category"]["name"], interest["status"]) for interest in await interests(gateway, **variables)]


async def test_an_interest_says_what_made_it_and_when_it_ends(gateway: Gateway) -> None:
    await categories(gateway)
    await add(gateway, view(1, TEA, 15), view(2, TEA, 7.5), view(3, None, 1), view(4, TEA, 31))
    (interest,) = await interests(gateway)
    assert interest.pop("score") == pytest.approx(0.5 + 0.5**0.5, rel=1e-3)
    latest = NOW - timedelta(days=7.5)
    assert interest == {
        "category": {"id": encode("Category", TEA), "name": "Tea"},
        "viewCount": 2,
        "lastViewedAt": latest.isoformat().replace("+00:00", "Z"),
        "expiresAt": (latest + timedelta(days=30)).isoformat().replace("+00:00", "Z"),
        "status": "OPEN",
    }
    answer = await gateway.ask(
        "query ($id: ID!) { node(id: $id) { ... on Category { name } } }", {"id": encode("Category", TEA)}
    )
    assert answer.data["node"] == {"name": "Tea"}


async def test_the_strongest_come_first(gateway: Gateway) -> None:
    await categories(gateway)
    await add(gateway, view(1, TEA, 20), view(2, COFFEE, 2), view(3, CAKE, 2), view(4, CAKE, 1))
    open_ = [("Cake", "OPEN"), ("Coffee", "OPEN"), ("Tea", "OPEN")]
    assert await names(gateway) == open_
    assert await names(gateway, first=2) == open_[:2]
    assert await names(gateway, first=0) == []


async def test_at_most_ten_are_shown(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, *(Category(id=id, name=f"Category {id:02}") for id in range(1, 13)))
    await add(gateway, *(view(id, id, id) for id in range(1, 13)))
    assert [name for name, _ in await names(gateway, first=100)] == [f"Category {id:02}" for id in range(1, 11)]


async def test_a_purchase_in_the_category_satisfies_and_an_older_one_does_not(gateway: Gateway) -> None:
    await categories(gateway)
    await add(
        gateway,
        view(1, TEA, 5),
        view(2, COFFEE, 5),
        view(3, CAKE, 45),
        purchased(1, 71, 1, NOW - timedelta(days=4), category_id=TEA),
        purchased(1, 81, 1, NOW - timedelta(days=6), category_id=COFFEE),
    )
    assert await names(gateway) == [("Coffee", "OPEN")]
    # What expired has no score left.
    assert sorted(await names(gateway, includeSatisfied=True)) == [
        ("Cake", "EXPIRED"),
        ("Coffee", "OPEN"),
        ("Tea", "SATISFIED"),
    ]


async def test_what_expired_longer_ago_than_two_windows_is_forgotten(gateway: Gateway) -> None:
    await categories(gateway)
    await add(gateway, view(1, TEA, 59), view(2, COFFEE, 61))
    assert await names(gateway, includeSatisfied=True) == [("Tea", "EXPIRED")]
    assert await names(gateway) == []


async def test_recorded_views_and_purchases_open_and_satisfy_an_interest(gateway: Gateway) -> None:
    await categories(gateway)
    record = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { message } } }"
    seen = {
        "customer": {"id": customer_id(1)},
        "externalId": "v",
        "category": "PRODUCT_VIEW",
        "type": "product_view",
        "productExternalId": "green",
        "occurredAt": (NOW - timedelta(hours=2)).isoformat(),
    }
    bought = seen | {
        "externalId": "r",
        "category": "RECEIPT",
        "type": "receipt_issued",
        "productExternalId": None,
        "items": [{"productExternalId": "green", "quantity": "1", "unitPrice": "3"}],
        "occurredAt": (NOW - timedelta(hours=1)).isoformat(),
    }
    for sent, expected in ((seen, [("Tea", "OPEN")]), (bought, [])):
        answer = await gateway.ask(record, {"input": {"events": [sent]}})
        assert answer.data["recordEvents"] == {"recorded": 1, "userErrors": []}
        assert await names(gateway) == expected
    assert await names(gateway, includeSatisfied=True) == [("Tea", "SATISFIED")]


@pytest.mark.parametrize("order", ["as they happened", "newest first", "all at once"])
async def test_views_make_the_same_interests_in_whatever_order_they_are_recorded(gateway: Gateway, order: str) -> None:
    await categories(gateway)
    days = {"a": 29.5, "b": 12, "c": 31, "d": 0.5}
    views = [
        {
            "customer": {"id": customer_id(1)},
            "externalId": id,
            "category": "PRODUCT_VIEW",
            "type": "product_view",
            "productExternalId": "mocha" if id == "b" else "green",
            "occurredAt": (NOW - timedelta(days=ago)).isoformat(),
        }
        for id, ago in sorted(days.items(), key=lambda each: each[1], reverse=order == "as they happened")
    ]
    record = "mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded userErrors { message } } }"
    for sent in [views] if order == "all at once" else [[each] for each in views]:
        answer = await gateway.ask(record, {"input": {"events": sent}})
        assert answer.data["recordEvents"] == {"recorded": len(sent), "userErrors": []}
        await interests(gateway)
    tea, coffee = await interests(gateway)
    half = 15.0
    assert tea["score"] == pytest.approx(0.5 ** (0.5 / half) + 0.5 ** (29.5 / half), rel=1e-3)
    assert coffee["score"] == pytest.approx(0.5 ** (12 / half), rel=1e-3)
    assert [(each["category"]["name"], each["viewCount"]) for each in (tea, coffee)] == [("Tea", 2), ("Coffee", 1)]
    latest = NOW - timedelta(days=0.5)
    assert tea["lastViewedAt"] == latest.isoformat().replace("+00:00", "Z")


async def test_of_very_many_views_the_newest_are_looked_at(gateway: Gateway) -> None:
    await categories(gateway)
    await add(gateway, view(1, COFFEE, 20))
    async with gateway.store.write() as unit:
        unit.session.add_all([view(2 + number, TEA, 1 + number / 1_000) for number in range(MOST_VIEWS)])
    (interest,) = await interests(gateway)
    assert (interest["category"]["name"], interest["viewCount"]) == ("Tea", MOST_VIEWS)


async def test_a_customer_who_looked_at_nothing_has_an_empty_list(gateway: Gateway) -> None:
    await categories(gateway)
    assert await interests(gateway) == []


class TestSwitchedOff:
    @pytest.fixture
    def account(self) -> Account:
        return load_account().model_copy(update={"settings": Switches(interests_enabled=False)})

    async def test_the_panel_is_null_without_an_error_and_reads_nothing(self, gateway: Gateway) -> None:
        await categories(gateway)
        await add(gateway, view(1, TEA, 1))
        answer = await gateway.ask(INTERESTS, {"id": customer_id(1)})
        assert (answer.data["customer"], answer.errors) == ({"interests": None}, [])
        assert answer.extensions["disabledPanels"] == ["interests"]
        assert reads(answer) == {"CustomerById": 1}


class TestAnotherWindow:
    @pytest.fixture
    def account(self) -> Account:
        return load_account().model_copy(update={"settings": Switches(interest_window_days=3)})

    async def test_the_account_says_how_long_a_view_counts(self, gateway: Gateway) -> None:
        await categories(gateway)
        await add(gateway, view(1, TEA, 2), view(2, COFFEE, 4), view(3, CAKE, 7))
        assert await names(gateway, includeSatisfied=True) == [("Tea", "OPEN"), ("Coffee", "EXPIRED")]


async def test_without_the_scope_the_panel_is_null_and_nothing_is_read(gateway: Gateway) -> None:
    await categories(gateway)
    await add(gateway, view(1, TEA, 1))
    answer = await gateway.ask(INTERESTS, {"id": customer_id(1)}, scopes=ALL_SCOPES - {Scope.INTERESTS_READ})
    assert (answer.data["customer"], answer.codes) == ({"interests": None}, ["FORBIDDEN"])
    assert answer.errors[0]["path"] == ["customer", "interests"]
    assert reads(answer) == {"CustomerById": 1}


@pytest.mark.parametrize("first", [-1, 101])
async def test_too_many_at_once_are_refused(gateway: Gateway, first: int) -> None:
    await categories(gateway)
    answer = await gateway.ask(INTERESTS, {"id": customer_id(1), "first": first})
    assert (answer.data["customer"], answer.codes) == ({"interests": None}, ["LIMIT_EXCEEDED"])


@pytest.mark.parametrize("customers", [1, 10])
async def test_interests_cost_one_read_for_any_number_of_customers(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await categories(gateway, *ids)
    for id in ids:
        await add(
            gateway,
            view(1, TEA, id, id),
            view(2, COFFEE, 1, id),
            purchased(id, 81, 1, NOW, category_id=COFFEE),
        )
    fields = "interests { category { id name } score viewCount }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {"CustomerById": customers, "StrongestInterests": customers}
    for id in ids:
        (interest,) = answer.data[f"c{id}"]["interests"]
        assert interest["score"] == pytest.approx(0.5 ** (id / 15), rel=1e-3)
