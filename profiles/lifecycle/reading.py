"""The tables of life cycles, and how they are read: from purchases and the account's model, at the time of asking."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select, true
from sqlmodel import Field, SQLModel

from profiles.account import Account
from profiles.columns import choice, instant, key
from profiles.lifecycle.model import Model
from profiles.lifecycle.stages import Lifecycle, Purchases, Terms, lifecycle
from profiles.metrics import CustomerMetrics
from profiles.storage.keeping import BY_CUSTOMER
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.timeline.details import LifecycleStage
from profiles.viewer import Viewer

THE_MODEL = 1
"""The id of the only row of `lifecycle_models`."""


class LifecycleModel(SQLModel, table=True):
    """What the last recompute has fitted on all purchase histories; the four numbers are null where they told nothing,
    since nobody had purchased twice. `alpha` is in days."""

    __tablename__ = "lifecycle_models"
    id: int = key()
    r: float | None = Field(default=None)
    alpha: float | None = Field(default=None)
    a: float | None = Field(default=None)
    b: float | None = Field(default=None)
    log_likelihood: float | None = Field(default=None)
    customer_count: int = Field(default=0)
    computed_at: datetime = instant()


class CustomerLifecycle(SQLModel, table=True):
    """What was told of a customer the last time, at the recompute or their last purchase: for filters, and to know a
    change of stage when it comes. No row: never purchased, or never scored yet."""

    __tablename__ = "customer_lifecycles"
    __table_args__ = (
        Index("ix_customer_lifecycles_stage", "stage", "customer_id"),
        Index("ix_customer_lifecycles_at_risk_at", "at_risk_at", "customer_id"),
        Index("ix_customer_lifecycles_lapsed_at", "lapsed_at", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    stage: LifecycleStage = choice(LifecycleStage)
    stage_since: datetime | None = instant(nullable=True)
    last_purchase_at: datetime | None = instant(nullable=True)
    at_risk_at: datetime | None = instant(nullable=True)
    lapsed_at: datetime | None = instant(nullable=True)
    probability_alive: float | None = Field(default=None)
    expected_orders: float | None = Field(default=None)
    scored_at: datetime = instant()


MODEL_COLUMNS = ("r", "alpha", "a", "b")
PURCHASE_COLUMNS = ("purchase_count", "first_purchase_at", "last_purchase_at")


def model_of(numbers: Sequence[float | None]) -> Model | None:
    """The model that a row's four numbers are; None where they are null."""
    r, alpha, a, b = numbers
    return None if r is None or alpha is None or a is None or b is None else Model(r, alpha, a, b)


def terms_of(account: Account, model: Model | None) -> Terms:
    """The model under the account's limits."""
    settings = account.settings
    return Terms(model, settings.at_risk_below, settings.lapsed_below, account.zone)


@shaped()
def _lives() -> Build:
    metrics, models = table(CustomerMetrics), table(LifecycleModel)

    def build(dialect: DialectName) -> Any:
        return (
            select(
                metrics.c.customer_id,
                *(metrics.c[name] for name in PURCHASE_COLUMNS),
                *(models.c[name] for name in MODEL_COLUMNS),
            )
            .select_from(metrics.outerjoin(models, true()))
            .where(among_ids(dialect, metrics.c.customer_id))
        )

    return build


def lifecycles_of(viewer: Viewer, account: Account, now: datetime, customer_ids: Sequence[int]) -> Read[int, Lifecycle]:
    """Where each customer stands now. Rows may be kept for a while: what the day makes of them is not in them."""

    def collect(rows: list[Row]) -> Mapping[int, Lifecycle]:
        terms = terms_of(account, model_of(rows[0][4:])) if rows else None
        return {row[0]: lifecycle(terms, Purchases(*row[1:4]), now) for row in rows if terms is not None}

    return Read(_lives(), {"ids": customer_ids}, collect, BY_CUSTOMER)
