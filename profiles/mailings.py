"""Mailings: what was sent to whom, in which campaign, and who was held back as control group."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, select
from sqlmodel import SQLModel

from profiles.columns import choice, instant, key, reference, text
from profiles.contacts import Channel
from profiles.customers import Customer
from profiles.kept_counts import counts_of
from profiles.listing import Listed, ListPage, NamedList
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER, BY_REFERENCE
from profiles.storage.pages import Page, PageOf, Position, paged
from profiles.storage.reads import Build, Read, among_ids, newest, shaped, table
from profiles.viewer import Viewer


class MailingKind(StrEnum):
    """A mass mailing stands alone; a campaign mailing belongs to a campaign."""

    MASS = "MASS"
    CAMPAIGN = "CAMPAIGN"


class Campaign(SQLModel, table=True):
    """A marketing campaign."""

    __tablename__ = "campaigns"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    url: str | None = text(nullable=True)
    starts_at: datetime | None = instant(nullable=True)
    ends_at: datetime | None = instant(nullable=True)


class Mailing(SQLModel, table=True):
    """One mailing, sent over one channel. `name_key` is `profiles.folding.stored_key` of the name: null where it is
    plain."""

    __tablename__ = "mailings"
    id: int = key()
    external_id: str = text(unique=True)
    name: str = text()
    name_key: str | None = text(nullable=True)
    channel: Channel = choice(Channel)
    kind: MailingKind = choice(MailingKind)
    campaign_id: int | None = reference(nullable=True, foreign_key="campaigns.id")
    url: str | None = text(nullable=True)


class MailingParticipation(SQLModel, table=True):
    """A customer took part in a mailing, as recipient or as control group."""

    __tablename__ = "mailing_participations"
    __table_args__ = (
        Index("ix_mailing_participations_at", "customer_id", "participated_at", "id"),
        Index("ix_mailing_participations_mailing", "mailing_id", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    mailing_id: int = reference(foreign_key="mailings.id")
    participated_at: datetime = instant()
    is_control_group: bool = False


@record
class MailingRow:
    """A mailing as it is read."""

    id: int
    name: str
    channel: Channel
    kind: MailingKind
    campaign_id: int | None
    url: str | None


@record
class CampaignRow:
    """A campaign as it is read."""

    id: int
    name: str
    url: str | None
    starts_at: datetime | None
    ends_at: datetime | None


@record
class ParticipationRow:
    """One customer's part in one mailing."""

    customer_id: int
    id: int
    mailing_id: int
    participated_at: datetime
    is_control_group: bool

    @property
    def position(self) -> Position:
        """Where it stands in the list of mailings."""
        return Position(self.participated_at, self.id)


MAILINGS = NamedList(Mailing, "name_key", tuple(MailingRow.__dataclass_fields__), MailingRow)
PARTICIPATION_COLUMNS = tuple(ParticipationRow.__dataclass_fields__)


@shaped()
def _page(positioned: bool) -> Build:
    return lambda dialect: newest(
        dialect,
        table(MailingParticipation),
        order=("participated_at", "id"),
        columns=PARTICIPATION_COLUMNS,
        customers=table(Customer),
        positioned=positioned,
    )


@shaped()
def _mailings() -> Build:
    mailing = table(Mailing)
    columns = [mailing.c[name] for name in MailingRow.__dataclass_fields__]
    return lambda dialect: select(*columns).where(among_ids(dialect, mailing.c.id))


@shaped()
def _campaigns() -> Build:
    campaign = table(Campaign)
    columns = [campaign.c[name] for name in CampaignRow.__dataclass_fields__]
    return lambda dialect: select(*columns).where(among_ids(dialect, campaign.c.id))


def latest_participations(
    viewer: Viewer, customer_ids: Sequence[int], page: PageOf
) -> Read[int, Page[ParticipationRow]]:
    """Each customer's mailings, newest first, one page."""
    return Read(
        _page(page.after is not None),
        page.parameters(customer_ids),
        lambda rows: paged(rows, ParticipationRow, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def participation_counts(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, int]:
    """In how many mailings each customer took part."""
    return Read(counts_of(MailingParticipation), {"ids": customer_ids}, dict, BY_CUSTOMER)


def mailings_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, MailingRow]:
    """Mailings by id."""
    return Read(_mailings(), {"ids": ids}, lambda rows: {row[0]: MailingRow(*row) for row in rows}, BY_REFERENCE)


def campaigns_by_id(viewer: Viewer, ids: Sequence[int]) -> Read[int, CampaignRow]:
    """Campaigns by id."""
    return Read(_campaigns(), {"ids": ids}, lambda rows: {row[0]: CampaignRow(*row) for row in rows}, BY_REFERENCE)


def mailing_list(viewer: Viewer, page: ListPage) -> Read[int, Page[Listed[MailingRow]]]:
    """All mailings by name, one page."""
    return MAILINGS.page(page)


def mailing_list_count(viewer: Viewer, search: str | None) -> Read[int, int]:
    """How many mailings there are (whose name contains `search`)."""
    return MAILINGS.count(search)
