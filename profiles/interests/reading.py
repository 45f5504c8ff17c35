"""How interests are read: the views of many customers, and when each last bought from the categories they looked at."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, type_coerce

from profiles.account import Account
from profiles.catalog import Category
from profiles.columns import Instant, seconds_in, to_seconds
from profiles.interests.rules import CategoryViews, Interest, interests, next_turn
from profiles.moment import Moment
from profiles.purchases import PurchasedProduct
from profiles.storage.keeping import Kept, Whose
from profiles.storage.reads import Build, DialectName, Read, Row, among_ids, shaped, table
from profiles.timeline import ViewedCategory
from profiles.timeline.viewed import MOST_VIEWS
from profiles.viewer import Viewer

WINDOWS_BACK = 2
"""How many windows back satisfied and expired interests are still shown."""

_KEPT = Kept(Whose.CUSTOMER, clock=("since",))


@dataclass(frozen=True, slots=True)
class InterestsOf:
    """Which interests: the strongest `first`; the satisfied and the expired ones too, where included."""

    first: int
    include_satisfied: bool


@shaped()
def _views() -> Build:
    def build(dialect: DialectName) -> Any:
        views, category, bought = table(ViewedCategory), table(Category), table(PurchasedProduct)
        last_purchase = (
            select(type_coerce(func.max(bought.c.last_purchased_at), Instant()))
            .where(bought.c.customer_id == views.c.customer_id, bought.c.category_id == views.c.category_id)
            .correlate(views)
            .scalar_subquery()
        )
        return (
            select(
                views.c.customer_id,
                category.c.id,
                category.c.name,
                views.c.viewed_at,
                last_purchase.label("last_purchase_at"),
            )
            .select_from(views.join(category, category.c.id == views.c.category_id))
            .where(
                among_ids(dialect, views.c.customer_id),
                views.c.last_viewed_at > bindparam("since", type_=Instant()),
            )
        )

    return build


def interests_of(
    viewer: Viewer, account: Account, moment: Moment, customer_ids: Sequence[int], asked: InterestsOf
) -> Read[int, list[Interest]]:
    """Each customer's interests, strongest first (ruling 8)."""
    window_days = account.settings.interest_window_days
    windows = WINDOWS_BACK if asked.include_satisfied else 1
    shown_for = timedelta(days=window_days * windows)
    since = moment.derive(lambda now: (now - shown_for, None))

    def derived(rows: list[Row], now: datetime) -> tuple[Mapping[int, list[Interest]], datetime | None]:
        views: dict[int, list[CategoryViews]] = {}
        purchases: dict[int, dict[int, datetime]] = {}
        begins = to_seconds(now - shown_for)
        for customer_id, category_id, name, packed, last_purchase_at in rows:
            own = views.setdefault(customer_id, [])
            viewed_at = seconds_in(packed)
            # What lies before the window, or has left it since the rows were read, leaves it here.
            seen = viewed_at[bisect_right(viewed_at, begins) :]
            if seen:
                own.append(CategoryViews(category_id, name, seen))
            if last_purchase_at is not None:
                purchases.setdefault(customer_id, {})[category_id] = last_purchase_at
        found = {
            id: interests(
                own, purchases.get(id, {}), now, window_days, asked.include_satisfied, asked.first, moment.minute
            )
            for id, own in views.items()
        }
        return found, next_turn([seen for own in views.values() for seen in own], now, window_days, windows)

    # What is kept of one span of days is no answer for another, which `since` alone would not say.
    span = {"span_days": window_days * windows}
    # So many categories at most were looked at.
    parameters = {"ids": customer_ids, "since": since, "limit": MOST_VIEWS, **span}
    return Read(_views(), parameters, lambda rows: moment.derive(lambda now: derived(rows, now)), _KEPT)
