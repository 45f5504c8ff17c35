"""Recommendations: a model of what is bought together, fitted on baskets, and the best products for each customer.

Heavy: importing this module imports numpy, scipy and implicit, so only the command that recomputes imports it. It knows
no database: arrays go in, rows come out.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender
from numpy.typing import NDArray
from scipy import sparse

from profiles.recommendations import RecommendationReason

Integers: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = Any
"""A scipy.sparse.csr_matrix, which has no types."""

DAY_MICROSECONDS = 24 * 60 * 60 * 1_000_000
PAUSE_DAYS = 30
"""What was purchased in the last 30 days is not recommended (ruling 14)."""

# These four were chosen on the second, third and fourth last baskets of the Complete Journey's households;
# benchmarks/recommendations.py reports on the last ones. Around these values the hit rate is flat.
NEIGHBOURS = 100
"""How many products bought together with a product are kept for it."""
DOUBT_BASKETS = 20
"""Added to the baskets of a product when its share is taken, so that two baskets that agree prove little."""
CONTEXT_HALF_LIFE_DAYS = 30
"""After so many days a past purchase says half as much about what goes well with it."""
PRIOR_BASKETS = 20
"""What others buy together weighs as much as so many baskets of the customer's own."""

BATCH_CUSTOMERS = 64
"""Customers scored at once: a batch takes some ten megabytes."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """What was purchased, an entry per line of a basket; all arrays have one length.

    A basket is a receipt or an order, belongs to one customer and has one time. `at` is in microseconds since 1970.
    Entries that repeat a product within a basket count once.
    """

    customer: Integers
    basket: Integers
    product: Integers
    at: Integers

    def where(self, mask: NDArray[np.bool_]) -> "Purchases":
        """The entries at which the mask is true."""
        return Purchases(self.customer[mask], self.basket[mask], self.product[mask], self.at[mask])


@dataclass(frozen=True, slots=True)
class BasketModel:
    """What baskets teach about products, which are numbered from 0.

    `together[i, j]` is the share of the baskets with product i that also hold product j (0 to 1, NEIGHBOURS products j
    for each i, i itself not among them). `popularity[j]` is the share of all baskets that hold j. A product that is not
    `named` is never recommended, though its purchases still say what goes well with it.
    """

    together: Matrix
    popularity: Numbers
    named: NDArray[np.bool_]
    by_popularity: Integers
    """The products that may be recommended, those in the most baskets first."""


class Recommended(NamedTuple):
    """A recommended product: rank 1 is the best; score is between 0 and 1 and does not rise with the rank."""

    customer: int
    rank: int
    product: int
    score: float
    reason: RecommendationReason


def fit(basket: Integers, product: Integers, named: NDArray[np.bool_]) -> BasketModel:
    """The model of baskets, given as pairs of a basket and a product in it.

    Baskets may be any integers; products are numbered from 0 to len(named) - 1. The same pairs give the same model.
    """
    products = len(named)
    distinct, row = np.unique(basket, return_inverse=True)
    baskets = _table(np.ones(len(row)), row, product, (len(distinct), products))
    baskets.data[:] = 1.0
    in_baskets: Numbers = np.bincount(baskets.indices, minlength=products).astype(np.float64)
    popularity = in_baskets / max(1, len(distinct))
    recommendable = np.flatnonzero(named & (in_baskets > 0))
    # The sort is stable: of two equally popular products the first in number comes first.
    by_popularity = recommendable[np.argsort(-in_baskets[recommendable], kind="stable")]
    return BasketModel(_together(baskets, in_baskets), popularity, named, by_popularity)


def _together(baskets: Matrix, in_baskets: Numbers) -> Matrix:
    if not baskets.nnz:
        return sparse.csr_matrix((len(in_baskets), len(in_baskets)))
    # A product is its own nearest neighbour, hence one more. Each thread fills rows of its own: their number
    # does not change the result.
    nearest = ItemItemRecommender(K=NEIGHBOURS + 1)
    nearest.fit(baskets, show_progress=False)
    counts = nearest.similarity
    counts.data[counts.indices == np.repeat(np.arange(len(in_baskets)), np.diff(counts.indptr))] = 0.0
    counts.eliminate_zeros()
    counts.sort_indices()
    return (sparse.diags(1.0 / (in_baskets + DOUBT_BASKETS)) @ counts).tocsr()


def recommend(
    model: BasketModel,
    history: Purchases,
    customers: int,
    now: int | Integers,
    top: int,
    pause_days: int = PAUSE_DAYS,
) -> list[Recommended]:
    """Each customer's `top` best products, by customer and rank; fewer where fewer may be recommended.

    Customers and products are numbered from 0; one without history gets popular products. `now` is in microseconds
    since 1970, one for all or one for each customer. What was purchased less than `pause_days` before is left out.

    The score of a product estimates how likely the customer's next basket holds it: the share of their own baskets that
    held it, drawn towards what others buy together with the customer's purchases, which counts as PRIOR_BASKETS more
    baskets. Where this names fewer than `top`, popular products follow, their share of all baskets drawn alike.
    """
    shape = (customers, len(model.named))
    moments: Integers = np.broadcast_to(np.asarray(now, dtype=np.int64), customers)
    bought = _once_per_basket(history)
    age_days = np.maximum(0, moments[bought.customer] - bought.at) / DAY_MICROSECONDS
    own = _table(np.ones(len(age_days)), bought.customer, bought.product, shape)
    context = _table(0.5 ** (age_days / CONTEXT_HALF_LIFE_DAYS), bought.customer, bought.product, shape)
    weight: Numbers = np.asarray(context.sum(axis=1)).ravel()
    context = (sparse.diags(PRIOR_BASKETS / np.where(weight > 0, weight, 1.0)) @ context).tocsr()
    lately = age_days < pause_days
    paused = _table(np.ones(lately.sum()), bought.customer[lately], bought.product[lately], shape)
    _, basket_first = np.unique(bought.basket, return_index=True)
    baskets = np.bincount(bought.customer[basket_first], minlength=customers) + PRIOR_BASKETS

    allowed = model.named.copy()
    rows: list[Recommended] = []
    for start in range(0, customers, BATCH_CUSTOMERS):
        batch = slice(start, start + BATCH_CUSTOMERS)
        scores = (own[batch] + context[batch] @ model.together).tocsr()
        for offset in range(scores.shape[0]):
            customer = start + offset
            pause = paused.indices[paused.indptr[customer] : paused.indptr[customer + 1]]
            allowed[pause] = False
            span = slice(scores.indptr[offset], scores.indptr[offset + 1])
            products, estimates = _best(model, scores.indices[span], scores.data[span], allowed, top)
            rows += _rows(model, customer, products, estimates / baskets[customer], allowed, baskets[customer], top)
            allowed[pause] = model.named[pause]
    return rows


def _best(
    model: BasketModel, products: Integers, scores: Numbers, allowed: NDArray[np.bool_], top: int
) -> tuple[Integers, Numbers]:
    keep = allowed[products] & (scores > 0)
    products, scores = products[keep], scores[keep]
    if len(scores) > top > 0:
        # All that tie with the last are kept for the sort, or chance would choose among them.
        enough = scores >= np.partition(scores, -top)[-top]
        products, scores = products[enough], scores[enough]
    order = np.lexsort((products, -model.popularity[products], -scores))[:top]
    return products[order], scores[order]


def _rows(
    model: BasketModel,
    customer: int,
    products: Integers,
    scores: Numbers,
    allowed: NDArray[np.bool_],
    baskets: int,
    top: int,
) -> list[Recommended]:
    chosen: list[int] = products.tolist()
    rows = [
        Recommended(customer, rank, product, score, RecommendationReason.BOUGHT_TOGETHER)
        for rank, (product, score) in enumerate(zip(chosen, np.minimum(scores, 1.0).tolist(), strict=True), start=1)
    ]
    if len(rows) == top:
        return rows
    least = rows[-1].score if rows else 1.0
    taken = set(chosen)
    for product in model.by_popularity.tolist():
        if len(rows) == top:
            break
        if allowed[product] and product not in taken:
            score = min(least, float(PRIOR_BASKETS * model.popularity[product] / baskets))
            rows.append(Recommended(customer, len(rows) + 1, product, score, RecommendationReason.POPULAR))
    return rows


def recommend_by_id(
    purchases: Purchases,
    named_product_ids: Integers,
    customer_ids: Integers,
    now: int,
    top: int,
    pause_days: int = PAUSE_DAYS,
) -> list[Recommended]:
    """Fits the model on all purchases and recommends to `customer_ids`; everything is known by its own id.

    Rows come by ascending customer id, then rank. Purchases of other customers (erased, anonymous: any id) teach the
    model, and are nobody's history. Basket ids of receipts and orders must differ.
    """
    product_ids, product = np.unique(purchases.product, return_inverse=True)
    model = fit(purchases.basket, product, np.isin(product_ids, named_product_ids))
    ids = np.unique(customer_ids)
    theirs = np.isin(purchases.customer, ids)
    numbered = Purchases(np.searchsorted(ids, purchases.customer), purchases.basket, product, purchases.at)
    rows = recommend(model, numbered.where(theirs), len(ids), now, top, pause_days)
    return [row._replace(customer=int(ids[row.customer]), product=int(product_ids[row.product])) for row in rows]


def _once_per_basket(purchases: Purchases) -> Purchases:
    order = np.lexsort((purchases.product, purchases.basket))
    basket, product = purchases.basket[order], purchases.product[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (basket[1:] != basket[:-1]) | (product[1:] != product[:-1])
    kept = order[first]
    return Purchases(purchases.customer[kept], purchases.basket[kept], purchases.product[kept], purchases.at[kept])


def _table(values: Numbers, row: Integers, column: Integers, shape: tuple[int, int]) -> Matrix:
    """A sparse table; values given for one cell add up."""
    table = sparse.csr_matrix((values, (row, column)), shape=shape)
    table.sum_duplicates()
    return table
