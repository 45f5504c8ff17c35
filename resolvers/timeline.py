"""The panel of the timeline."""

from typing import Annotated

import strawberry

from profiles.timeline.reading import EventPage
from resolvers.about import About
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.timeline import TimelineConnection, TimelineFilter, event_filter

Filter = Annotated[TimelineFilter | None, strawberry.argument(description="Only these events.")]


def panel(
    about: strawberry.Parent[About], info: Info, filter: Filter = None, first: First = 20, after: After = None
) -> TimelineConnection | None:
    loaders = info.context.loaders
    asked = EventPage(event_filter(filter), page_arguments(first, after))
    return TimelineConnection(
        load_page=lambda: loaders.latest_events.ask(about.customer_id, asked),
        load_count=lambda: loaders.event_count.ask(about.customer_id, asked.wanted),
        viewer=info.context.viewer,
    )
