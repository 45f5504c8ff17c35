"""The rule of interests: which views count, how strong they make an interest, and what ends it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

MOST_INTERESTS = 10


class InterestStatus(StrEnum):
    """What became of an interest."""

    OPEN = "OPEN"
    SATISFIED = "SATISFIED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class CategoryView:
    """One look at a category, or at a product of it."""

    category_id: int
    category_name: str
    viewed_at: datetime


@dataclass(frozen=True, slots=True)
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
    views: Iterable[CategoryView],
    last_purchase_by_category: Mapping[int, datetime],
    now: datetime,
    window_days: int,
    include_satisfied: bool,
    first: int,
) -> list[Interest]:
    """The strongest interests, at most 10; ties by latest view, then category name.

    Views older than the window matter only for `include_satisfied`, which adds the satisfied and the expired.
    """
    window = timedelta(days=window_days)
    views_by_category: dict[int, list[CategoryView]] = defaultdict(list)
    for view in views:
        views_by_category[view.category_id].append(view)
    found = [
        _interest(category_views, last_purchase_by_category.get(category_id), now, window)
        for category_id, category_views in views_by_category.items()
    ]
    shown = [interest for interest in found if include_satisfied or interest.status is InterestStatus.OPEN]
    # Sorting is stable, so the names still decide among equal scores with equal latest views.
    shown.sort(key=attrgetter("category_name", "category_id"))
    shown.sort(key=attrgetter("score", "last_viewed_at"), reverse=True)
    return shown[: max(0, min(first, MOST_INTERESTS))]


def _interest(
    views: Sequence[CategoryView], last_purchase: datetime | None, now: datetime, window: timedelta
) -> Interest:
    latest = max(views, key=attrgetter("viewed_at"))
    counting = [view.viewed_at for view in views if view.viewed_at > now - window]
    return Interest(
        category_id=latest.category_id,
        category_name=latest.category_name,
        # fsum, so that the order in which views arrive cannot part two equal scores.
        score=math.fsum(_weight(viewed_at, now, window) for viewed_at in counting),
        view_count=len(counting),
        last_viewed_at=latest.viewed_at,
        expires_at=latest.viewed_at + window,
        status=_status(latest.viewed_at, last_purchase, bool(counting)),
    )


def _weight(viewed_at: datetime, now: datetime, window: timedelta) -> float:
    """Halved every half window; a view from a clock that runs ahead weighs no more than one of this moment."""
    age = max(now - viewed_at, timedelta(0))
    return float(0.5 ** (age / (window / 2)))


def _status(latest_view: datetime, last_purchase: datetime | None, is_in_window: bool) -> InterestStatus:
    if last_purchase is not None and last_purchase >= latest_view:
        return InterestStatus.SATISFIED
    return InterestStatus.OPEN if is_in_window else InterestStatus.EXPIRED
