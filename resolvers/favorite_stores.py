"""The panel of favorite stores."""

from collections.abc import Awaitable

import strawberry

from profiles.purchases import PurchasedStoreRow
from profiles.storage.pages import checked_first
from resolvers.about import About
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.types.store import Store, named_store


@strawberry.type(description="A store at which the customer purchased.")
class FavoriteStore:
    favorite_store_id: strawberry.Private[int]
    receipt_count: int = strawberry.field(description="How many receipts the customer has there.")

    @strawberry.field(description="Which store.")
    async def store(self, info: Info) -> Store:
        return await named_store(info, self.favorite_store_id)


async def _shaped(loading: Awaitable[tuple[PurchasedStoreRow, ...]]) -> list[FavoriteStore]:
    return [FavoriteStore(favorite_store_id=row.store_id, receipt_count=row.receipt_count) for row in await loading]


def panel(about: strawberry.Parent[About], info: Info, first: First = 10) -> Awaitable[list[FavoriteStore] | None]:
    return _shaped(info.context.loaders.favorite_stores.ask(about.customer_id, checked_first(first)))
