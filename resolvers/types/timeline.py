"""A page of a timeline, as the schema shows it, and which events a filter asks for."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import strawberry

from executor.promises import Later
from loaders.timeline import EventCount, LatestEvents
from profiles.narrowing import check_period
from profiles.timeline import EventCategory
from profiles.timeline.filtering import EventFilter
from profiles.timeline.reading import EventPage, TimelinePage
from resolvers.ids import number
from resolvers.rows import promised
from resolvers.types.connection import PageInfo, page_info
from resolvers.types.event import TimelineEvent
from resolvers.types.store import store_numbers


@strawberry.input(description="Which events; what is null does not filter, an empty list matches nothing.")
class TimelineFilter:
    categories: list[EventCategory] | None = strawberry.field(
        default=None, description="Of any of these categories; those that are hidden from the viewer stay hidden."
    )
    types: list[str] | None = strawberry.field(default=None, description="Of any of these types.")
    store_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="At any of these stores, sites or apps."
    )
    business_unit_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In any of these parts of the company."
    )
    from_: datetime | None = strawberry.field(name="from", default=None, description="Occurred then or later.")
    to: datetime | None = strawberry.field(
        default=None, description="Occurred before then. An instant before `from` is refused."
    )


@strawberry.type(description="An event of a page, with its cursor.")
class TimelineEdge:
    cursor: str = strawberry.field(description="Where this event stands: pass it as `after` to read on behind it.")
    node: TimelineEvent = strawberry.field(description="The event.")


@strawberry.type(
    description="One page of a timeline. `nodes`, `edges`, `pageInfo` and `liveCursor` share one read; `totalCount` is "
    "a read of its own; what is not asked for is not read."
)
class TimelineConnection:
    events: strawberry.Private[LatestEvents]
    count: strawberry.Private[EventCount]
    customer_id: strawberry.Private[int]
    asked: strawberry.Private[EventPage]

    @strawberry.field(description="The events of the page, each with its cursor.")
    @promised
    def edges(self) -> Awaitable[list[TimelineEdge]]:
        return Later(self._page(), _edges)

    @strawberry.field(description="The events of the page, newest first.")
    @promised
    def nodes(self) -> Awaitable[list[TimelineEvent]]:
        return Later(self._page(), _events)

    @strawberry.field(description="Where the page stands in the timeline.")
    @promised
    def page_info(self) -> Awaitable[PageInfo]:
        return Later(self._page(), lambda found: page_info(found.page))

    @strawberry.field(
        description="How many events the filter matches. It costs the same for any history; only those between `from` "
        "and `to` are counted one by one, and many of them take longer than a page."
    )
    @promised
    def total_count(self) -> Awaitable[int | None]:
        return self.count.ask(self.customer_id, self.asked.wanted)

    @strawberry.field(
        description="Pass it as `after` of the subscription `customerActivity` (with the same filter): it begins right "
        "behind what this page could see, so that no event is missed or seen twice."
    )
    @promised
    def live_cursor(self) -> Awaitable[str]:
        return Later(self._page(), lambda found: found.live_cursor)

    def _page(self) -> Awaitable[TimelinePage]:
        return self.events.ask(self.customer_id, self.asked)


def _events(found: TimelinePage) -> Any:
    return found.page.rows


def _edges(found: TimelinePage) -> list[TimelineEdge]:
    edge: Any = TimelineEdge
    return [edge(cursor=row.position.cursor(), node=row) for row in found.page.rows]


def event_filter(asked: TimelineFilter | None) -> EventFilter:
    """What a filter asks for. Raises BadRequest for an id of something else, or a time that ends before it begins."""
    if asked is None:
        return EventFilter()
    check_period(asked.from_, asked.to)
    units = asked.business_unit_ids
    return EventFilter(
        categories=None if asked.categories is None else tuple(asked.categories),
        types=None if asked.types is None else tuple(asked.types),
        store_ids=store_numbers(asked.store_ids, ("filter", "storeIds")),
        business_unit_ids=None
        if units is None
        else tuple(number(id, "BusinessUnit", ("filter", "businessUnitIds")) for id in units),
        since=asked.from_,
        until=asked.to,
    )
