"""Polls and who took part, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.listing import Listed, ListPage
from profiles.polls import (
    AnsweredPollRow,
    PollRow,
    latest_polls,
    poll_counts,
    poll_list,
    poll_list_count,
    polls_by_id,
)
from profiles.storage.pages import Page, PageOf
from profiles.storage.reads import Read


class LatestPolls(Loader[int, PageOf, Page[AnsweredPollRow]]):
    """The polls each customer answered, newest first, one page."""

    def read(self, ids: Sequence[int], arguments: PageOf) -> Read[int, Page[AnsweredPollRow]]:
        return latest_polls(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[AnsweredPollRow]:
        return Page.empty()


class PollCount(Loader[int, None, int]):
    """How many polls each customer answered."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, int]:
        return poll_counts(self.asking.viewer, ids)

    def missing(self, id: int) -> int:
        return 0


class PollById(Loader[int, None, PollRow | None]):
    """Single polls."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, PollRow | None]:
        return polls_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> PollRow | None:
        return None


class PollList(Loader[int, ListPage, Page[Listed[PollRow]]]):
    """All polls by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[PollRow]]]:
        return poll_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[PollRow]]:
        return Page.empty()


class PollListCount(Loader[int, str | None, int]):
    """How many polls there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return poll_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0
