"""Recommendations: what a job computed for each customer (ruling 14); recent purchases are left out on reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, select
from sqlmodel import Field, SQLModel

from profiles.columns import choice, instant, key, reference
from profiles.customers import Customer
from profiles.moment import Moment
from profiles.purchases import PurchasedProduct
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.pages import paged
from profiles.storage.reads import Build, DialectName, Read, Row, newest, shaped, table
from profiles.viewer import Viewer


class RecommendationReason(StrEnum):
    """Why a product is recommended."""

    BOUGHT_TOGETHER = "BOUGHT_TOGETHER"
    SIMILAR_CUSTOMERS = "SIMILAR_CUSTOMERS"
    POPULAR = "POPULAR"


class Recommendation(SQLModel, table=True):
    """One recommended product; rank 1 is the best, score is between 0 and 1."""

    __tablename__ = "recommendations"
    customer_id: int = key(foreign_key="customers.id")
    rank: int = key()
    product_id: int = reference(foreign_key="products.id")
    score: float = Field()
    reason: RecommendationReason = choice(RecommendationReason)
    computed_at: datetime = instant()


@record
class RecommendationRow:
    """A recommendation as it is read."""

    customer_id: int
    rank: int
    product_id: int
    score: float
    reason: RecommendationReason


COLUMNS = tuple(RecommendationRow.__dataclass_fields__)

MOST_RECOMMENDATIONS = 50
"""The job keeps so many of each customer: more than are shown, because what is purchased meanwhile is left out."""


@shaped()
def _best() -> Build:
    def build(dialect: DialectName) -> Any:
        best = newest(
            dialect,
            table(Recommendation),
            order=("rank",),
            descending=False,
            columns=COLUMNS,
            customers=table(Customer),
        ).subquery("best")
        purchased = table(PurchasedProduct)
        bought = and_(purchased.c.customer_id == best.c.customer_id, purchased.c.product_id == best.c.product_id)
        return (
            select(*[best.c[name] for name in COLUMNS], purchased.c.last_purchased_at)
            .select_from(best.outerjoin(purchased, bought))
            .order_by(best.c.customer_id, best.c.rank)
        )

    return build


def is_paused(last_purchased_at: datetime | None, now: datetime, pause: timedelta) -> bool:
    """Whether a product was purchased too lately to be recommended; exactly the pause ago is long enough."""
    return last_purchased_at is not None and last_purchased_at > now - pause


def best_recommendations(
    viewer: Viewer, customer_ids: Sequence[int], first: int, moment: Moment, pause_days: int
) -> Read[int, tuple[RecommendationRow, ...]]:
    """Each customer's best recommendations, without what they purchased within the pause.

    The job left out what was purchased lately when it ran; what was purchased since is left out here, and not in SQL:
    what it depends on is the time, and rows may be kept for a while.
    """
    pause = timedelta(days=pause_days)

    def recommended(rows: list[Row], now: datetime) -> tuple[list[Row], datetime | None]:
        allowed = [row[:-1] for row in rows if not is_paused(row[-1], now, pause)]
        return allowed, min((row[-1] + pause for row in rows if is_paused(row[-1], now, pause)), default=None)

    def collect(rows: list[Row]) -> dict[int, tuple[RecommendationRow, ...]]:
        allowed = moment.derive(lambda now: recommended(rows, now))
        return {id: page.rows for id, page in paged(allowed, RecommendationRow, first, False).items()}

    return Read(_best(), {"ids": customer_ids, "limit": MOST_RECOMMENDATIONS}, collect, BY_CUSTOMER)
