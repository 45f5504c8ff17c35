"""Metrics, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.metrics import MetricsRow, metrics_of
from profiles.storage.reads import Read


class MetricsOf(Loader[int, None, MetricsRow]):
    """Each customer's sums."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, MetricsRow]:
        return metrics_of(self.asking.viewer, ids)

    def missing(self, id: int) -> MetricsRow:
        return MetricsRow(customer_id=id)
