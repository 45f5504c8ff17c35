"""The panel of segments, and the list of all segments."""

from collections.abc import Awaitable
from operator import attrgetter
from typing import Annotated, Any

import strawberry

from profiles.listing import WHOLE_LIST, ListPage, name_place
from profiles.storage.pages import checked_first
from resolvers.about import About
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.segment import Segment, SegmentMembership

IncludePast = Annotated[
    bool, strawberry.argument(description="Also the segments that they were in and left, with `leftAt`.")
]


def panel(
    about: strawberry.Parent[About], info: Info, include_past: IncludePast = False
) -> Awaitable[list[SegmentMembership] | None]:
    memberships: Any = info.context.loaders.memberships.ask(about.customer_id, include_past)
    return memberships


def segments(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Segment] | None:
    loaders = info.context.loaders
    page = ListPage(search or None, checked_first(first), name_place(after))
    return Connection(
        load_page=lambda: loaders.segment_list.ask(WHOLE_LIST, page),
        load_count=lambda: loaders.segment_list_count.ask(WHOLE_LIST, page.search),
        node=attrgetter("row"),
    )
