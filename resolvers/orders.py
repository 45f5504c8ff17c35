"""The panel of orders."""

from datetime import datetime
from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.narrowing import NarrowedPage, Narrowing, check_period, whole
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, of_customer
from resolvers.types.order import Order
from resolvers.types.store import store_numbers


@strawberry.input(description="Which orders; what is null does not narrow, an empty list matches nothing.")
class OrderFilter:
    external_id: str | None = strawberry.field(
        default=None, description="The external id begins with this, case and accents ignored."
    )
    status: list[str] | None = strawberry.field(default=None, description="The status is any of these.")
    store_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Placed with any of these stores."
    )
    from_: datetime | None = strawberry.field(name="from", default=None, description="Placed then or later.")
    to: datetime | None = strawberry.field(
        default=None, description="Placed before then. An instant before `from` is refused."
    )


Filter = Annotated[OrderFilter | None, strawberry.argument(description="Only these orders.")]


def panel(info: Info, filter: Filter = None, first: First = 10, after: After = None) -> Each[Connection[Order] | None]:
    loaders = info.context.loaders
    page = page_arguments(first, after)
    asked = whole(page) if filter is None else NarrowedPage(_narrowing(filter), page)
    return of_customer(loaders.latest_orders, asked, loaders.order_count, asked.narrowing)


def _narrowing(filter: OrderFilter) -> Narrowing:
    check_period(filter.from_, filter.to)
    return Narrowing(
        begins=filter.external_id,
        statuses=None if filter.status is None else tuple(filter.status),
        store_ids=store_numbers(filter.store_ids, ("filter", "storeIds")),
        since=filter.from_,
        until=filter.to,
    )
