"""Recommendations, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.moment import MINUTE
from profiles.recommendations import RecommendationRow, best_recommendations
from profiles.storage.reads import Read


class BestRecommendations(Loader[int, int, tuple[RecommendationRow, ...]]):
    """What is recommended to each customer, the best first; the argument is how many at most."""

    def read(self, ids: Sequence[int], arguments: int) -> Read[int, tuple[RecommendationRow, ...]]:
        # To the end of the minute: where there is no pause, what was purchased a moment ago is recommended too.
        until = self.asking.moment.minute + MINUTE
        pause_days = self.asking.account.settings.recommendation_pause_days
        return best_recommendations(self.asking.viewer, ids, arguments, until, pause_days)

    def missing(self, id: int) -> tuple[RecommendationRow, ...]:
        return ()
