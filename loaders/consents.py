"""Consents, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.consents import ConsentState, Histories, consent_histories, consents_of
from profiles.storage.reads import Read


class Consents(Loader[int, None, tuple[ConsentState, ...]]):
    """Each customer's consents."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[ConsentState, ...]]:
        return consents_of(self.asking.viewer, ids)

    def missing(self, id: int) -> tuple[ConsentState, ...]:
        return ()


class ConsentHistories(Loader[int, int, Histories]):
    """The newest changes of each of a customer's consents; the argument is how many of each."""

    def read(self, ids: Sequence[int], arguments: int) -> Read[int, Histories]:
        return consent_histories(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Histories:
        return {}
