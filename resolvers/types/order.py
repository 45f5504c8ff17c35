"""Orders and their lines, as the schema shows them."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles.account import AttributeEntity
from profiles.orders import OrderItemRow, OrderOrigin, OrderRow
from profiles.viewer import Scope
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import encode
from resolvers.types.amount import amount
from resolvers.types.attribute import AttributeValue, Block
from resolvers.types.enums import described
from resolvers.types.money import Money
from resolvers.types.node import Node
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
    row: strawberry.Private[OrderItemRow]
    product_external_id: str = strawberry.field(description="The product's identifier in the source system.")
    name: str = strawberry.field(description="The product's name as it was in the order.")
    quantity: Decimal = strawberry.field(description="Pieces, or a weight; without trailing zeros.")
    unit_price: Money = amount(lambda item: item.row.unit_price, Money, description="The standard price of one.")
    total: Money = amount(lambda item: item.row.total, Money, description="`unitPrice` times `quantity`.")

    @strawberry.field(description="The product as it is today; null where the line names no product.")
    async def product(self, info: Info) -> Product | None:
        return await load_product(info, self.row.product_id)

    @strawberry.field(
        description="The attributes that the account shows of a line (block `ORDER_ITEMS`), in its order."
    )
    async def attributes(self, info: Info) -> list[AttributeValue]:
        return await purchase_attributes(info, self.row, AttributeEntity.ORDER_ITEM, Block.ORDER_ITEMS)


async def receipt_of(self: "Order", info: Info) -> Receipt | None:
    return await load_receipt(info, self.row.customer_id, self.row.receipt_id)


@strawberry.type(description="A request to buy a product or a service, placed on the website or in the mobile app.")
class Order(Node):
    row: strawberry.Private[OrderRow]
    customer: AboutCustomer | None = strawberry.field(description="Who placed it.")
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
    product_cost: Money = amount(
        lambda order: order.row.product_cost, Money, description="`subtotal` minus `discount`."
    )
    subtotal: Money = amount(lambda order: order.row.subtotal, Money, description="The lines at standard prices.")
    discount: Money = amount(lambda order: order.row.discount, Money, description="What is taken off the subtotal.")
    tax: Money = amount(lambda order: order.row.tax, Money, description="Added to the product cost.")
    shipping: Money = amount(lambda order: order.row.shipping, Money, description="Added to the product cost.")
    total: Money = amount(lambda order: order.row.total, Money, description="`productCost` plus `tax` plus `shipping`.")
    source: str | None = strawberry.field(description="What brought the order; null where that is not known.")
    coupon_code: str | None = strawberry.field(description="The coupon that was used; null for none.")
    receipt: Receipt | None = guarded(
        receipt_of,
        needs=Scope.RECEIPTS_READ,
        description="The receipt that was issued for it; null while there is none.",
    )

    @strawberry.field(description="The store it was placed with; null where that is not known.")
    async def store(self, info: Info) -> Store | None:
        return await load_store(info, self.row.store_id)

    @strawberry.field(description="Its lines, in the order's own order.")
    async def items(self, info: Info) -> list[OrderItem]:
        rows = await info.context.loaders.items_of_order.ask((self.row.customer_id, self.row.id), None)
        return [shape_item(row) for row in rows]

    @strawberry.field(description="The attributes that the account shows in a block, in its order.")
    async def attributes(self, info: Info, block: BlockArgument = Block.ORDER_ATTRIBUTES) -> list[AttributeValue]:
        return await purchase_attributes(info, self.row, AttributeEntity.ORDER, block, self.row.store_id)


def shape_item(row: OrderItemRow) -> OrderItem:
    """A line as the schema shows it."""
    return OrderItem(row=row, product_external_id=row.product_external_id, name=row.name, quantity=row.quantity)


def shape_order(row: OrderRow) -> Order:
    """A row as a node."""
    return Order(
        id=strawberry.ID(encode("Order", row.customer_id, row.id)),
        row=row,
        customer=about(row.customer_id),
        external_id=row.external_id,
        number=row.number,
        placed_at=row.placed_at,
        origin=row.origin,
        status=row.status,
        delivery_status=row.delivery_status,
        payment_status=row.payment_status,
        is_returned=row.is_returned,
        is_attributed=row.is_attributed,
        product_count=row.product_count,
        source=row.source,
        coupon_code=row.coupon_code,
    )


async def load_order(info: Info, customer_id: int, id: int | None) -> Order | None:
    """The customer's order with that id; None for none, for gone, and where the account has orders switched off."""
    if "orders" in info.context.account.disabled_panels:
        info.context.disabled_panels.add("orders")
        return None
    row = None if id is None else await info.context.loaders.order_by_id.ask((customer_id, id), None)
    return None if row is None else shape_order(row)
