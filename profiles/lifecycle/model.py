"""The model of a purchaser's life, MBG/NBD: whether they are alive, until when, and what they will purchase.

Batislam, Denizel, Filiztekin (2007): purchases come at random at a rate that differs between customers (gamma: `r`,
`alpha`), and after each of them, the first too, the customer may be lost for good with a probability that differs as
well (beta: `a`, `b`). A job fits the four numbers on all histories; what follows from them for one customer is plain
arithmetic, because it is worked out again at each read. Times are in whole days since the first purchase.
"""

from math import exp, expm1, floor, log, log1p

from profiles.records import record

MOST_TERMS = 20_000
LEAST_TERM = 1e-12
FARTHEST_DAYS = 36_525
"""A day beyond a hundred years is as good as none."""


@record
class Model:
    """The four numbers of an account; `alpha` is in days, the others have no unit. All are above 0."""

    r: float
    alpha: float
    a: float
    b: float


@record
class History:
    """What the model looks at: purchases after the first (`repeats`), and the days from the first purchase to the last
    (`recency_days`) and to the day that is asked about (`age_days`)."""

    repeats: int
    recency_days: int
    age_days: int


def probability_alive(model: Model, history: History) -> float:
    """How likely the customer still purchases, 0 to 1, seen from `age_days`."""
    age = max(history.age_days, history.recency_days)
    silence = (model.r + history.repeats) * log1p((age - history.recency_days) / (model.alpha + history.recency_days))
    odds = silence + log(model.a / (model.b + history.repeats))
    # exp overflows at 710; by then nothing is left to tell from 0.
    return 1.0 / (1.0 + exp(odds)) if odds < 700 else 0.0


def first_day_below(model: Model, repeats: int, recency_days: int, threshold: float) -> int | None:
    """The first day, counted from the first purchase, on which the customer is alive with less than this probability
    if they do not purchase again; None where that is more than a hundred years ahead."""
    start = model.alpha + recency_days
    growth = log((1.0 / threshold - 1.0) * (model.b + repeats) / model.a) / (model.r + repeats)
    if growth > log(1.0 + FARTHEST_DAYS / start):
        return None
    day = max(recency_days, floor(start * exp(growth) - model.alpha))

    def is_below(asked: int) -> bool:
        return probability_alive(model, History(repeats, recency_days, asked)) < threshold

    # The logarithms round; what is said of a day is decided as it is shown on that day.
    while not is_below(day):
        day += 1
    while day > recency_days and is_below(day - 1):
        day -= 1
    return day


def expected_purchases(model: Model, history: History, days: int) -> float:
    """How many purchases to expect of the customer in so many days from `age_days` on.

    The sum over k of: they would make a k-th purchase if they never left, and are still there for it. It equals the
    paper's formula, but for `a` near 1, where that divides 0 by 0.
    """
    age = max(history.age_days, history.recency_days)
    shape, survived = model.r + history.repeats, model.b + history.repeats + 1.0
    # Purchases of one who stays: negative binomial, `shape` and the odds of a purchase within the days.
    odds = days / (model.alpha + age)
    if odds <= 0:
        return 0.0
    log_share, log_more = -shape * log1p(odds), log(odds) - log1p(odds)
    more, stays, total = -expm1(log_share), 1.0, 0.0
    for number in range(MOST_TERMS):
        total += stays * more
        stays *= (survived + number) / (model.a + survived + number)
        log_share += log((shape + number) / (number + 1.0)) + log_more
        more = max(0.0, more - exp(log_share))
        if stays * more < LEAST_TERM * max(total, LEAST_TERM):
            break
    return total * probability_alive(model, history)
