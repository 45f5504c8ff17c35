"""The tables of RFM, and how scores are read: from a customer's sums and the boundaries of the last recompute."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select, true
from sqlmodel import Field, SQLModel

from profiles.account import Account
from profiles.columns import document, instant, key, text
from profiles.metrics import CustomerMetrics
from profiles.records import record
from profiles.rfm.rules import Boundaries, Limits, Rfm, rfm
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.viewer import Viewer

THE_BOUNDARIES = 1
"""The id of the only row of `rfm_boundaries`."""


class RfmBoundaries(SQLModel, table=True):
    """The limits of the scores, as the last recompute found them: four whole numbers each (`profiles.rfm.rules`)."""

    __tablename__ = "rfm_boundaries"
    id: int = key()
    recency: list[int] = document()
    frequency: list[int] = document()
    monetary: list[int] = document()
    customer_count: int = Field(default=0)
    computed_at: datetime = instant()


class CustomerRfm(SQLModel, table=True):
    """A customer's scores as of the recompute or their last purchase, for filters. No row: never purchased, or never
    scored yet."""

    __tablename__ = "customer_rfm"
    __table_args__ = (Index("ix_customer_rfm_segment", "segment", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    segment: str = text()
    recency: int = Field()
    frequency: int = Field()
    monetary: int = Field()


@record
class Purchased:
    """What is scored: the number of purchases, the last one, and what they came to, without what was returned."""

    count: int
    last_at: datetime | None
    net_minor: int


BOUNDARY_COLUMNS = ("computed_at", "recency", "frequency", "monetary")


def boundaries_of(row: Sequence[Any]) -> Boundaries | None:
    """The boundaries that a row's columns are; None where they are null."""
    computed_at, *limits = row
    return None if computed_at is None else Boundaries(computed_at, *map(_limits, limits))


def _limits(stored: Sequence[int]) -> Limits:
    second, third, fourth, fifth = stored
    return second, third, fourth, fifth


def scored(account: Account, boundaries: Boundaries | None, purchased: Purchased) -> Rfm | None:
    """The scores; None for who never purchased, and before the first recompute."""
    if boundaries is None or not purchased.count or purchased.last_at is None:
        return None
    return rfm(boundaries, purchased.last_at, purchased.count, purchased.net_minor, account.zone)


def purchased_columns(metrics: Any) -> tuple[Any, ...]:
    """What `Purchased` is made of, in SQL."""
    # A returned order stays a purchase; its amount does not (ruling 18).
    net_minor = (metrics.purchase_total_minor - metrics.returns_total_minor).label("net_minor")
    return metrics.purchase_count, metrics.last_purchase_at, net_minor


@shaped()
def _sums() -> Build:
    metrics, limits = table(CustomerMetrics), table(RfmBoundaries)

    def build(dialect: DialectName) -> Any:
        return (
            select(
                metrics.c.customer_id,
                *purchased_columns(metrics.c),
                *(limits.c[name] for name in BOUNDARY_COLUMNS),
            )
            .select_from(metrics.outerjoin(limits, true()))
            .where(among_ids(dialect, metrics.c.customer_id))
        )

    return build


def rfm_of(viewer: Viewer, account: Account, customer_ids: Sequence[int]) -> Read[int, Rfm | None]:
    """Each customer's scores."""

    def collect(rows: list[Row]) -> Mapping[int, Rfm | None]:
        boundaries = boundaries_of(rows[0][4:]) if rows else None
        return {row[0]: scored(account, boundaries, Purchased(*row[1:4])) for row in rows}

    return Read(_sums(), {"ids": customer_ids}, collect, BY_CUSTOMER)
