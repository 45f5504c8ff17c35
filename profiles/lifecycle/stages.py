"""Stages: where a customer stands in the life cycle, and which changes of stage their purchases and silences make."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from profiles.calendar import days_between, local_day, start_of_day
from profiles.lifecycle.model import History, Model, expected_purchases, first_day_below, probability_alive
from profiles.records import record
from profiles.timeline.details import LifecycleStage

EXPECTED_DAYS = 90
ALIVE = (LifecycleStage.NEW, LifecycleStage.ACTIVE)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the account says: its model (None: none could be fitted), its limits of probability, and its time zone."""

    model: Model | None
    at_risk_below: float
    lapsed_below: float
    zone: ZoneInfo


@record
class Purchases:
    """How many purchases a customer made (ruling 17), the first and the last; the instants are None without any."""

    count: int
    first_at: datetime | None = None
    last_at: datetime | None = None


NO_PURCHASES = Purchases(0)


@record
class Lifecycle:
    """Where a customer stands on a day. A day begins at midnight in the account's zone, and so does each instant here.

    `at_risk_at` and `lapsed_at` may lie behind or ahead, and are None where they are more than a hundred years ahead;
    with the probability they are None without a purchase or without a model. What is expected is worked out on demand.
    """

    stage: LifecycleStage
    at_risk_at: datetime | None = None
    lapsed_at: datetime | None = None
    probability_alive: float | None = None
    model: Model | None = None
    history: History | None = None

    @property
    def expected_orders_next90_days(self) -> float | None:
        """How many purchases to expect in the next 90 days."""
        if self.model is None or self.history is None:
            return None
        return expected_purchases(self.model, self.history, EXPECTED_DAYS)


LEAD = Lifecycle(LifecycleStage.LEAD)


def lifecycle(terms: Terms, purchases: Purchases, now: datetime) -> Lifecycle:
    """Where a customer with these purchases stands now (ruling 13)."""
    first_at, last_at = purchases.first_at, purchases.last_at
    if not purchases.count:
        return LEAD
    alive = LifecycleStage.NEW if purchases.count == 1 else LifecycleStage.ACTIVE
    if terms.model is None or first_at is None or last_at is None:
        return Lifecycle(alive)
    first_day = local_day(first_at, terms.zone)
    recency_days = (local_day(last_at, terms.zone) - first_day).days
    # A purchase from a clock that runs ahead was made today.
    age_days = max(recency_days, days_between(first_at, now, terms.zone))
    history = History(purchases.count - 1, recency_days, age_days)
    probability = probability_alive(terms.model, history)

    def begins(threshold: float) -> datetime | None:
        assert terms.model is not None
        days = first_day_below(terms.model, history.repeats, recency_days, threshold)
        return None if days is None else _midnight(first_day, days, terms.zone)

    stage = alive
    if probability < terms.lapsed_below:
        stage = LifecycleStage.LAPSED
    elif probability < terms.at_risk_below:
        stage = LifecycleStage.AT_RISK
    return Lifecycle(stage, begins(terms.at_risk_below), begins(terms.lapsed_below), probability, terms.model, history)


def _midnight(first_day: date, days: int, zone: ZoneInfo) -> datetime | None:
    try:
        return start_of_day(first_day + timedelta(days=days), zone)
    except OverflowError:
        return None


@record
class Move:
    """A change of stage."""

    earlier: LifecycleStage
    later: LifecycleStage
    at: datetime


@record
class Known:
    """What was told of a customer the last time: the stage, since when, the last purchase that was counted, and from
    when they would be at risk or lapsed without another."""

    stage: LifecycleStage
    since: datetime | None
    last_purchase_at: datetime | None
    at_risk_at: datetime | None
    lapsed_at: datetime | None


def story(terms: Terms, moments: Iterable[datetime], now: datetime) -> tuple[Lifecycle, list[Move]]:
    """Where a customer stands who purchased at these moments, and every change of stage on the way there."""
    told, purchases, current = _Told(LifecycleStage.LEAD, None), NO_PURCHASES, LEAD
    for moment in sorted(moments):
        told.fade(current.at_risk_at, current.lapsed_at, moment)
        purchases = Purchases(purchases.count + 1, purchases.first_at or moment, moment)
        current = lifecycle(terms, purchases, moment)
        told.go(current.stage, moment)
    told.fade(current.at_risk_at, current.lapsed_at, now)
    current = lifecycle(terms, purchases, now)
    told.go(current.stage, now)
    return current, told.moves


def continued(terms: Terms, known: Known, purchases: Purchases, now: datetime) -> tuple[Lifecycle, list[Move]]:
    """Where a customer stands now, and the changes of stage since they were told of the last time. The same purchases
    on the same day make none."""
    told, current = _Told(known.stage, known.since), lifecycle(terms, purchases, now)
    last_at = purchases.last_at
    if last_at is not None and (known.last_purchase_at is None or last_at > known.last_purchase_at):
        told.fade(known.at_risk_at, known.lapsed_at, last_at)
        told.go(lifecycle(terms, purchases, last_at).stage, last_at)
    told.fade(current.at_risk_at, current.lapsed_at, now)
    # The rest is no matter of time: other numbers of the model, purchases that came late or do not count any more.
    told.go(current.stage, now)
    return current, told.moves


class _Told:
    """Changes of stage in the order in which they are told; none is before the one that precedes it."""

    def __init__(self, stage: LifecycleStage, since: datetime | None) -> None:
        self._stage, self._since = stage, since
        self.moves: list[Move] = []

    def go(self, stage: LifecycleStage, at: datetime) -> None:
        if stage is not self._stage:
            at = at if self._since is None else max(at, self._since)
            self.moves.append(Move(self._stage, stage, at))
            self._stage, self._since = stage, at

    def fade(self, at_risk_at: datetime | None, lapsed_at: datetime | None, until: datetime) -> None:
        """What a silence until then does to somebody who purchased before."""
        if self._stage in ALIVE and at_risk_at is not None and at_risk_at <= until:
            self.go(LifecycleStage.AT_RISK, at_risk_at)
        if self._stage is LifecycleStage.AT_RISK and lapsed_at is not None and lapsed_at <= until:
            self.go(LifecycleStage.LAPSED, lapsed_at)
