"""Target audiences, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.listing import Listed, ListPage
from profiles.storage.pages import Page
from profiles.storage.reads import Read
from profiles.target_audiences import (
    TargetAudienceRow,
    target_audience_list,
    target_audience_list_count,
    target_audiences_by_id,
    target_audiences_of,
)


class TargetAudiencesOf(Loader[int, None, tuple[TargetAudienceRow, ...]]):
    """The target audiences each customer belongs to."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[TargetAudienceRow, ...]]:
        return target_audiences_of(self.asking.viewer, ids)

    def missing(self, id: int) -> tuple[TargetAudienceRow, ...]:
        return ()


class TargetAudienceById(Loader[int, None, TargetAudienceRow | None]):
    """Single target audiences."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, TargetAudienceRow | None]:
        return target_audiences_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> TargetAudienceRow | None:
        return None


class TargetAudienceList(Loader[int, ListPage, Page[Listed[TargetAudienceRow]]]):
    """All target audiences by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[TargetAudienceRow]]]:
        return target_audience_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[TargetAudienceRow]]:
        return Page.empty()


class TargetAudienceListCount(Loader[int, str | None, int]):
    """How many target audiences there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return target_audience_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0
