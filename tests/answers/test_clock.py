"""Kept answers go by the clock: what depends on the time changes when it is due, without any write."""

from datetime import UTC, datetime, timedelta

import pytest

from profiles.account import Account
from profiles.catalog import Category, Product
from profiles.metrics import CustomerMetrics
from profiles.purchases import PurchasedProduct
from profiles.recommendations import Recommendation, RecommendationReason
from profiles.timeline import EventCategory, TimelineEvent
from tests.answers.asking import sent
from tests.clock import Clock
from tests.gateway_client import Gateway
from tests.people import add

DAYS = "query ($id: ID!) { customer(by: {id: $id}) { metrics { daysSinceLastReceipt } } }"
RECOMMENDATIONS = "query ($id: ID!) { customer(by: {id: $id}) { recommendations { score } } }"
INTERESTS = "query ($id: ID!) { customer(by: {id: $id}) { interests { viewCount score } } }"


@pytest.fixture
def clock(account: Account) -> Clock:
    """Ten seconds before midnight where the account is."""
    midnight = datetime(2026, 3, 2, tzinfo=account.zone).astimezone(UTC)
    return Clock(midnight - timedelta(seconds=10))


async def test_days_change_at_midnight(gateway: Gateway, customer: str, clock: Clock) -> None:
    await add(gateway, CustomerMetrics(customer_id=7, receipt_count=1, last_receipt_at=clock.now))
    days, hows = [], []
    for seconds in (0, 9.9, 0.1):
        clock.forward(seconds)
        answer = await sent(gateway, DAYS, id=customer)
        days.append(answer.data["customer"]["metrics"]["daysSinceLastReceipt"])
        hows.append(answer.how)
    assert (days, hows) == ([0, 0, 1], ["fwd=miss; stored", "hit", "fwd=miss; stored"])


async def test_an_interest_weakens_with_every_minute_and_ends_at_its_instant(
    gateway: Gateway, customer: str, account: Account, clock: Clock
) -> None:
    window = timedelta(days=account.settings.interest_window_days)
    tea, cake = clock.now - window + timedelta(seconds=5), clock.now
    await add(
        gateway,
        *(Category(id=id, name=name, external_id=name) for id, name in ((5, "tea"), (6, "cake"))),
        *(
            TimelineEvent(
                customer_id=7, id=id, category=EventCategory.CATEGORY_VIEW, type="category_viewed", name="Viewed",
                occurred_at=seen_at, received_at=seen_at, viewed_category_id=id, activity_seq=id, details={},
            )
            for id, seen_at in ((5, tea), (6, cake))
        ),
    )  # fmt: skip
    counts, hows, scores = [], [], []
    for seconds in (0, 4.9, 0.1, 4.9, 0.1, 60):
        clock.forward(seconds)
        answer = await sent(gateway, INTERESTS, id=customer)
        found = answer.data["customer"]["interests"]
        counts.append(len(found))
        hows.append(answer.how)
        scores.append(found[0]["score"])
    assert counts == [2, 2, 1, 1, 1, 1]
    assert hows == ["fwd=miss; stored", "hit"] * 2 + ["fwd=miss; stored"] * 2
    assert scores[0] == scores[3] >= scores[4] > scores[5]


async def test_a_product_is_recommended_again_from_the_instant_at_which_its_pause_ends(
    gateway: Gateway, customer: str, account: Account, clock: Clock
) -> None:
    pause = timedelta(days=account.settings.recommendation_pause_days)
    await add(
        gateway,
        Product(id=3, external_id="milk", name="Milk"),
        Recommendation(
            customer_id=7, rank=1, product_id=3, score=1, reason=RecommendationReason.POPULAR, computed_at=clock.now
        ),
        PurchasedProduct(
            customer_id=7, product_id=3, quantity_milli=1000, purchase_count=1, receipt_count=1,
            last_purchased_at=clock.now - pause + timedelta(seconds=5),
        ),
    )  # fmt: skip
    counts, hows = [], []
    for seconds in (0, 4.9, 0.1, 4.9):
        clock.forward(seconds)
        answer = await sent(gateway, RECOMMENDATIONS, id=customer)
        counts.append(len(answer.data["customer"]["recommendations"]))
        hows.append(answer.how)
    assert (counts, hows) == ([0, 0, 1, 1], ["fwd=miss; stored", "hit"] * 2)
