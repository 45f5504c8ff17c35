"""The products recommended to a customer."""

from datetime import UTC, datetime, timedelta

import pytest

from profiles.account import Account, load_account
from profiles.recommendations import Recommendation, RecommendationReason
from tests.gateway_client import Gateway
from tests.panels.shop import (
    BREAD,
    DESSERT,
    MILK,
    NOON,
    UNPRICED,
    arrange,
    customer_id,
    open_shop,
    purchased,
    reads,
)

LIST = """
query ($id: ID!, $first: Int! = 10) {
  customer(by: { id: $id }) { recommendations(first: $first) { product { name } score reason } }
}
"""


def _recommended(customer: int, rank: int, product: int) -> Recommendation:
    reason = RecommendationReason.POPULAR if rank > 2 else RecommendationReason.BOUGHT_TOGETHER
    return Recommendation(
        customer_id=customer, rank=rank, product_id=product, score=1 / rank, reason=reason, computed_at=NOON
    )


async def _names(gateway: Gateway, first: int = 10, customer: int = 1) -> list[str]:
    answer = await gateway.ask(LIST, {"id": customer_id(customer), "first": first})
    assert answer.errors == []
    return [recommended["product"]["name"] for recommended in answer.data["customer"]["recommendations"]]


async def test_recommendations_come_best_first_with_score_and_reason(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    await arrange(gateway, [_recommended(1, rank, product) for rank, product in ((4, MILK), (1, BREAD), (2, DESSERT))])
    await arrange(gateway, [_recommended(2, 1, MILK)])
    answer = await gateway.ask(LIST, {"id": customer_id()})
    assert answer.errors == []
    assert answer.data["customer"]["recommendations"] == [
        {"product": {"name": "Rye bread"}, "score": 1.0, "reason": "BOUGHT_TOGETHER"},
        {"product": {"name": "Crème Brûlée"}, "score": 0.5, "reason": "BOUGHT_TOGETHER"},
        {"product": {"name": "Whole milk"}, "score": 0.25, "reason": "POPULAR"},
    ]
    assert await _names(gateway, first=2) == ["Rye bread", "Crème Brûlée"]
    assert await _names(gateway, first=0) == []


async def test_what_was_purchased_in_the_last_30_days_is_left_out_and_the_next_moves_up(gateway: Gateway) -> None:
    await open_shop(gateway, (1, 2))
    now, pause, minute = datetime.now(UTC), timedelta(days=30), timedelta(minutes=1)
    await arrange(
        gateway,
        [
            *(_recommended(1, rank, product) for rank, product in enumerate((MILK, BREAD, DESSERT, UNPRICED), 1)),
            _recommended(2, 1, MILK),
            purchased(1, MILK, 1, now - minute),
            purchased(1, BREAD, 1, now - pause + minute),
            purchased(1, DESSERT, 1, now - pause - minute),
        ],
    )
    assert await _names(gateway) == ["Crème Brûlée", "40011"]
    assert await _names(gateway, first=1) == ["Crème Brûlée"]
    assert await _names(gateway, customer=2) == ["Whole milk"]


async def test_a_customer_without_recommendations_has_an_empty_list(gateway: Gateway) -> None:
    await open_shop(gateway)
    assert await _names(gateway) == []


async def test_more_than_100_is_refused(gateway: Gateway) -> None:
    await open_shop(gateway)
    answer = await gateway.ask(LIST, {"id": customer_id(), "first": 101})
    assert (answer.data["customer"]["recommendations"], answer.codes) == (None, ["LIMIT_EXCEEDED"])


@pytest.mark.parametrize("customers", [1, 3])
async def test_recommendations_cost_one_read_a_level(gateway: Gateway, customers: int) -> None:
    ids = range(1, customers + 1)
    await open_shop(gateway, ids)
    await arrange(gateway, [_recommended(customer, rank, MILK + rank) for customer in ids for rank in (1, 2)])
    fields = "recommendations { product { category { name } } }"
    asked = " ".join(f'c{id}: customer(by: {{ id: "{customer_id(id)}" }}) {{ {fields} }}' for id in ids)
    answer = await gateway.ask(f"{{ {asked} }}")
    assert answer.errors == []
    assert reads(answer) == {
        "CustomerById": customers,
        "BestRecommendations": customers,
        "ProductById": 2,
        "CategoryById": 1,
    }


async def test_without_the_scope_the_panel_is_null_and_nothing_of_it_is_read(gateway: Gateway) -> None:
    await open_shop(gateway)
    query = f'{{ customer(by: {{ id: "{customer_id()}" }}) {{ externalId recommendations {{ score }} }} }}'
    answer = await gateway.ask(query, scopes={"profile:read", "debug"})
    assert answer.data["customer"] == {"externalId": "c-1", "recommendations": None}
    assert (answer.codes, answer.errors[0]["path"]) == (["FORBIDDEN"], ["customer", "recommendations"])
    assert reads(answer) == {"CustomerById": 1}


class TestWithoutAPause:
    """`recommendation_pause_days: 0`."""

    @pytest.fixture
    def account(self) -> Account:
        account = load_account()
        no_pause = account.settings.model_copy(update={"recommendation_pause_days": 0})
        return account.model_copy(update={"settings": no_pause})

    async def test_what_was_just_purchased_is_recommended_too(self, gateway: Gateway) -> None:
        await open_shop(gateway)
        await arrange(gateway, [_recommended(1, 1, MILK), purchased(1, MILK, 1, datetime.now(UTC))])
        assert await _names(gateway) == ["Whole milk"]
