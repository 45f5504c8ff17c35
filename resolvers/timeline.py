"""The panel of the timeline."""

from typing import Annotated

import strawberry

from profiles.timeline.reading import EventPage, every_event
from resolvers.about import About
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.timeline import TimelineConnection, TimelineFilter, event_filter

Filter = Annotated[TimelineFilter | None, strawberry.argument(description="Only these events.")]


def panel(
    about: strawberry.Parent[About], info: Info, filter: Filter = None, first: First = 20, after: After = None
) -> TimelineConnection | None:
    loaders = info.context.loaders
    page = page_arguments(first, after)
    asked = every_event(page) if filter is None else EventPage(event_filter(filter), page)
    return TimelineConnection(
        load_page=lambda: loaders.latest_events.ask(about.customer_id, asked),
        load_count=lambda: loaders.event_count.ask(about.customer_id, asked.wanted),
    )
