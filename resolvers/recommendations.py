"""The panel of recommendations."""

from collections.abc import Awaitable

import strawberry

from profiles.recommendations import RecommendationReason, RecommendationRow
from profiles.storage.pages import checked_first
from resolvers.about import About
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.types.enums import described
from resolvers.types.product import Product, named_product

described(
    RecommendationReason,
    "Why a product is recommended.",
    {
        "BOUGHT_TOGETHER": "Others bought it in one purchase with what this customer buys.",
        "SIMILAR_CUSTOMERS": "Customers with similar purchases buy it.",
        "POPULAR": "Many customers buy it.",
    },
)


@strawberry.type(description="A product that the customer may want, and why.")
class Recommendation:
    recommended_product_id: strawberry.Private[int]
    score: float = strawberry.field(description="How strongly it is recommended, 0 to 1.")
    reason: RecommendationReason = strawberry.field(description="Why.")

    @strawberry.field(description="Which product.")
    async def product(self, info: Info) -> Product:
        return await named_product(info, self.recommended_product_id)


def _shape(row: RecommendationRow) -> Recommendation:
    return Recommendation(recommended_product_id=row.product_id, score=row.score, reason=row.reason)


async def _shaped(loading: Awaitable[tuple[RecommendationRow, ...]]) -> list[Recommendation]:
    return [_shape(row) for row in await loading]


def panel(about: strawberry.Parent[About], info: Info, first: First = 10) -> Awaitable[list[Recommendation] | None]:
    return _shaped(info.context.loaders.best_recommendations.ask(about.customer_id, checked_first(first)))
