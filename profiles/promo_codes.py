"""Promo codes: what was issued to a customer in a mailing or campaign, and when it was redeemed."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import SQLModel

from profiles.columns import choice, instant, key, reference, text
from profiles.customers import Customer
from profiles.kept_counts import counts_of
from profiles.records import record
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.pages import Page, PageOf, Position, paged
from profiles.storage.reads import Build, Read, newest, shaped, table
from profiles.viewer import Viewer


class PromoCodeOriginKind(StrEnum):
    """What issued the code."""

    MAILING = "MAILING"
    CAMPAIGN = "CAMPAIGN"


class PromoCode(SQLModel, table=True):
    """One code issued to one customer."""

    __tablename__ = "promo_codes"
    __table_args__ = (
        Index("ix_promo_codes_issued_at", "customer_id", "issued_at", "id"),
        Index("ix_promo_codes_origin", "origin_id", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    code: str = text()
    issued_at: datetime = instant()
    is_reissued: bool = False
    redeemed_at: datetime | None = instant(nullable=True)
    origin_kind: PromoCodeOriginKind | None = choice(PromoCodeOriginKind, nullable=True)
    origin_id: int | None = reference(nullable=True)


@record
class PromoCodeRow:
    """A code as it is read."""

    customer_id: int
    id: int
    code: str
    issued_at: datetime
    is_reissued: bool
    redeemed_at: datetime | None
    origin_kind: PromoCodeOriginKind | None
    origin_id: int | None

    @property
    def position(self) -> Position:
        """Where it stands in the list of codes."""
        return Position(self.issued_at, self.id)


COLUMNS = tuple(PromoCodeRow.__dataclass_fields__)


@shaped()
def _page(positioned: bool) -> Build:
    return lambda dialect: newest(
        dialect,
        table(PromoCode),
        order=("issued_at", "id"),
        columns=COLUMNS,
        customers=table(Customer),
        positioned=positioned,
    )


def latest_promo_codes(viewer: Viewer, customer_ids: Sequence[int], page: PageOf) -> Read[int, Page[PromoCodeRow]]:
    """Each customer's promo codes, newest first, one page."""
    return Read(
        _page(page.after is not None),
        page.parameters(customer_ids),
        lambda rows: paged(rows, PromoCodeRow, page.first, page.after is not None),
        BY_CUSTOMER,
    )


def promo_code_counts(viewer: Viewer, customer_ids: Sequence[int]) -> Read[int, int]:
    """How many codes were issued to each customer."""
    return Read(counts_of(PromoCode), {"ids": customer_ids}, dict, BY_CUSTOMER)
