"""What can be followed live."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from profiles.live import feed
from profiles.storage.pages import live_position
from profiles.timeline.filtering import EventFilter
from profiles.viewer import Scope
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import number
from resolvers.types.activity import ActivityDelivery, shape_delivery
from resolvers.types.timeline import TimelineFilter, event_filter

CustomerId = Annotated[strawberry.ID, strawberry.argument(description="Whose activity.")]
Filter = Annotated[TimelineFilter | None, strawberry.argument(description="Only these events.")]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Go on behind this cursor: a delivery's, or a timeline's `liveCursor`; null begins with what "
        "happens from now on."
    ),
]


async def customer_activity(
    info: Info, customer_id: CustomerId, filter: Filter = None, after: After = None
) -> AsyncGenerator[ActivityDelivery]:
    context = info.context
    id = number(customer_id, "Customer", ("customerId",))
    wanted = event_filter(filter)
    last = None if after is None else live_position(after)
    # Awaited here and not in the generator: what is refused is refused before anything is delivered.
    start = await feed.begin(context.store, context.viewer, context.account, id, last)
    return _deliveries(info, id, wanted, start)


async def _deliveries(
    info: Info, customer_id: int, wanted: EventFilter, start: int
) -> AsyncGenerator[ActivityDelivery]:
    context = info.context
    rows = feed.follow(context.store, context.viewer, context.account, customer_id, wanted, start)
    async with aclosing(rows):
        async for row in rows:
            # What an earlier delivery read may have changed.
            context.begin_delivery()
            yield shape_delivery(row)


@strawberry.type(description="What can be followed live, over WebSocket (graphql-transport-ws) or server-sent events.")
class Subscription:
    customer_activity: AsyncGenerator[ActivityDelivery] = guarded(
        customer_activity,
        needs=Scope.ACTIVITY_SUBSCRIBE,
        is_subscription=True,
        description="Each event of a customer as it is recorded, late ones too, once and in the order received. What "
        "the viewer does not see in the timeline is not delivered. A page's cursor, and one that this customer has not "
        "reached, is BAD_CURSOR.",
    )
