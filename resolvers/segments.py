"""The panel of segments, and the list of all segments."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from profiles.listing import WHOLE_LIST, Listed, ListPage, name_place
from profiles.segments import MembershipRow, SegmentRow
from profiles.storage.pages import checked_first
from resolvers.about import About
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.segment import Segment, SegmentMembership, shape_membership, shape_segment

IncludePast = Annotated[
    bool, strawberry.argument(description="Also the segments that they were in and left, with `leftAt`.")
]


def panel(
    about: strawberry.Parent[About], info: Info, include_past: IncludePast = False
) -> Awaitable[list[SegmentMembership] | None]:
    return _shaped(info.context.loaders.memberships.ask(about.customer_id, include_past))


async def _shaped(loading: Awaitable[tuple[MembershipRow, ...]]) -> list[SegmentMembership]:
    return [shape_membership(row) for row in await loading]


def segments(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Segment] | None:
    loaders = info.context.loaders
    page = ListPage(search or None, checked_first(first), name_place(after))

    def shape(listed: Listed[SegmentRow]) -> Segment:
        return shape_segment(listed.row)

    return Connection(
        load_page=lambda: loaders.segment_list.ask(WHOLE_LIST, page),
        load_count=lambda: loaders.segment_list_count.ask(WHOLE_LIST, page.search),
        shape=shape,
    )
