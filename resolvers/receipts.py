"""The panel of receipts."""

from datetime import datetime
from typing import Annotated

import strawberry

from profiles.narrowing import NarrowedPage, Narrowing, whole
from resolvers.about import About
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.receipt import Receipt
from resolvers.types.store import store_numbers


@strawberry.input(description="Which receipts; what is null does not narrow, an empty list matches nothing.")
class ReceiptFilter:
    number: str | None = strawberry.field(
        default=None, description="The number begins with this, case and accents ignored."
    )
    store_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Issued at any of these stores.")
    from_: datetime | None = strawberry.field(name="from", default=None, description="Issued then or later.")
    to: datetime | None = strawberry.field(default=None, description="Issued before then.")


Filter = Annotated[ReceiptFilter | None, strawberry.argument(description="Only these receipts.")]


def panel(
    about: strawberry.Parent[About], info: Info, filter: Filter = None, first: First = 10, after: After = None
) -> Connection[Receipt] | None:
    loaders = info.context.loaders
    page = page_arguments(first, after)
    asked = whole(page) if filter is None else NarrowedPage(_narrowing(filter), page)
    return Connection(
        load_page=lambda: loaders.latest_receipts.ask(about.customer_id, asked),
        load_count=lambda: loaders.receipt_count.ask(about.customer_id, asked.narrowing),
    )


def _narrowing(filter: ReceiptFilter) -> Narrowing:
    return Narrowing(
        begins=filter.number,
        store_ids=store_numbers(filter.store_ids, ("filter", "storeIds")),
        since=filter.from_,
        until=filter.to,
    )
