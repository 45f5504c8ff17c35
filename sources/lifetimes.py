"""Lifetimes: fits MBG/NBD, and BG/NBD to prove the estimator, on purchase histories by maximum likelihood.

Heavy: importing this module imports numpy and scipy, so only the command that recomputes imports it. It knows no
database: arrays go in, numbers come out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

Numbers: TypeAlias = NDArray[np.float64]

STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.3, 0.3, 3.0), (3.0, 1.0, 0.1, 3.0))
"""Where the search begins, in units in which the mean age is 1."""
LEAST, MOST = 1e-4, 1e4
"""No parameter leaves these bounds: histories that never end, or a handful of them, would carry it to infinity."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Histories, an entry per customer with at least one purchase; entries that are equal may be one with a weight.

    `repeats` are the purchases after the first, `recency` the time from the first to the last, `age` the time from the
    first until now; all in the same unit, which alpha has then too.
    """

    repeats: Numbers
    recency: Numbers
    age: Numbers
    weight: Numbers


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


Likelihood: TypeAlias = Callable[[float, float, float, float, Histories], Numbers]


def bg_nbd(r: float, alpha: float, a: float, b: float, histories: Histories) -> Numbers:
    """The log-likelihood of each history under BG/NBD (Fader, Hardie, Lee 2005, equation 6): a customer may be lost
    after each purchase but the first."""
    x = histories.repeats
    stays = betaln(a, b + x) - (r + x) * np.log(alpha + histories.age)
    # Who has not come back was not lost yet: there the second part is 0.
    again = np.maximum(x, 1)
    leaves = betaln(a + 1, b + again - 1) - (r + x) * np.log(alpha + histories.recency)
    leaves = np.where(x > 0, leaves, -np.inf)
    own = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    likelihood: Numbers = own + np.logaddexp(stays, leaves)
    return likelihood


def mbg_nbd(r: float, alpha: float, a: float, b: float, histories: Histories) -> Numbers:
    """The log-likelihood of each history under MBG/NBD (Batislam, Denizel, Filiztekin 2007): a customer may be lost
    after each purchase, the first too."""
    x = histories.repeats
    stays = betaln(a, b + x + 1) - (r + x) * np.log(alpha + histories.age)
    leaves = betaln(a + 1, b + x) - (r + x) * np.log(alpha + histories.recency)
    own = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    likelihood: Numbers = own + np.logaddexp(stays, leaves)
    return likelihood


def fit(histories: Histories, likelihood: Likelihood = mbg_nbd) -> Fit | None:
    """The parameters under which the histories are likeliest; None where they tell nothing, because nobody came back.

    The same histories give the same parameters.
    """
    weight = histories.weight
    if not len(weight) or not (histories.repeats * weight).sum():
        return None
    # The search needs numbers of like size, whether time is in days or in weeks.
    unit = max(float(np.average(histories.age, weights=weight)), np.finfo(np.float64).tiny)
    scaled = Histories(histories.repeats, histories.recency / unit, histories.age / unit, weight)

    def loss(logarithms: Numbers) -> float:
        r, alpha, a, b = np.exp(logarithms)
        return float(-(likelihood(r, alpha, a, b, scaled) * weight).sum() / weight.sum())

    bounds = [(np.log(LEAST), np.log(MOST))] * 4
    found: list[Any] = [
        minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9})
        for start in STARTS
    ]
    best = min(found, key=lambda outcome: float(outcome.fun))
    r, alpha, a, b = (float(number) for number in np.exp(best.x))
    alpha *= unit
    return Fit(r, alpha, a, b, float((likelihood(r, alpha, a, b, histories) * weight).sum()))
