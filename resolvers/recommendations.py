"""The panel of recommendations."""

import strawberry

from executor.promises import Each, Later
from profiles.recommendations import RecommendationReason, RecommendationRow
from profiles.storage.pages import checked_first
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


def panel(info: Info, first: First = 10) -> Each[list[Recommendation] | None]:
    most, recommendations = checked_first(first), info.context.loaders.best_recommendations
    return lambda about: Later(recommendations.ask(about.customer_id, most), _shaped)


def _shaped(rows: tuple[RecommendationRow, ...]) -> list[Recommendation]:
    return [_shape(row) for row in rows]
