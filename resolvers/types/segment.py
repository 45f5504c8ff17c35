"""Segments, as the schema shows them."""

from collections.abc import Awaitable
from datetime import datetime

import strawberry

from profiles.finding.reads import Selection, Within
from profiles.segments import SegmentRow
from profiles.viewer import Scope
from resolvers.arguments import After, First
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import encode
from resolvers.rows import derived, values_are
from resolvers.types.customer_list import (
    CustomerConnection,
    SegmentMetrics,
    SortArgument,
    customer_list,
    read_sort,
    shape_sums,
)
from resolvers.types.node import OPAQUE, Node

MEMBERS = Selection(Within.SEGMENT)


def _metrics(root: strawberry.Parent[SegmentRow], info: Info) -> Awaitable[SegmentMetrics | None]:
    return _summed(root.id, info)


async def _summed(segment_id: int, info: Info) -> SegmentMetrics:
    return shape_sums(await info.context.loaders.found_sums.ask(segment_id, MEMBERS), info.context.account)


def _customers(
    root: strawberry.Parent[SegmentRow],
    info: Info,
    sort: SortArgument = None,
    first: First = 20,
    after: After = None,
) -> CustomerConnection | None:
    return customer_list(info, MEMBERS, read_sort(sort, info.context.viewer), first, after, root.id)


@strawberry.type(description="A named group of customers.")
class Segment(Node):
    is_type_of = values_are(SegmentRow)
    id: strawberry.ID = derived(lambda root: encode("Segment", root.id), strawberry.ID, description=OPAQUE)
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="Who belongs to it; null where nobody wrote it down.")
    metrics: SegmentMetrics | None = guarded(
        _metrics, needs=Scope.METRICS_READ, description="What the customers add up to who are in it now."
    )
    customers: CustomerConnection | None = guarded(
        _customers, needs=Scope.CUSTOMERS_LIST, description="The customers who are in it now."
    )


@strawberry.type(description="A customer's time in a segment.")
class SegmentMembership:
    segment: Segment = strawberry.field(description="The segment.")
    entered_at: datetime = strawberry.field(description="Since when.")
    left_at: datetime | None = strawberry.field(description="Until when; null means still.")
