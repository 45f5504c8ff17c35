"""Found customers, batched: of everybody (key `WHOLE_BASE`), of segments and of tags."""

from collections.abc import Sequence
from datetime import datetime

from loaders.base import Asking, Loader
from profiles.account import Account
from profiles.finding.reads import (
    Found,
    FoundPage,
    Selection,
    few_as_typed,
    found_count,
    found_customers,
    found_sums,
)
from profiles.finding.search import SearchTerms
from profiles.moment import MINUTE
from profiles.storage.pages import Page
from profiles.storage.reads import Read
from profiles.summing import NO_SUMS, Sums
from profiles.viewer import Viewer


class FoundCustomers(Loader[int, FoundPage, Page[Found]]):
    """A page of the customers wanted, in each group."""

    def read(self, ids: Sequence[int], arguments: FoundPage) -> Read[int, Page[Found]]:
        return found_customers(*_asked(self.asking), ids, arguments)

    def missing(self, id: int) -> Page[Found]:
        return Page.empty()


class FoundCount(Loader[int, Selection, int]):
    """How many customers are wanted, in each group."""

    def read(self, ids: Sequence[int], arguments: Selection) -> Read[int, int]:
        return found_count(*_asked(self.asking), ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class FoundSums(Loader[int, Selection, Sums]):
    """What the customers wanted add up to, in each group."""

    def read(self, ids: Sequence[int], arguments: Selection) -> Read[int, Sums]:
        return found_sums(*_asked(self.asking), ids, arguments)

    def missing(self, id: int) -> Sums:
        return NO_SUMS


class FewAsTyped(Loader[int, SearchTerms, bool]):
    """Whether a search finds so few as it was typed that it is to find nearly matching ones, too."""

    def read(self, ids: Sequence[int], arguments: SearchTerms) -> Read[int, bool]:
        return few_as_typed(self.asking.viewer, arguments)

    def missing(self, id: int) -> bool:
        return True


def _asked(asking: Asking) -> tuple[Viewer, Account, datetime]:
    moment = asking.moment
    # The edges of windows are those of this instant; a list that may be kept is so to the end of the minute at most.
    return asking.viewer, asking.account, moment.derive(lambda now: (now, moment.minute + MINUTE))
