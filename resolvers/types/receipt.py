"""Receipts and their lines, as the schema shows them."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles.account import AttributeEntity
from profiles.receipts import ReceiptItemRow, ReceiptRow
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.types.amount import amount
from resolvers.types.attribute import AttributeValue, Block
from resolvers.types.money import Money
from resolvers.types.node import Node
from resolvers.types.product import Product, load_product
from resolvers.types.purchase_attributes import BlockArgument, purchase_attributes
from resolvers.types.store import Store, load_store


@strawberry.type(description="One line of a receipt.")
class ReceiptItem:
    row: strawberry.Private[ReceiptItemRow]
    product_external_id: str = strawberry.field(description="The product's identifier in the source system.")
    product_id: strawberry.ID | None = strawberry.field(
        description="The product's id here (what `product { id }` is); null where the line names no product."
    )
    name: str = strawberry.field(description="The product's name as it was on the receipt.")
    quantity: Decimal = strawberry.field(description="Pieces, or a weight; without trailing zeros.")
    price: Money = amount(
        lambda item: item.row.price,
        Money,
        description="The price of one: total divided by quantity; the total itself where the quantity is 0.",
    )
    total: Money = amount(lambda item: item.row.total, Money, description="What the line cost.")

    @strawberry.field(description="The product as it is today; null where the line names no product.")
    async def product(self, info: Info) -> Product | None:
        return await load_product(info, self.row.product_id)

    @strawberry.field(
        description="The attributes that the account shows of a line (block `RECEIPT_ITEMS`), in its order."
    )
    async def attributes(self, info: Info) -> list[AttributeValue]:
        return await purchase_attributes(info, self.row, AttributeEntity.RECEIPT_ITEM, Block.RECEIPT_ITEMS)


@strawberry.type(description="A completed purchase.")
class Receipt(Node):
    row: strawberry.Private[ReceiptRow]
    customer: AboutCustomer | None = strawberry.field(description="To whom it was issued.")
    external_id: str = strawberry.field(description="Its identifier in the source system.")
    number: str = strawberry.field(description="Its number, as printed.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    status: str = strawberry.field(description="Its status in the source system.")
    payment_status: str = strawberry.field(description="Whether it is paid, in the source system's words.")
    product_total: Money = amount(
        lambda receipt: receipt.row.product_total, Money, description="The sum of the lines' totals."
    )
    delivery_cost: Money | None = amount(
        lambda receipt: receipt.row.delivery_cost, Money | None, description="Null where the source did not say."
    )
    discount: Money = amount(
        lambda receipt: receipt.row.discount,
        Money,
        description="What had been taken off before; information only, the totals are without it.",
    )
    total: Money = amount(lambda receipt: receipt.row.total, Money, description="`productTotal` plus `deliveryCost`.")

    @strawberry.field(description="Where it was issued; null where that is not known.")
    async def store(self, info: Info) -> Store | None:
        return await load_store(info, self.row.store_id)

    @strawberry.field(description="Its lines, in the receipt's order.")
    async def items(self, info: Info) -> list[ReceiptItem]:
        rows = await info.context.loaders.items_of_receipt.ask((self.row.customer_id, self.row.id), None)
        return [shape_item(row) for row in rows]

    @strawberry.field(description="The attributes that the account shows in a block, in its order.")
    async def attributes(self, info: Info, block: BlockArgument = Block.RECEIPT_ATTRIBUTES) -> list[AttributeValue]:
        return await purchase_attributes(info, self.row, AttributeEntity.RECEIPT, block, self.row.store_id)


def shape_item(row: ReceiptItemRow) -> ReceiptItem:
    """A line as the schema shows it."""
    return ReceiptItem(
        row=row,
        product_external_id=row.product_external_id,
        product_id=None if row.product_id is None else strawberry.ID(encode("Product", row.product_id)),
        name=row.name,
        quantity=row.quantity,
    )


def shape_receipt(row: ReceiptRow) -> Receipt:
    """A row as a node."""
    return Receipt(
        id=strawberry.ID(encode("Receipt", row.customer_id, row.id)),
        row=row,
        customer=about(row.customer_id),
        external_id=row.external_id,
        number=row.number,
        issued_at=row.issued_at,
        status=row.status,
        payment_status=row.payment_status,
    )


async def load_receipt(info: Info, customer_id: int, id: int | None) -> Receipt | None:
    """The customer's receipt with that id; None for none and for gone."""
    row = None if id is None else await info.context.loaders.receipt_by_id.ask((customer_id, id), None)
    return None if row is None else shape_receipt(row)
