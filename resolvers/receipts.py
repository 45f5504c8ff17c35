"""The panel of receipts."""

from datetime import datetime
from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.narrowing import NarrowedPage, Narrowing, check_period, whole
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, of_customer
from resolvers.types.receipt import Receipt
from resolvers.types.store import store_numbers


@strawberry.input(description="Which receipts; what is null does not narrow, an empty list matches nothing.")
class ReceiptFilter:
    number: str | None = strawberry.field(
        default=None, description="The number begins with this, case and accents ignored."
    )
    store_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Issued at any of these stores.")
    from_: datetime | None = strawberry.field(name="from", default=None, description="Issued then or later.")
    to: datetime | None = strawberry.field(
        default=None, description="Issued before then. An instant before `from` is refused."
    )


Filter = Annotated[ReceiptFilter | None, strawberry.argument(description="Only these receipts.")]


def panel(
    info: Info, filter: Filter = None, first: First = 10, after: After = None
) -> Each[Connection[Receipt] | None]:
    loaders = info.context.loaders
    page = page_arguments(first, after)
    asked = whole(page) if filter is None else NarrowedPage(_narrowing(filter), page)
    return of_customer(loaders.latest_receipts, asked, loaders.receipt_count, asked.narrowing)


def _narrowing(filter: ReceiptFilter) -> Narrowing:
    check_period(filter.from_, filter.to)
    return Narrowing(
        begins=filter.number,
        store_ids=store_numbers(filter.store_ids, ("filter", "storeIds")),
        since=filter.from_,
        until=filter.to,
    )
