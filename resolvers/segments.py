"""The panel of segments, and the list of all segments."""

from typing import Annotated

import strawberry

from executor.promises import Each
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection, named_list
from resolvers.types.segment import Segment, SegmentMembership

IncludePast = Annotated[
    bool,
    strawberry.argument(
        description="Also the segments that they were in and left, with `leftAt`: the hundred times that ended last."
    ),
]


def panel(info: Info, include_past: IncludePast = False) -> Each[list[SegmentMembership] | None]:
    memberships = info.context.loaders.memberships
    return lambda about: memberships.ask(about.customer_id, include_past)


def segments(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Segment] | None:
    loaders = info.context.loaders
    return named_list(loaders.segment_list, loaders.segment_list_count, search, first, after)
