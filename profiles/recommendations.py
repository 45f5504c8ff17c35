"""Recommendations: what a job computed for each customer (ruling 14); recent purchases are left out on reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, exists
from sqlmodel import Field, SQLModel

from profiles.columns import Instant, choice, instant, key, reference
from profiles.customers import Customer
from profiles.purchases import PurchasedProduct
from profiles.storage.pages import paged
from profiles.storage.reads import Build, Read, Row, newest, shaped, table
from profiles.storage.rows import record
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


def _not_purchased_lately(recommendation: Any) -> list[Any]:
    purchased = table(PurchasedProduct).alias("purchased")
    return [
        ~exists().where(
            purchased.c.customer_id == recommendation.customer_id,
            purchased.c.product_id == recommendation.product_id,
            purchased.c.last_purchased_at > bindparam("pause_since", type_=Instant()),
        )
    ]


@shaped()
def _best() -> Build:
    return lambda dialect: newest(
        dialect,
        table(Recommendation),
        order=("rank",),
        descending=False,
        where=_not_purchased_lately,
        columns=COLUMNS,
        customers=table(Customer),
    )


def best_recommendations(
    viewer: Viewer, customer_ids: Sequence[int], first: int, now: datetime, pause_days: int
) -> Read[int, tuple[RecommendationRow, ...]]:
    """Each customer's best recommendations, without what they purchased after `now` minus the pause.

    The job left out what was purchased lately when it ran; what was purchased since is left out here.
    """

    def collect(rows: list[Row]) -> dict[int, tuple[RecommendationRow, ...]]:
        return {id: page.rows for id, page in paged(rows, RecommendationRow, first, False).items()}

    parameters = {"ids": customer_ids, "limit": first, "pause_since": now - timedelta(days=pause_days)}
    return Read(_best(), parameters, collect)
