"""Affinities, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.affinities import Affinity
from profiles.affinities.reading import AffinitiesOf, affinities_of
from profiles.storage.reads import Read


class StrongestAffinities(Loader[int, AffinitiesOf, list[Affinity]]):
    """Each customer's strongest affinities."""

    def read(self, ids: Sequence[int], arguments: AffinitiesOf) -> Read[int, list[Affinity]]:
        asking = self.asking
        return affinities_of(asking.viewer, asking.account, asking.moment, ids, arguments)

    def missing(self, id: int) -> list[Affinity]:
        return []
