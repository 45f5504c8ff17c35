"""Custom attributes, batched."""

from collections.abc import Mapping, Sequence

from loaders.base import Loader
from profiles.attributes import attributes_of
from profiles.storage.reads import Read


class CustomAttributes(Loader[int, None, Mapping[str, str]]):
    """Each customer's custom attributes, canonical text by key."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Mapping[str, str]]:
        return attributes_of(self.asking.viewer, ids)

    def missing(self, id: int) -> Mapping[str, str]:
        return {}
