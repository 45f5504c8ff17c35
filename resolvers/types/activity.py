"""A delivery of live activity, as the schema shows it."""

from typing import Any

import strawberry

from profiles.storage.pages import live_cursor
from profiles.timeline.reading import TimelineRow
from resolvers.about import AboutCustomer, about
from resolvers.types.event import TimelineEvent


@strawberry.type(description="An event, delivered live once, in the order in which events were received.")
class ActivityDelivery:
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this event.")
    event: TimelineEvent = strawberry.field(description="What happened.")
    customer: AboutCustomer = strawberry.field(description="Who did it, as they are now.")


def shape_delivery(row: TimelineRow) -> ActivityDelivery:
    """A row as a delivery; its cursor is its own number."""
    event: Any = row
    return ActivityDelivery(cursor=live_cursor(row.activity_seq), event=event, customer=about(row.customer_id))
