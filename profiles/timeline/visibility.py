"""Which categories of events a viewer sees: an event shows no more than the panel of what it is about would."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from profiles.timeline.tables import EventCategory
from profiles.viewer import Scope, Viewer

if TYPE_CHECKING:
    from profiles.account import Account

# A category that is not named here needs no scope beside the one of the timeline itself.
NEEDS: Mapping[EventCategory, Scope] = {
    EventCategory.MAILING_MASS: Scope.MAILINGS_READ,
    EventCategory.MAILING_CAMPAIGN: Scope.MAILINGS_READ,
    EventCategory.EMAIL: Scope.MAILINGS_READ,
    EventCategory.RECEIPT: Scope.RECEIPTS_READ,
    EventCategory.ORDER: Scope.ORDERS_READ,
    EventCategory.BONUS_ACCRUED: Scope.LOYALTY_READ,
    EventCategory.POINTS_ACCRUED: Scope.LOYALTY_READ,
    EventCategory.TAG_ASSIGNED: Scope.TAGS_READ,
    EventCategory.LIFECYCLE: Scope.METRICS_READ,
    EventCategory.CONSENT: Scope.CONSENTS_READ,
    EventCategory.NOTE: Scope.NOTES_READ,
    EventCategory.SEGMENT: Scope.SEGMENTS_READ,
    EventCategory.PROFILE: Scope.PROFILE_READ,
}


def visible_categories(viewer: Viewer, account: "Account") -> frozenset[EventCategory]:
    """The categories that the account shows and the viewer may see; every read of events applies them in SQL."""
    settings = account.settings
    # Orders need both switches: their statuses, and their events.
    shows_orders = settings.orders_enabled and settings.order_events_enabled
    return _visible(viewer.scopes, shows_orders, settings.loyalty_enabled)


@lru_cache(maxsize=256)
def _visible(scopes: frozenset[str], shows_orders: bool, shows_loyalty: bool) -> frozenset[EventCategory]:
    off: set[EventCategory] = set()
    if not shows_orders:
        off.add(EventCategory.ORDER)
    if not shows_loyalty:
        off |= {EventCategory.BONUS_ACCRUED, EventCategory.POINTS_ACCRUED}
    return frozenset(
        category
        for category in EventCategory
        if (category not in NEEDS or NEEDS[category] in scopes) and category not in off
    )
