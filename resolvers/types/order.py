"""Orders and their lines, as the schema shows them."""

from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from executor.promises import placeless
from profiles.account import AttributeEntity
from profiles.orders import OrderItemRow, OrderOrigin, OrderRow
from profiles.viewer import Scope
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import owned
from resolvers.rows import derived, promised, values_are
from resolvers.types.amount import amount
from resolvers.types.attribute import AttributeValue, Block
from resolvers.types.enums import described
from resolvers.types.money import Money
from resolvers.types.node import OPAQUE, Node
from resolvers.types.product import Product, load_product
from resolvers.types.purchase_attributes import BlockArgument, purchase_attributes
from resolvers.types.receipt import Receipt, load_receipt
from resolvers.types.store import Store, load_store

described(
    OrderOrigin,
    "Where an order was placed.",
    {"WEB": "On the website.", "MOBILE_APP": "In the mobile app."},
)


@strawberry.type(description="One line of an order.")
class OrderItem:
    product_external_id: str = strawberry.field(description="The product's identifier in the source system.")
    name: str = strawberry.field(description="The product's name as it was in the order.")
    quantity: Decimal = strawberry.field(description="Pieces, or a weight; without trailing zeros.")
    unit_price: Money = amount(lambda item: item.unit_price, Money, description="The standard price of one.")
    total: Money = amount(lambda item: item.total, Money, description="`unitPrice` times `quantity`.")

    @strawberry.field(description="The product as it is today; null where the line names no product.")
    async def product(row: strawberry.Parent[OrderItemRow], info: Info) -> Product | None:
        return await load_product(info, row.product_id)

    @strawberry.field(
        description="The attributes that the account shows of a line (block `ORDER_ITEMS`), in its order."
    )
    async def attributes(row: strawberry.Parent[OrderItemRow], info: Info) -> list[AttributeValue]:
        return await purchase_attributes(info, row, AttributeEntity.ORDER_ITEM, Block.ORDER_ITEMS)


async def receipt_of(row: strawberry.Parent[OrderRow], info: Info) -> Receipt | None:
    return await load_receipt(info, row.customer_id, row.receipt_id)


@strawberry.type(description="A request to buy a product or a service, placed on the website or in the mobile app.")
class Order(Node):
    is_type_of = values_are(OrderRow)
    id: strawberry.ID = derived(owned("Order"), strawberry.ID, description=OPAQUE)
    customer: AboutCustomer | None = derived(
        lambda root: about(root.customer_id), AboutCustomer | None, description="Who placed it."
    )
    external_id: str = strawberry.field(description="Its identifier in the source system.")
    number: str = strawberry.field(description="Its number, as the customer knows it.")
    placed_at: datetime = strawberry.field(description="When it was placed.")
    origin: OrderOrigin = strawberry.field(description="Where it was placed.")
    status: str = strawberry.field(description="One of `Account.orderStatuses`.")
    delivery_status: str = strawberry.field(description="How far the delivery is, in the source system's words.")
    payment_status: str = strawberry.field(description="Whether it is paid, in the source system's words.")
    is_returned: bool = strawberry.field(description="Whether the whole order came back.")
    is_attributed: bool = strawberry.field(description="Whether marketing won it: it counts as an answer to a mailing.")
    product_count: int = strawberry.field(description="How many products it holds.")
    product_cost: Money = amount(lambda order: order.product_cost, Money, description="`subtotal` minus `discount`.")
    subtotal: Money = amount(lambda order: order.subtotal, Money, description="The lines at standard prices.")
    discount: Money = amount(lambda order: order.discount, Money, description="What is taken off the subtotal.")
    tax: Money = amount(lambda order: order.tax, Money, description="Added to the product cost.")
    shipping: Money = amount(lambda order: order.shipping, Money, description="Added to the product cost.")
    total: Money = amount(lambda order: order.total, Money, description="`productCost` plus `tax` plus `shipping`.")
    source: str | None = strawberry.field(description="What brought the order; null where that is not known.")
    coupon_code: str | None = strawberry.field(description="The coupon that was used; null for none.")
    receipt: Receipt | None = guarded(
        receipt_of,
        needs=Scope.RECEIPTS_READ,
        description="The receipt that was issued for it; null while there is none.",
    )

    @strawberry.field(description="The store it was placed with; null where that is not known.")
    async def store(row: strawberry.Parent[OrderRow], info: Info) -> Store | None:
        return await load_store(info, row.store_id)

    @strawberry.field(description="Its lines, in the order's own order.")
    @placeless
    @promised
    def items(row: strawberry.Parent[OrderRow], info: Info) -> Awaitable[list[OrderItem]]:
        rows: Any = info.context.loaders.items_of_order.ask((row.customer_id, row.id), None)
        return rows

    @strawberry.field(description="The attributes that the account shows in a block, in its order.")
    async def attributes(
        row: strawberry.Parent[OrderRow], info: Info, block: BlockArgument = Block.ORDER_ATTRIBUTES
    ) -> list[AttributeValue]:
        return await purchase_attributes(info, row, AttributeEntity.ORDER, block, row.store_id)


async def load_order(info: Info, customer_id: int, id: int | None) -> Any:
    """The customer's order with that id; None for none, for gone, and where the account has orders switched off."""
    if "orders" in info.context.account.disabled_panels:
        info.context.disabled_panels.add("orders")
        return None
    return None if id is None else await info.context.loaders.order_by_id.ask((customer_id, id), None)
