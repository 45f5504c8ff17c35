"""The panel of favorite stores."""

import strawberry

from executor.promises import Each, Later
from profiles.purchases import PurchasedStoreRow
from profiles.storage.pages import checked_first
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


def panel(info: Info, first: First = 10) -> Each[list[FavoriteStore] | None]:
    most, stores = checked_first(first), info.context.loaders.favorite_stores
    return lambda about: Later(stores.ask(about.customer_id, most), _shaped)


def _shaped(rows: tuple[PurchasedStoreRow, ...]) -> list[FavoriteStore]:
    return [FavoriteStore(favorite_store_id=row.store_id, receipt_count=row.receipt_count) for row in rows]
