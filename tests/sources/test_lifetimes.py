"""The fit of purchase histories, on published numbers, on simulated customers, and at its edges."""

import csv
from math import exp, gamma, log
from pathlib import Path

import numpy as np
import pytest
from scipy.special import beta, hyp2f1

from profiles.lifecycle import History, Model, expected_purchases, probability_alive
from sources.lifetimes import Histories, bg_nbd, fit, mbg_nbd

CDNOW = Path(__file__).parent.parent / "data" / "cdnow" / "cdnow_customers_summary.csv"


def histories(*rows: tuple[float, float, float]) -> Histories:
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Histories(columns[:, 0], columns[:, 1], columns[:, 2], np.ones(len(columns)))


@pytest.fixture(scope="module")
def cdnow() -> Histories:
    with CDNOW.open(encoding="utf-8", newline="") as file:
        rows = [(float(row["frequency"]), float(row["recency"]), float(row["T"])) for row in csv.DictReader(file)]
    assert len(rows) == 2357
    return histories(*rows)


def test_bg_nbd_on_cdnow_is_what_fader_hardie_and_lee_published(cdnow: Histories) -> None:
    found = fit(cdnow, bg_nbd)
    assert found is not None
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.01)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_mbg_nbd_on_cdnow_is_what_other_implementations_find(cdnow: Histories) -> None:
    # The tests of BTYDplus (R) and of Lifetimes (Python) state these four for the same sample.
    found = fit(cdnow)
    assert found is not None
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.525, 6.183, 0.891, 1.614), rel=0.002)


def test_the_unit_of_time_and_weights_change_nothing_but_alpha(cdnow: Histories) -> None:
    weeks = fit(cdnow)
    rows, weight = np.unique(
        np.stack((cdnow.repeats, cdnow.recency * 7, cdnow.age * 7), axis=1), axis=0, return_counts=True
    )
    days = fit(Histories(rows[:, 0], rows[:, 1], rows[:, 2], weight.astype(np.float64)))
    assert weeks is not None
    assert days is not None
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx(
        (weeks.r, weeks.alpha, weeks.a, weeks.b), rel=0.001
    )


@pytest.mark.parametrize("history", [(0, 0, 0), (0, 0, 38.86), (1, 1.71, 38.86), (7, 29.43, 38.86)])
def test_the_likelihoods_are_the_formulas_of_the_papers(history: tuple[float, float, float]) -> None:
    r, alpha, a, b = 0.525, 6.183, 0.891, 1.614
    x, recency, age = history
    counts = gamma(r + x) / gamma(r) * alpha**r
    # Batislam, Denizel, Filiztekin (2007): alive after x + 1 chances to leave, or gone at the last of them.
    alive = beta(a, b + x + 1) / beta(a, b) / (alpha + age) ** (r + x)
    gone = beta(a + 1, b + x) / beta(a, b) / (alpha + recency) ** (r + x)
    (found,) = mbg_nbd(r, alpha, a, b, histories(history))
    assert exp(found) == pytest.approx(counts * (alive + gone))
    # And so the probability of being alive is the first part's share.
    assert probability_alive(Model(r, alpha, a, b), History(int(x), 0, 0)) > 0
    # Fader, Hardie, Lee (2005), equation 6: the first purchase is no chance to leave.
    alive = beta(a, b + x) / beta(a, b) / (alpha + age) ** (r + x)
    gone = beta(a + 1, b + x - 1) / beta(a, b) / (alpha + recency) ** (r + x) if x else 0.0
    (found,) = bg_nbd(r, alpha, a, b, histories(history))
    assert found == pytest.approx(log(counts * (alive + gone)))


@pytest.mark.parametrize(
    ("repeats", "recency", "age", "days"),
    [(0, 0, 0, 39), (0, 0, 38, 39), (2, 30, 38, 39), (26, 30, 31, 39), (100, 300, 301, 90)],
)
def test_what_is_expected_is_the_formula_of_the_paper(repeats: int, recency: int, age: int, days: int) -> None:
    r, alpha, a, b = 0.525, 6.183, 0.891, 1.614
    model, history = Model(r, alpha, a, b), History(repeats, recency, age)
    shape = r + repeats
    missed = hyp2f1(shape, b + repeats + 1, a + b + repeats, days / (alpha + age + days))
    if_alive = (a + b + repeats) / (a - 1) * (1 - missed * ((alpha + age) / (alpha + age + days)) ** shape)
    expected = if_alive * probability_alive(model, history)
    assert expected_purchases(model, history, days) == pytest.approx(expected, rel=1e-9)


def test_the_numbers_behind_simulated_customers_are_found_again() -> None:
    dice = np.random.default_rng(7)
    r, alpha, a, b, customers = 1.2, 20.0, 1.5, 4.0, 6000
    rates, losses = dice.gamma(r, 1 / alpha, customers), dice.beta(a, b, customers)
    rows = []
    for rate, loss, age in zip(rates, losses, dice.uniform(100, 400, customers), strict=True):
        repeats, last, now = 0, 0.0, 0.0
        while dice.random() >= loss:
            now += dice.exponential(1 / rate)
            if now > age:
                break
            repeats, last = repeats + 1, now
        rows.append((float(repeats), last, float(age)))
    found = fit(histories(*rows))
    assert found is not None
    assert (found.r, found.alpha) == pytest.approx((r, alpha), rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(a / (a + b), rel=0.05)


@pytest.mark.parametrize("rows", [[], [(0, 0, 0)], [(0, 0, 10), (0, 0, 500)]])
def test_where_nobody_came_back_there_is_no_model(rows: list[tuple[float, float, float]]) -> None:
    assert fit(histories(*rows)) is None


@pytest.mark.parametrize("rows", [[(1, 0, 0)], [(3, 10, 12), (0, 0, 5)], [(50, 364, 365)] * 20, [(1, 1, 300)] * 9])
def test_few_or_uniform_histories_give_numbers_that_can_be_used(rows: list[tuple[float, float, float]]) -> None:
    found = fit(histories(*rows))
    assert found is not None
    model = Model(found.r, found.alpha, found.a, found.b)
    assert all(0 < number < 1e8 for number in (model.r, model.alpha, model.a, model.b))
    assert 0 <= probability_alive(model, History(1, 5, 50)) <= 1
    assert expected_purchases(model, History(1, 5, 50), 90) >= 0
