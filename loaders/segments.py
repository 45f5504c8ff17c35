"""Segments, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.listing import Listed, ListPage
from profiles.segments import (
    MembershipRow,
    SegmentRow,
    memberships,
    segment_list,
    segment_list_count,
    segments_by_id,
)
from profiles.storage.pages import Page
from profiles.storage.reads import Read


class Memberships(Loader[int, bool, tuple[MembershipRow, ...]]):
    """The segments each customer is in; the argument says whether those they were in, too."""

    def read(self, ids: Sequence[int], arguments: bool) -> Read[int, tuple[MembershipRow, ...]]:
        return memberships(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> tuple[MembershipRow, ...]:
        return ()


class SegmentById(Loader[int, None, SegmentRow | None]):
    """Single segments."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, SegmentRow | None]:
        return segments_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> SegmentRow | None:
        return None


class SegmentList(Loader[int, ListPage, Page[Listed[SegmentRow]]]):
    """All segments by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[SegmentRow]]]:
        return segment_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[SegmentRow]]:
        return Page.empty()


class SegmentListCount(Loader[int, str | None, int]):
    """How many segments there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return segment_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0
