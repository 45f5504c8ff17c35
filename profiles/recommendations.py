"""Recommendations: what a job computed for each customer (ruling 14); the last 30 days' purchases are left out on reading."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from profiles.columns import choice, instant, key, reference


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
