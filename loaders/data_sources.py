"""Data sources, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.data_sources import DataSourceRow, every_source, sources_of
from profiles.storage.reads import Read


class SourcesOf(Loader[int, None, tuple[DataSourceRow, ...]]):
    """The systems that know each customer."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[DataSourceRow, ...]]:
        return sources_of(self.asking.viewer, ids)

    def missing(self, id: int) -> tuple[DataSourceRow, ...]:
        return ()


class EverySource(Loader[int, None, tuple[DataSourceRow, ...]]):
    """All data sources."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[DataSourceRow, ...]]:
        return every_source(self.asking.viewer)

    def missing(self, id: int) -> tuple[DataSourceRow, ...]:
        return ()
