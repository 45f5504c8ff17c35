"""The rule of interests: which views count, how strong they make an interest, and what ends it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp2, fsum
from operator import attrgetter

from profiles.columns import from_seconds, to_seconds
from profiles.records import record

MOST_INTERESTS = 10


class InterestStatus(StrEnum):
    """What became of an interest."""

    OPEN = "OPEN"
    SATISFIED = "SATISFIED"
    EXPIRED = "EXPIRED"


@record
class CategoryViews:
    """When somebody looked at a category, or at products of it: once at least.

    The moments are `profiles.columns.to_seconds`: a customer may have looked a thousand times, and datetimes would take
    longer to make than everything else on the page.
    """

    category_id: int
    category_name: str
    viewed_at: Sequence[float]


@record
class Interest:
    """Score and count are of the views inside the window, so both are 0 when expired."""

    category_id: int
    category_name: str
    score: float
    view_count: int
    last_viewed_at: datetime
    expires_at: datetime
    status: InterestStatus


def interests(
    views: Iterable[CategoryViews],
    last_purchase_by_category: Mapping[int, datetime],
    now: datetime,
    window_days: int,
    include_satisfied: bool,
    first: int,
    weighed_at: datetime | None = None,
) -> list[Interest]:
    """The strongest interests, at most 10; ties by latest view, then category name.

    Views older than the window matter only for `include_satisfied`, which adds the satisfied and the expired.
    `weighed_at` is the instant at which the ages of views are taken, where that is another than `now`.
    """
    window = timedelta(days=window_days)
    views_by_category: dict[int, list[CategoryViews]] = defaultdict(list)
    for seen in views:
        views_by_category[seen.category_id].append(seen)
    begins, weighed = to_seconds(now - window), to_seconds(weighed_at or now)
    found = [
        _interest(category_views, last_purchase_by_category.get(category_id), begins, weighed, window)
        for category_id, category_views in views_by_category.items()
    ]
    shown = [interest for interest in found if include_satisfied or interest.status is InterestStatus.OPEN]
    # Sorting is stable, so the names still decide among equal scores with equal latest views.
    shown.sort(key=attrgetter("category_name", "category_id"))
    shown.sort(key=attrgetter("score", "last_viewed_at"), reverse=True)
    return shown[: max(0, min(first, MOST_INTERESTS))]


def next_turn(views: Sequence[CategoryViews], now: datetime, window_days: int, windows: int = 1) -> datetime | None:
    """When the first of these views stops counting, or with several windows being shown; None where none will.

    Until then the interests of the same views and purchases are the same but for the weight of the views.
    """
    ends = []
    for number in range(1, windows + 1):
        window = timedelta(days=window_days * number)
        begins = to_seconds(now - window)
        inside = (seconds for seen in views for seconds in seen.viewed_at if seconds > begins)
        oldest = min(inside, default=None)
        if oldest is not None:
            ends.append(from_seconds(oldest) + window)
    return min(ends, default=None)


def _interest(
    views: Sequence[CategoryViews], last_purchase: datetime | None, begins: float, weighed: float, window: timedelta
) -> Interest:
    latest = max(views, key=_latest) if len(views) > 1 else views[0]
    last_viewed_at = from_seconds(_latest(latest))
    half = window.total_seconds() / 2
    # A look from a clock that runs ahead weighs no more than one of this moment.
    weights = [
        exp2((viewed_at - weighed) / half) if viewed_at < weighed else 1.0
        for seen in views
        for viewed_at in seen.viewed_at
        if viewed_at > begins
    ]
    return Interest(
        category_id=latest.category_id,
        category_name=latest.category_name,
        # fsum, so that the order in which views arrive cannot part two equal scores.
        score=fsum(weights),
        view_count=len(weights),
        last_viewed_at=last_viewed_at,
        expires_at=last_viewed_at + window,
        status=_status(last_viewed_at, last_purchase, bool(weights)),
    )


def _latest(views: CategoryViews) -> float:
    return max(views.viewed_at)


def _status(latest_view: datetime, last_purchase: datetime | None, is_in_window: bool) -> InterestStatus:
    if last_purchase is not None and last_purchase >= latest_view:
        return InterestStatus.SATISFIED
    return InterestStatus.OPEN if is_in_window else InterestStatus.EXPIRED
