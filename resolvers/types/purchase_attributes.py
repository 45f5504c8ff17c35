"""The configured attributes of a receipt, an order or a line of one, as the schema shows them."""

from typing import Annotated

import strawberry

from profiles.account import AttributeEntity
from profiles.attributes import check_block
from profiles.purchase_attributes import PurchaseRow, names_store, purchase_value
from resolvers.context import Info
from resolvers.types.attribute import AttributeValue, Block, shape_attribute
from resolvers.views import shown

BlockArgument = Annotated[
    Block, strawberry.argument(description="Whose configured attributes; a block of another thing is BAD_REQUEST.")
]


async def purchase_attributes(
    info: Info, row: PurchaseRow, entity: AttributeEntity, block: Block, store_id: int | None = None
) -> list[AttributeValue]:
    """The attributes of the block, in its order. The store is read only where its name is one of them."""
    context, stores = info.context, info.context.loaders.store_by_id
    check_block(entity, block)
    likely, certain = shown(context, block)
    if store_id is not None and names_store(likely):
        stores.ask(store_id, None)
    definitions = await certain
    store = await stores.ask(store_id, None) if store_id is not None and names_store(definitions) else None
    return [
        shape_attribute(definition, purchase_value(row, definition, store.name if store else None), context.viewer)
        for definition in definitions
    ]
