"""Mailings, campaigns and who took part, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.listing import Listed, ListPage
from profiles.mailings import (
    CampaignRow,
    MailingRow,
    ParticipationRow,
    campaigns_by_id,
    latest_participations,
    mailing_list,
    mailing_list_count,
    mailings_by_id,
    participation_counts,
)
from profiles.storage.pages import Page, PageOf
from profiles.storage.reads import Read


class LatestMailings(Loader[int, PageOf, Page[ParticipationRow]]):
    """Each customer's newest mailings, one page."""

    def read(self, ids: Sequence[int], arguments: PageOf) -> Read[int, Page[ParticipationRow]]:
        return latest_participations(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[ParticipationRow]:
        return Page.empty()


class MailingCount(Loader[int, None, int]):
    """In how many mailings each customer took part."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, int]:
        return participation_counts(self.asking.viewer, ids)

    def missing(self, id: int) -> int:
        return 0


class MailingById(Loader[int, None, MailingRow | None]):
    """Single mailings."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, MailingRow | None]:
        return mailings_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> MailingRow | None:
        return None


class CampaignById(Loader[int, None, CampaignRow | None]):
    """Single campaigns."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, CampaignRow | None]:
        return campaigns_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> CampaignRow | None:
        return None


class MailingList(Loader[int, ListPage, Page[Listed[MailingRow]]]):
    """All mailings by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[MailingRow]]]:
        return mailing_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[MailingRow]]:
        return Page.empty()


class MailingListCount(Loader[int, str | None, int]):
    """How many mailings there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return mailing_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0
