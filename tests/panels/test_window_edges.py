"""Windows end at their exact instant, in the middle of a minute too: interests, their filter, recommendations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.catalog import Category, Product
from profiles.interests import MOST_INTERESTS
from profiles.purchases import PurchasedProduct
from profiles.recommendations import Recommendation, RecommendationReason
from profiles.timeline import EventCategory, TimelineEvent
from resolvers.ids import encode
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.people import add, customer_id, people

NOW = datetime(2026, 6, 10, 12, 30, 17, 250, tzinfo=UTC)
DAYS = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
TEA = 7
INTERESTS = """
query ($id: ID!, $includeSatisfied: Boolean!, $filter: CustomerFilter) {
  customer(by: { id: $id }) {
    interests(includeSatisfied: $includeSatisfied) { category { name } status viewCount lastViewedAt expiresAt }
  }
  customers(filter: $filter) { totalCount }
}
"""
RECOMMENDATIONS = "query ($id: ID!) { customer(by: { id: $id }) { recommendations { product { name } } } }"


@pytest.fixture
def clock() -> Clock:
    """In the middle of a minute."""
    return Clock(NOW)


def view(id: int, before: timedelta, category: int = TEA) -> TimelineEvent:
    return TimelineEvent(
        customer_id=1,
        id=id,
        activity_seq=id,
        category=EventCategory.CATEGORY_VIEW,
        type="category_view",
        name="Viewed a category",
        viewed_category_id=category,
        occurred_at=NOW - before,
        received_at=NOW,
    )


def bought(before: timedelta) -> PurchasedProduct:
    return PurchasedProduct(
        customer_id=1,
        product_id=71,
        category_id=TEA,
        quantity_milli=1000,
        purchase_count=1,
        receipt_count=1,
        last_purchased_at=NOW - before,
    )


async def shop(gateway: Gateway) -> None:
    await people(gateway, 1)
    await add(gateway, Category(id=TEA, name="Tea"), Product(id=71, external_id="g", name="Green tea", category_id=TEA))


async def statuses(gateway: Gateway, include_satisfied: bool = True) -> list[str]:
    """The statuses of the interests; the filter finds the customer just when one is open."""
    filter = {"interestCategoryIds": [encode("Category", TEA)]}
    variables: dict[str, Any] = {"id": customer_id(1), "includeSatisfied": include_satisfied, "filter": filter}
    answer = await gateway.ask(INTERESTS, variables)
    assert answer.errors == []
    found = [interest["status"] for interest in answer.data["customer"]["interests"]]
    assert answer.data["customers"]["totalCount"] == found.count("OPEN")
    return found


@pytest.mark.parametrize(
    ("viewed", "purchased", "expected"),
    [
        pytest.param([30 * DAYS - INSTANT], None, ["OPEN"], id="a view just inside the window"),
        pytest.param([30 * DAYS], None, ["EXPIRED"], id="a view exactly at the edge of the window"),
        pytest.param([30 * DAYS + INSTANT], None, ["EXPIRED"], id="a view just outside the window"),
        pytest.param([60 * DAYS - INSTANT], None, ["EXPIRED"], id="a view just inside the second window"),
        pytest.param([60 * DAYS], None, [], id="a view exactly at the edge of the second window"),
        pytest.param([5 * DAYS], 5 * DAYS + INSTANT, ["OPEN"], id="bought just before the view"),
        pytest.param([5 * DAYS], 5 * DAYS, ["SATISFIED"], id="bought at the instant of the view"),
        pytest.param([5 * DAYS], 5 * DAYS - INSTANT, ["SATISFIED"], id="bought just after the view"),
        pytest.param([9 * DAYS, 5 * DAYS], 7 * DAYS, ["OPEN"], id="bought between two views"),
        pytest.param([31 * DAYS], 20 * DAYS, ["SATISFIED"], id="an old view that a purchase had satisfied"),
        pytest.param([0 * DAYS], 0 * DAYS, ["SATISFIED"], id="viewed and bought at this instant"),
    ],
)
async def test_an_interest_ends_at_the_instant_that_the_rule_says(
    gateway: Gateway, viewed: list[timedelta], purchased: timedelta | None, expected: list[str]
) -> None:
    await shop(gateway)
    await add(gateway, *(view(id, before) for id, before in enumerate(viewed, 1)))
    if purchased is not None:
        await add(gateway, bought(purchased))
    assert await statuses(gateway) == expected
    assert await statuses(gateway, include_satisfied=False) == [status for status in expected if status == "OPEN"]


async def test_a_view_that_left_the_window_is_not_counted_beside_one_that_has_not(gateway: Gateway) -> None:
    await shop(gateway)
    await add(gateway, view(1, 30 * DAYS), view(2, 30 * DAYS - INSTANT), view(3, 1 * DAYS))
    answer = await gateway.ask(INTERESTS, {"id": customer_id(1), "includeSatisfied": False, "filter": None})
    (interest,) = answer.data["customer"]["interests"]
    assert interest["viewCount"] == 2


@pytest.mark.parametrize("is_bought", [False, True])
async def test_the_eleventh_waits_until_one_of_the_ten_is_satisfied(gateway: Gateway, is_bought: bool) -> None:
    await shop(gateway)
    others = range(101, 101 + MOST_INTERESTS)
    await add(gateway, *(Category(id=id, name=f"Category {id}") for id in others))
    await add(gateway, view(1, 1 * DAYS), *(view(id, (id - 99) * DAYS, id) for id in others))
    if is_bought:
        await add(gateway, bought(0 * DAYS))
    answer = await gateway.ask(INTERESTS, {"id": customer_id(1), "includeSatisfied": False, "filter": None})
    shown = [interest["category"]["name"] for interest in answer.data["customer"]["interests"]]
    names = [f"Category {id}" for id in others]
    assert shown == (names if is_bought else ["Tea", *names[:-1]])


@pytest.mark.parametrize(
    ("before", "names"),
    [
        pytest.param(30 * DAYS - INSTANT, [], id="bought just less than thirty days ago"),
        pytest.param(30 * DAYS, ["Green tea"], id="bought exactly thirty days ago"),
        pytest.param(30 * DAYS + INSTANT, ["Green tea"], id="bought just more than thirty days ago"),
    ],
)
async def test_a_product_is_recommended_again_when_its_pause_is_over(
    gateway: Gateway, before: timedelta, names: list[str]
) -> None:
    await shop(gateway)
    reason = RecommendationReason.POPULAR
    await add(
        gateway,
        Recommendation(customer_id=1, rank=1, product_id=71, score=1, reason=reason, computed_at=NOW),
        bought(before),
    )
    answer = await gateway.ask(RECOMMENDATIONS, {"id": customer_id(1)})
    assert answer.errors == []
    assert [each["product"]["name"] for each in answer.data["customer"]["recommendations"]] == names
