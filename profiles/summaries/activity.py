"""Activity: the part of a customer's metrics that visits and events change, without a look at purchases."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, func, select, update

from profiles.metrics import CustomerMetrics
from profiles.storage.reads import DialectName, among_ids, among_texts, table
from profiles.summaries.metrics import ACTIVITY
from profiles.timeline import Session, TimelineEvent


async def recompute_activity(run: Any, dialect: DialectName, customer_ids: Sequence[int]) -> None:
    """Sets last activity and visits of these customers anew, as `recompute_summaries` does; they have metrics and are
    locked."""
    if customer_ids:
        activity = [category.value for category in ACTIVITY]
        await run.execute(_activity(dialect), {"ids": list(customer_ids), "activity": activity})


@lru_cache(maxsize=2)
def _activity(dialect: DialectName) -> Update:
    metrics: Any = table(CustomerMetrics)
    events, visits = table(TimelineEvent).c, table(Session).c

    def of_visits(value: Any) -> Any:
        return select(value).where(visits.customer_id == metrics.c.customer_id).correlate(metrics).scalar_subquery()

    last_activity_at = (
        select(events.occurred_at)
        .where(events.customer_id == metrics.c.customer_id, among_texts(dialect, events.category, "activity"))
        .order_by(events.occurred_at.desc(), events.id.desc())
        .limit(1)
        .correlate(metrics)
        .scalar_subquery()
    )
    return (
        update(metrics)
        .where(among_ids(dialect, metrics.c.customer_id))
        .values(
            last_activity_at=last_activity_at,
            visit_count=of_visits(func.count()),
            first_visit_at=of_visits(func.min(visits.started_at)),
            last_visit_at=of_visits(func.max(visits.started_at)),
        )
    )
