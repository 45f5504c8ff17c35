"""Life cycles, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.lifecycle import Lifecycle
from profiles.lifecycle.reading import lifecycles_of
from profiles.lifecycle.stages import LEAD
from profiles.storage.reads import Read


class LifecycleOf(Loader[int, None, Lifecycle]):
    """Where each customer stands."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Lifecycle]:
        asking = self.asking
        return lifecycles_of(asking.viewer, asking.account, asking.moment.minute, ids)

    def missing(self, id: int) -> Lifecycle:
        return LEAD
