"""RFM, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.rfm import Rfm
from profiles.rfm.reading import rfm_of
from profiles.storage.reads import Read


class RfmOf(Loader[int, None, Rfm | None]):
    """Each customer's scores."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Rfm | None]:
        return rfm_of(self.asking.viewer, self.asking.account, ids)

    def missing(self, id: int) -> Rfm | None:
        return None
