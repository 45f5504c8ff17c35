"""Recommendations: what the model promises, on baskets small enough to check by hand."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from profiles.recommendations import RecommendationReason
from sources.recommendations import (
    DAY_MICROSECONDS,
    DOUBT_BASKETS,
    NEIGHBOURS,
    PRIOR_BASKETS,
    Integers,
    Purchases,
    Recommended,
    fit,
    recommend,
    recommend_by_id,
)

TOGETHER, POPULAR = RecommendationReason.BOUGHT_TOGETHER, RecommendationReason.POPULAR
NOW = 20_000 * DAY_MICROSECONDS
BREAD, BUTTER, MILK, NAILS, HAMMER = 501, 502, 503, 601, 602
STRANGER = 900

Basket = tuple[int, float, Sequence[int]]
"""A customer, the days since the purchase, the products."""


def purchased(*baskets: Basket) -> Purchases:
    lines = [
        (customer, basket, product, NOW - int(days * DAY_MICROSECONDS))
        for basket, (customer, days, products) in enumerate(baskets)
        for product in products
    ]
    return Purchases(*(np.array(column, dtype=np.int64) for column in zip(*lines, strict=True)))


def several(times: int, basket: Basket) -> tuple[Basket, ...]:
    return (basket,) * times


OTHERS = (
    *several(30, (STRANGER, 100, (BREAD, BUTTER))),
    *several(10, (STRANGER, 100, (NAILS, HAMMER))),
    *several(50, (STRANGER, 100, (MILK,))),
)
"""Bread goes with butter, nails with a hammer, milk with nothing, though most buy it."""


def recommended(
    purchases: Purchases, *customers: int, unnamed: Sequence[int] = (), top: int = 10, pause_days: int = 30
) -> list[Recommended]:
    named: Integers = np.setdiff1d(np.unique(purchases.product), np.array(unnamed, dtype=np.int64))
    return recommend_by_id(purchases, named, np.array(customers, dtype=np.int64), NOW, top, pause_days)


def products(rows: Sequence[Recommended]) -> list[int]:
    return [row.product for row in rows]


def test_what_is_bought_together_with_a_purchase_comes_before_what_is_merely_popular() -> None:
    rows = recommended(purchased(*OTHERS, (1, 5, (NAILS,))), 1, top=2)
    hammers_share = 10 / (11 + DOUBT_BASKETS)
    milks_share = 50 / 91
    assert [(row.rank, row.product, row.reason) for row in rows] == [(1, HAMMER, TOGETHER), (2, MILK, POPULAR)]
    assert rows[0].score == pytest.approx(PRIOR_BASKETS * hammers_share / (1 + PRIOR_BASKETS))
    assert rows[1].score == rows[0].score < PRIOR_BASKETS * milks_share / (1 + PRIOR_BASKETS)


def test_a_recent_purchase_says_more_about_what_goes_with_it_than_an_old_one() -> None:
    nails_lately = recommended(purchased(*OTHERS, (1, 300, (BREAD,)), (1, 3, (NAILS,))), 1)
    bread_lately = recommended(purchased(*OTHERS, (1, 300, (NAILS,)), (1, 3, (BREAD,))), 1)
    assert products(nails_lately).index(HAMMER) < products(nails_lately).index(BUTTER)
    assert products(bread_lately).index(BUTTER) < products(bread_lately).index(HAMMER)


def test_what_the_customer_keeps_buying_counts_and_lines_repeated_in_a_basket_count_once() -> None:
    once = recommended(purchased(*OTHERS, *several(3, (1, 40, (MILK,))), (1, 40, (NAILS,))), 1, top=1)
    assert [row._replace(score=0.0) for row in once] == [(1, 1, MILK, 0.0, TOGETHER)]
    assert once[0].score == pytest.approx(3 / (4 + PRIOR_BASKETS))
    repeated = recommended(purchased(*OTHERS, *several(3, (1, 40, (MILK,) * 7)), (1, 40, (NAILS, NAILS))), 1, top=1)
    assert repeated == once


def test_what_was_purchased_in_the_last_thirty_days_is_left_out_and_on_the_thirtieth_day_it_is_back() -> None:
    lately = purchased(*OTHERS, (1, 29.99, (MILK,)), (1, 90, (BREAD, BUTTER, MILK)), (1, 90, (NAILS,)))
    assert sorted(products(recommended(lately, 1))) == [BREAD, BUTTER, NAILS, HAMMER]
    earlier = purchased(*OTHERS, (1, 30, (MILK,)), (1, 90, (BREAD, BUTTER, MILK)), (1, 90, (NAILS,)))
    assert sorted(products(recommended(earlier, 1))) == [BREAD, BUTTER, MILK, NAILS, HAMMER]
    assert MILK in products(recommended(lately, 1, pause_days=29))


def test_one_customers_recent_purchases_are_left_out_for_nobody_else() -> None:
    rows = recommended(purchased(*OTHERS, (1, 1, (MILK,)), (2, 1, (BREAD,))), 1, 2)
    assert MILK not in products([row for row in rows if row.customer == 1])
    assert MILK in products([row for row in rows if row.customer == 2])


def test_a_product_without_a_name_is_never_recommended_but_says_what_goes_with_it() -> None:
    rows = recommended(purchased(*OTHERS, (1, 40, (NAILS,))), 1, 7, unnamed=[NAILS, MILK])
    assert not {NAILS, MILK} & set(products(rows))
    assert rows[0][:3] == (1, 1, HAMMER)
    assert rows[0].reason == TOGETHER


def test_popular_products_fill_up_what_the_model_leaves_open_without_repeating_it() -> None:
    rows = recommended(purchased(*OTHERS, (1, 5, (NAILS,))), 1)
    assert [(row.rank, row.product, row.reason) for row in rows] == [
        (1, HAMMER, TOGETHER),
        (2, MILK, POPULAR),
        (3, BREAD, POPULAR),
        (4, BUTTER, POPULAR),
    ]


def test_a_customer_without_history_gets_the_popular_products_with_their_share_of_all_baskets() -> None:
    rows: list[object] = [*recommended(purchased(*OTHERS), 7, top=3)]
    assert rows == [
        (7, 1, MILK, pytest.approx(50 / 90), POPULAR),
        (7, 2, BREAD, pytest.approx(30 / 90), POPULAR),
        (7, 3, BUTTER, pytest.approx(30 / 90), POPULAR),
    ]


def test_fewer_products_than_asked_for_give_fewer_rows_and_none_gives_none() -> None:
    purchases = purchased(*OTHERS, (1, 5, (NAILS, BREAD, MILK)))
    assert sorted(products(recommended(purchases, 1, top=100))) == [BUTTER, HAMMER]
    everything = purchased(*OTHERS, (1, 5, (NAILS, HAMMER, BREAD, BUTTER, MILK)))
    assert recommended(everything, 1) == []
    assert recommended(everything, 1, 7, unnamed=[BREAD, BUTTER, MILK, NAILS, HAMMER]) == []
    assert recommended(everything, 7, top=0) == []
    assert recommended(everything) == []


def test_without_any_purchase_nothing_is_recommended() -> None:
    none = np.array([], dtype=np.int64)
    assert recommend_by_id(Purchases(none, none, none, none), none, np.array([1, 2]), NOW, 10) == []


def test_scores_are_between_0_and_1_and_never_rise_and_ranks_count_from_1_for_every_customer() -> None:
    random = np.random.default_rng(14)
    baskets = [
        (int(customer), float(days), tuple(random.zipf(1.4, size) % 400))
        for customer, days, size in zip(
            random.integers(0, 150, 3000), random.uniform(0, 300, 3000), random.integers(1, 12, 3000), strict=True
        )
    ]
    purchases = purchased(*baskets)
    rows = recommended(purchases, *range(160))
    assert [(row.customer, row.rank) for row in rows] == [(id, rank) for id in range(160) for rank in range(1, 11)]
    assert len({(row.customer, row.product) for row in rows}) == 1600
    assert all(0 < row.score <= 1 for row in rows)
    assert all(before.score >= after.score for before, after in pairwise(rows) if before.customer == after.customer)
    lately = {
        (int(c), int(p))
        for c, p, at in zip(purchases.customer, purchases.product, purchases.at, strict=True)
        if NOW - at < 30 * DAY_MICROSECONDS
    }
    assert not lately & {(row.customer, row.product) for row in rows}
    assert recommended(purchases, *range(160)) == rows


def test_ties_go_to_the_more_popular_product_and_then_to_the_smaller_id() -> None:
    tied = purchased((1, 90, (40, 30, 20)), (STRANGER, 90, (20,)), (STRANGER, 90, (50, 10)))
    assert products(recommended(tied, 1, top=3)) == [20, 30, 40]
    assert products(recommended(tied, 1, top=2)) == [20, 30]
    assert products(recommended(tied, 7)) == [20, 10, 30, 40, 50]


def test_the_order_of_the_lines_and_of_the_customers_changes_nothing() -> None:
    purchases = purchased(*OTHERS, (1, 5, (NAILS,)), (2, 50, (BREAD, MILK)), (3, 90, (HAMMER, BUTTER)))
    order = np.random.default_rng(14).permutation(len(purchases.product))
    shuffled = Purchases(
        *(column[order] for column in (purchases.customer, purchases.basket, purchases.product, purchases.at))
    )
    assert recommended(shuffled, 3, 1, 7, 2) == recommended(purchases, 1, 2, 3, 7)


def test_purchases_of_customers_not_asked_for_teach_the_model_and_get_no_rows() -> None:
    rows = recommended(purchased(*OTHERS, (1, 5, (BREAD,))), 1)
    assert {row.customer for row in rows} == {1}
    assert rows[0].product == BUTTER


def test_large_ids_come_back_as_they_went_in_and_rows_hold_plain_numbers() -> None:
    customer, product = 2**62 + 1, 2**61 + 3
    rows = recommended(purchased((customer, 90, (product, BREAD)), (STRANGER, 1, (MILK,))), customer, top=1)
    assert [type(value) for value in rows[0]] == [int, int, int, float, RecommendationReason]
    assert rows[0].customer == customer
    assert products(recommended(purchased((STRANGER, 90, (product,))), customer)) == [product]


def test_each_customer_may_have_a_moment_of_their_own() -> None:
    model = fit(np.array([0, 0, 1]), np.array([0, 1, 0]), np.ones(2, dtype=np.bool_))
    history = Purchases(np.array([0, 1]), np.array([0, 1]), np.array([0, 0]), np.array([NOW, NOW]))
    moments = np.array([NOW + DAY_MICROSECONDS, NOW + 40 * DAY_MICROSECONDS])
    rows = recommend(model, history, 2, moments, 10)
    assert [(row.customer, row.product) for row in rows] == [(0, 1), (1, 0), (1, 1)]


def test_a_product_keeps_its_closest_neighbours_alone_and_not_itself() -> None:
    wide = np.arange(NEIGHBOURS * 3)
    basket = np.concatenate([np.zeros(len(wide)), np.ones(2), np.full(2, 2)]).astype(np.int64)
    product = np.concatenate([wide, [0, 7], [0, 7]])
    model = fit(basket, product, np.ones(len(wide), dtype=np.bool_))
    kept = model.together[0].toarray().ravel()
    assert kept[0] == 0
    assert kept.argmax() == 7
    assert kept[7] == pytest.approx(3 / (3 + DOUBT_BASKETS))
    assert NEIGHBOURS <= np.count_nonzero(kept) <= NEIGHBOURS + 1
