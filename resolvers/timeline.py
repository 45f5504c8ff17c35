"""The panel of the timeline."""

from typing import Annotated, Any

import strawberry

from executor.promises import Each
from profiles.timeline.reading import EventPage, every_event
from resolvers.about import About
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.timeline import TimelineConnection, TimelineFilter, event_filter

Filter = Annotated[TimelineFilter | None, strawberry.argument(description="Only these events.")]


def panel(info: Info, filter: Filter = None, first: First = 20, after: After = None) -> Each[TimelineConnection | None]:
    loaders = info.context.loaders
    page = page_arguments(first, after)
    asked = every_event(page) if filter is None else EventPage(event_filter(filter), page)
    events, count = loaders.latest_events, loaders.event_count

    def timeline(about: About) -> Any:
        connection: Any = TimelineConnection
        return connection(events=events, count=count, customer_id=about.customer_id, asked=asked)

    return timeline
