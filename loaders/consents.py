"""Consents, batched."""

from collections.abc import Sequence
from typing import Any

from loaders.base import Loader
from profiles.consents import ConsentNow, ConsentState, consents_of, present_consents
from profiles.storage.reads import Read

Consent = ConsentState | ConsentNow


class Consents(Loader[int, None, tuple[Consent, ...]]):
    """Each customer's consents, with their histories where the operation shows one."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[Consent, ...]]:
        of_all: Any = present_consents if ConsentState in self.asking.brief else consents_of
        return of_all(self.asking.viewer, ids)  # type: ignore[no-any-return]

    def missing(self, id: int) -> tuple[Consent, ...]:
        return ()
