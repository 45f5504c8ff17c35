"""Lists of customers, as the schema shows them: a page, the number, and what the selection adds up to."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import strawberry

from executor.promises import Later
from loaders.base import Key
from profiles.account import Account
from profiles.finding.parts import WHOLE_BASE
from profiles.finding.reads import Found, FoundPage, Selection
from profiles.finding.sorting import BEST_FIRST, CustomerSortField, Sort, SortDirection, place_of, sorting_of
from profiles.storage.pages import Page, checked_first
from profiles.summing import Sums
from profiles.viewer import Scope, Viewer
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.rows import promised
from resolvers.types.connection import PageInfo, page_info
from resolvers.types.enums import described
from resolvers.types.money import Money, shape_money

V = TypeVar("V")

described(
    CustomerSortField,
    "What a list of customers is sorted by; what is unknown comes last either way.",
    {
        "CREATED_AT": "When the profile was made.",
        "NAME": "First name and last name, case and accents ignored. Needs the scope `personal:read`.",
        "LAST_RECEIPT_AT": "When the last receipt was issued. Needs the scope `metrics:read`.",
        "RECEIPT_TOTAL": "Total of all receipts. Needs the scope `metrics:read`.",
        "RECEIPT_COUNT": "Number of receipts. Needs the scope `metrics:read`.",
        "ORDER_TOTAL": "Total of all orders. Needs the scope `metrics:read`.",
        "LAST_ACTIVITY_AT": "When they were last active. Needs the scope `metrics:read`.",
    },
)
described(SortDirection, "Which end comes first.", {"ASC": "The least first.", "DESC": "The greatest first."})


@strawberry.input(description="The order of a list of customers; ties go by id, in the same direction.")
class CustomerSort:
    field: CustomerSortField = strawberry.field(
        default=CustomerSortField.CREATED_AT, description="What the list is sorted by."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which end comes first.")


SortArgument = Annotated[
    CustomerSort | None, strawberry.argument(description="The order; null: the newest profile first.")
]


@strawberry.type(description="What a selection of customers adds up to. Amounts without an exchange rate are left out.")
class SegmentMetrics:
    customer_count: int = strawberry.field(description="Number of customers.")
    order_count: int = strawberry.field(description="Number of their orders.")
    receipt_count: int = strawberry.field(description="Number of their receipts.")
    revenue: Money = strawberry.field(
        description="Their purchases: receipts, and orders without a receipt, less the returned orders."
    )
    average_receipt: Money | None = strawberry.field(
        description="Total of all receipts over their number; null where there is none."
    )


def shape_sums(sums: Sums, account: Account) -> SegmentMetrics:
    """Sums as the schema shows them."""
    average = sums.average_receipt(account)
    return SegmentMetrics(
        customer_count=sums.customer_count,
        order_count=sums.order_count,
        receipt_count=sums.receipt_count,
        revenue=shape_money(sums.revenue(account)),
        average_receipt=shape_money(average) if average else None,
    )


@strawberry.type(description="A customer in a list, with the cursor of their place.")
class CustomerEdge:
    cursor: str = strawberry.field(description="Where they stand: pass it as `after` to read on behind it.")
    node: AboutCustomer = strawberry.field(description="The customer.")


def _aggregate(root: strawberry.Parent["CustomerConnection"], info: Info) -> Awaitable[SegmentMetrics | None]:
    return _shaped_sums(root.load_sums(), info)


async def _shaped_sums(loading: Awaitable[Sums], info: Info) -> SegmentMetrics:
    return shape_sums(await loading, info.context.account)


@strawberry.type(
    description="One page of a list of customers. `nodes`, `edges` and `pageInfo` share one read; `totalCount` and "
    "`aggregate` are a read of their own each; what is not asked for is not read."
)
class CustomerConnection:
    load_page: strawberry.Private[Callable[[], Awaitable[Page[Found]]]]
    load_count: strawberry.Private[Callable[[], Awaitable[int]]]
    load_sums: strawberry.Private[Callable[[], Awaitable[Sums]]]

    @strawberry.field(description="The customers of the page, each with a cursor.")
    @promised
    def edges(self) -> Awaitable[list[CustomerEdge]]:
        return Later(self.load_page(), _edges)

    @strawberry.field(description="The customers of the page.")
    @promised
    def nodes(self) -> Awaitable[list[AboutCustomer]]:
        return Later(self.load_page(), lambda page: [about(row.customer.id) for row in page.rows])

    @strawberry.field(description="Where the page stands in its list.")
    @promised
    def page_info(self) -> Awaitable[PageInfo]:
        return Later(self.load_page(), page_info)

    @strawberry.field(description="How many there are in the whole list; counted only when asked for.")
    @promised
    def total_count(self) -> Awaitable[int | None]:
        return self.load_count()

    aggregate: SegmentMetrics | None = guarded(
        _aggregate, needs=Scope.METRICS_READ, description="What the whole list adds up to; summed only when asked for."
    )


def read_sort(sort: CustomerSort | None, viewer: Viewer, is_searched: bool = False) -> Sort:
    """The order asked for; without one, a search has its best match first. Raises Forbidden."""
    if sort is None:
        return BEST_FIRST if is_searched else Sort()
    wanted = Sort(sort.field, sort.direction)
    viewer.require(sorting_of(wanted).needs, f"Sorting by {sort.field.value}", ("sort", "field"))
    return wanted


def customer_list(
    info: Info, selection: Selection, sort: Sort, first: int, after: str | None, group_id: int = WHOLE_BASE
) -> CustomerConnection:
    """A list of customers: of everybody, or of the group with that id. Raises LimitExceeded, BadCursor."""
    loaders = info.context.loaders

    def known(found: Page[Found]) -> Page[Found]:
        for row in found.rows:
            # The page has read who they are: their fields need no read of their own.
            customer: Any = row.customer
            loaders.customer_by_id.prime(Key(row.customer.id, None), customer)
        return found

    count, place = checked_first(first), place_of(after, sort)

    def read_page(wanted: Selection) -> Awaitable[Page[Found]]:
        return Later(loaders.found_customers.ask(group_id, FoundPage(wanted, sort, count, place)), known)

    def read_count(wanted: Selection) -> Awaitable[int]:
        return loaders.found_count.ask(group_id, wanted)

    def read_sums(wanted: Selection) -> Awaitable[Sums]:
        return loaders.found_sums.ask(group_id, wanted)

    search = selection.search
    if search is None or not search.may_be_mistaken or not info.context.viewer.may(Scope.PERSONAL_READ):
        return CustomerConnection(
            load_page=lambda: read_page(selection),
            load_count=lambda: read_count(selection),
            load_sums=lambda: read_sums(selection),
        )
    nearly = replace(selection, search=replace(search, nearly=True))

    async def settled(read: Callable[[Selection], Awaitable[V]]) -> V:
        # Page, number and sums all wait for the same answer, so they are about the same customers.
        return await read(nearly if await loaders.few_as_typed.ask(WHOLE_BASE, search) else selection)

    return CustomerConnection(
        load_page=lambda: settled(read_page),
        load_count=lambda: settled(read_count),
        load_sums=lambda: settled(read_sums),
    )


def _edges(page: Page[Found]) -> list[CustomerEdge]:
    return [CustomerEdge(cursor=row.position.cursor(), node=about(row.customer.id)) for row in page.rows]
