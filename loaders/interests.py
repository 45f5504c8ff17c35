"""Interests, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.interests import Interest
from profiles.interests.reading import InterestsOf, interests_of
from profiles.storage.reads import Read


class StrongestInterests(Loader[int, InterestsOf, list[Interest]]):
    """Each customer's strongest interests."""

    def read(self, ids: Sequence[int], arguments: InterestsOf) -> Read[int, list[Interest]]:
        asking = self.asking
        return interests_of(asking.viewer, asking.account, asking.moment, ids, arguments)

    def missing(self, id: int) -> list[Interest]:
        return []
