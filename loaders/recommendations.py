"""Recommendations, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.recommendations import RecommendationRow, best_recommendations
from profiles.storage.reads import Read


class BestRecommendations(Loader[int, int, tuple[RecommendationRow, ...]]):
    """What is recommended to each customer, the best first; the argument is how many at most."""

    def read(self, ids: Sequence[int], arguments: int) -> Read[int, tuple[RecommendationRow, ...]]:
        asking = self.asking
        pause_days = asking.account.settings.recommendation_pause_days
        return best_recommendations(asking.viewer, ids, arguments, asking.moment, pause_days)

    def missing(self, id: int) -> tuple[RecommendationRow, ...]:
        return ()
