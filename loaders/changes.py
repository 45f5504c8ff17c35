"""Changes, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.changes import ChangeRow, change_counts, changes_by_id, latest_changes
from profiles.storage.pages import Page, PageOf
from profiles.storage.pairs import Pair
from profiles.storage.reads import Read


class LatestChanges(Loader[int, PageOf, Page[ChangeRow]]):
    """Each customer's newest changes, one page."""

    def read(self, ids: Sequence[int], arguments: PageOf) -> Read[int, Page[ChangeRow]]:
        return latest_changes(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[ChangeRow]:
        return Page.empty()


class ChangeCount(Loader[int, None, int]):
    """How many changes each customer has."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, int]:
        return change_counts(self.asking.viewer, ids)

    def missing(self, id: int) -> int:
        return 0


class ChangeById(Loader[Pair, None, ChangeRow | None]):
    """Single changes."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, ChangeRow | None]:
        return changes_by_id(self.asking.viewer, ids)

    def missing(self, id: Pair) -> ChangeRow | None:
        return None
