"""Segments, as the schema shows them."""

from collections.abc import Awaitable
from datetime import datetime

import strawberry

from profiles.finding.reads import Selection, Within
from profiles.segments import MembershipRow, SegmentRow
from profiles.viewer import Scope
from resolvers.arguments import After, First
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import encode
from resolvers.types.customer_list import (
    CustomerConnection,
    SegmentMetrics,
    SortArgument,
    customer_list,
    read_sort,
    shape_sums,
)
from resolvers.types.node import Node

MEMBERS = Selection(Within.SEGMENT)


def _metrics(root: strawberry.Parent["Segment"], info: Info) -> Awaitable[SegmentMetrics | None]:
    return _summed(root.row.id, info)


async def _summed(segment_id: int, info: Info) -> SegmentMetrics:
    return shape_sums(await info.context.loaders.found_sums.ask(segment_id, MEMBERS), info.context.account)


def _customers(
    root: strawberry.Parent["Segment"],
    info: Info,
    sort: SortArgument = None,
    first: First = 20,
    after: After = None,
) -> CustomerConnection | None:
    return customer_list(info, MEMBERS, read_sort(sort, info.context.viewer), first, after, root.row.id)


@strawberry.type(description="A named group of customers.")
class Segment(Node):
    row: strawberry.Private[SegmentRow]
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


def shape_segment(row: SegmentRow) -> Segment:
    """A row as a node."""
    return Segment(id=strawberry.ID(encode("Segment", row.id)), row=row, name=row.name, description=row.description)


def shape_membership(row: MembershipRow) -> SegmentMembership:
    """A row as the schema shows it."""
    return SegmentMembership(segment=shape_segment(row.segment), entered_at=row.entered_at, left_at=row.left_at)
