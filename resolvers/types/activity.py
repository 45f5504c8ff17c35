"""A delivery of live activity, as the schema shows it."""

import strawberry

from profiles.storage.pages import live_cursor
from profiles.timeline.reading import TimelineRow
from profiles.viewer import Viewer
from resolvers.about import AboutCustomer, about
from resolvers.types.event import TimelineEvent, shape_event


@strawberry.type(description="An event, delivered live once, in the order in which events were received.")
class ActivityDelivery:
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this event.")
    event: TimelineEvent = strawberry.field(description="What happened.")
    customer: AboutCustomer = strawberry.field(description="Who did it, as they are now.")


def shape_delivery(row: TimelineRow, viewer: Viewer) -> ActivityDelivery:
    """A row as a delivery; its cursor is its own number."""
    return ActivityDelivery(
        cursor=live_cursor(row.activity_seq), event=shape_event(row, viewer), customer=about(row.customer_id)
    )
