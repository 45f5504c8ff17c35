"""Consents, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.consents import ConsentState, consents_of
from profiles.storage.reads import Read


class Consents(Loader[int, None, tuple[ConsentState, ...]]):
    """Each customer's consents with their histories."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[ConsentState, ...]]:
        return consents_of(self.asking.viewer, ids)

    def missing(self, id: int) -> tuple[ConsentState, ...]:
        return ()
