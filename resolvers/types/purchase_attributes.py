"""The configured attributes of a receipt, an order or a line of one, as the schema shows them."""

from typing import Annotated

import strawberry

from profiles.account import AttributeEntity
from profiles.attributes import chosen
from profiles.purchase_attributes import PurchaseRow, names_store, purchase_value
from resolvers.context import Info
from resolvers.types.attribute import AttributeValue, Block, shape_attribute

BlockArgument = Annotated[
    Block, strawberry.argument(description="Whose configured attributes; a block of another thing is BAD_REQUEST.")
]


async def purchase_attributes(
    info: Info, row: PurchaseRow, entity: AttributeEntity, block: Block, store_id: int | None = None
) -> list[AttributeValue]:
    """The block's attributes in the account's order. The store is read only where its name is one of them."""
    context = info.context
    definitions = chosen(context.account, context.viewer, entity, block, None)
    store = None
    if store_id is not None and names_store(definitions):
        store = await context.loaders.store_by_id.ask(store_id, None)
    return [
        shape_attribute(definition, purchase_value(row, definition, store.name if store else None), context.viewer)
        for definition in definitions
    ]
