"""Scores of customers: their life cycle with its changes and their RFM, as rows and events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from profiles.account import Account
from profiles.ids import new_id
from profiles.lifecycle import Lifecycle, Move, Terms, continued, lifecycle, story
from profiles.lifecycle.reading import CustomerLifecycle
from profiles.rfm import Boundaries
from profiles.rfm.reading import CustomerRfm, scored
from profiles.scoring.statements import Runs, Scored, moments
from profiles.storage.reads import DialectName
from profiles.timeline import EventCategory, TimelineEvent
from profiles.timeline.details import LifecycleStage

STAGE_CHANGED = "lifecycle_changed"
WORDS = {
    LifecycleStage.LEAD: "Has no purchase any more",
    LifecycleStage.NEW: "Became a customer",
    LifecycleStage.ACTIVE: "Became active",
    LifecycleStage.AT_RISK: "Became at risk",
    LifecycleStage.LAPSED: "Lapsed",
}


async def lives_of(
    run: Runs, dialect: DialectName, account: Account, terms: Terms, people: Sequence[Scored], now: datetime
) -> tuple[list[CustomerLifecycle], list[TimelineEvent]]:
    """The new rows of these customers, and an event for each change of stage since the last time.

    Who is scored for the first time is told the changes of their whole history. A customer who never purchased has no
    row.
    """
    strangers = [one.customer_id for one in people if one.known is None and one.purchases.count]
    histories = await _histories(run, dialect, account, strangers)
    rows, events = [], []
    for one in people:
        if one.known is not None:
            life, moves = continued(terms, one.known, one.purchases, now)
        elif one.customer_id in histories:
            life, moves = story(terms, histories[one.customer_id], now)
        elif one.purchases.count:
            # Sums without the purchases behind them tell no story.
            life, moves = lifecycle(terms, one.purchases, now), []
        else:
            continue
        rows.append(_row(one, life, moves, now))
        events += [_event(one.customer_id, move, now) for move in moves]
    return rows, events


def rfm_rows(account: Account, boundaries: Boundaries | None, people: Iterable[Scored]) -> list[CustomerRfm]:
    """The new rows of these customers; who never purchased has none."""
    found = ((one.customer_id, scored(account, boundaries, one.purchased)) for one in people)
    return [
        CustomerRfm(
            customer_id=id,
            segment=scores.segment,
            recency=scores.recency,
            frequency=scores.frequency,
            monetary=scores.monetary,
        )
        for id, scores in found
        if scores is not None
    ]


async def _histories(
    run: Runs, dialect: DialectName, account: Account, customer_ids: Sequence[int]
) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    if customer_ids:
        parameters = {"ids": list(customer_ids), "counting": list(account.counting_order_statuses)}
        for customer_id, moment in await run.execute(moments(dialect), parameters):
            found[customer_id].append(moment)
    return found


def _row(one: Scored, life: Lifecycle, moves: Sequence[Move], now: datetime) -> CustomerLifecycle:
    before = one.known.since if one.known is not None else None
    return CustomerLifecycle(
        customer_id=one.customer_id,
        stage=life.stage,
        stage_since=moves[-1].at if moves else before,
        last_purchase_at=one.purchases.last_at,
        at_risk_at=life.at_risk_at,
        lapsed_at=life.lapsed_at,
        probability_alive=life.probability_alive,
        expected_orders=life.expected_orders_next90_days,
        scored_at=now,
    )


def _event(customer_id: int, move: Move, now: datetime) -> TimelineEvent:
    details: dict[str, Any] = {"from": move.earlier.value, "to": move.later.value}
    return TimelineEvent(
        customer_id=customer_id,
        id=new_id(),
        activity_seq=0,
        category=EventCategory.LIFECYCLE,
        type=STAGE_CHANGED,
        name=WORDS[move.later],
        occurred_at=move.at,
        received_at=now,
        details=details,
    )
