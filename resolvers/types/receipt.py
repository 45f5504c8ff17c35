"""Receipts and their lines, as the schema shows them."""

from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from executor.promises import placeless
from profiles.account import AttributeEntity
from profiles.receipts import ReceiptItemRow, ReceiptRow
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.ids import encode, owned
from resolvers.rows import derived, promised, values_are
from resolvers.types.amount import amount
from resolvers.types.attribute import AttributeValue, Block
from resolvers.types.money import Money
from resolvers.types.node import OPAQUE, Node
from resolvers.types.product import Product, load_product
from resolvers.types.purchase_attributes import BlockArgument, purchase_attributes
from resolvers.types.store import Store, load_store


@strawberry.type(description="One line of a receipt.")
class ReceiptItem:
    product_external_id: str = strawberry.field(description="The product's identifier in the source system.")
    product_id: strawberry.ID | None = derived(
        lambda root: None if root.product_id is None else encode("Product", root.product_id),
        strawberry.ID | None,
        description="The product's id here (what `product { id }` is); null where the line names no product.",
    )
    name: str = strawberry.field(description="The product's name as it was on the receipt.")
    quantity: Decimal = strawberry.field(description="Pieces, or a weight; without trailing zeros.")
    price: Money = amount(
        lambda item: item.price,
        Money,
        description="The price of one: total divided by quantity; the total itself where the quantity is 0.",
    )
    total: Money = amount(lambda item: item.total, Money, description="What the line cost.")

    @strawberry.field(description="The product as it is today; null where the line names no product.")
    async def product(row: strawberry.Parent[ReceiptItemRow], info: Info) -> Product | None:
        return await load_product(info, row.product_id)

    @strawberry.field(
        description="The attributes that the account shows of a line (block `RECEIPT_ITEMS`), in its order."
    )
    async def attributes(row: strawberry.Parent[ReceiptItemRow], info: Info) -> list[AttributeValue]:
        return await purchase_attributes(info, row, AttributeEntity.RECEIPT_ITEM, Block.RECEIPT_ITEMS)


@strawberry.type(description="A completed purchase.")
class Receipt(Node):
    is_type_of = values_are(ReceiptRow)
    id: strawberry.ID = derived(owned("Receipt"), strawberry.ID, description=OPAQUE)
    customer: AboutCustomer | None = derived(
        lambda root: about(root.customer_id), AboutCustomer | None, description="To whom it was issued."
    )
    external_id: str = strawberry.field(description="Its identifier in the source system.")
    number: str = strawberry.field(description="Its number, as printed.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    status: str = strawberry.field(description="Its status in the source system.")
    payment_status: str = strawberry.field(description="Whether it is paid, in the source system's words.")
    product_total: Money = amount(
        lambda receipt: receipt.product_total, Money, description="The sum of the lines' totals."
    )
    delivery_cost: Money | None = amount(
        lambda receipt: receipt.delivery_cost, Money | None, description="Null where the source did not say."
    )
    discount: Money = amount(
        lambda receipt: receipt.discount,
        Money,
        description="What had been taken off before; information only, the totals are without it.",
    )
    total: Money = amount(lambda receipt: receipt.total, Money, description="`productTotal` plus `deliveryCost`.")

    @strawberry.field(description="Where it was issued; null where that is not known.")
    async def store(row: strawberry.Parent[ReceiptRow], info: Info) -> Store | None:
        return await load_store(info, row.store_id)

    @strawberry.field(description="Its lines, in the receipt's order.")
    @placeless
    @promised
    def items(row: strawberry.Parent[ReceiptRow], info: Info) -> Awaitable[list[ReceiptItem]]:
        rows: Any = info.context.loaders.items_of_receipt.ask((row.customer_id, row.id), None)
        return rows

    @strawberry.field(description="The attributes that the account shows in a block, in its order.")
    async def attributes(
        row: strawberry.Parent[ReceiptRow], info: Info, block: BlockArgument = Block.RECEIPT_ATTRIBUTES
    ) -> list[AttributeValue]:
        return await purchase_attributes(info, row, AttributeEntity.RECEIPT, block, row.store_id)


async def load_receipt(info: Info, customer_id: int, id: int | None) -> Any:
    """The customer's receipt with that id; None for none and for gone."""
    return None if id is None else await info.context.loaders.receipt_by_id.ask((customer_id, id), None)
