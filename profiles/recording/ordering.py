"""Orders as they are recorded: made by the first event that says what was ordered, changed by those that follow."""

from collections.abc import Mapping

from profiles.amounts import order_amounts, order_line_total, pieces
from profiles.folding import stored_key
from profiles.ids import new_id
from profiles.money import to_minor
from profiles.orders import Order, OrderItem, OrderOrigin
from profiles.recording.attribution import SAID
from profiles.recording.awaited import RECEIPT_KEY
from profiles.recording.inputs import with_own_attributes
from profiles.recording.placed import Placed
from profiles.recording.till import PAID, Till, conversion_of, drop_lines, order_name, product_of

PLACED = "order_placed"
RETURNED, CANCELLED = "order_returned", "order_cancelled"
STATUS_OF_TYPE: Mapping[str, str] = {RETURNED: "RETURNED", CANCELLED: "CANCELLED"}


async def keep_order(till: Till, placed: Placed) -> None:
    said, key = placed.said, (placed.customer_id, order_name(placed) or "")
    order = till.orders.get(key)
    if order is None:
        if not said.items:
            placed.is_order_placed = said.type == PLACED
            return  # nothing is known of it but this event
        placed.is_order_placed = said.type not in STATUS_OF_TYPE
        order = till.orders[key] = _new_order(till, placed, key[1])
        if (receipt_id := till.awaited.receipts.get(key)) is not None:
            order.receipt_id, order.payment_status = receipt_id, PAID
    placed.subject_id, placed.description = order.id, f"Order {order.number}"
    row_key = (order.customer_id, order.id)
    if said.occurred_at < till.latest.get(row_key, said.occurred_at):
        return
    till.latest[row_key] = said.occurred_at
    _set_order_state(till, placed, order)
    if said.items:
        await _set_order_lines(till, placed, order)
    if SAID in said.said:
        till.attribution.said[row_key] = said.is_said(SAID)
    # What won it before goes on counting; only its source can take it back.
    order.is_attributed = till.attribution.won(order) or (
        order.is_attributed and till.attribution.said.get(row_key) is not False
    )
    till.unit.session.add(order)


def _new_order(till: Till, placed: Placed, external_id: str) -> Order:
    said = placed.said
    return Order(
        customer_id=placed.customer_id,
        id=new_id(),
        external_id=external_id,
        external_id_key=stored_key(external_id),
        number=said.word("number") or external_id,
        placed_at=said.occurred_at,
        origin=OrderOrigin.WEB,
        # A system that says no more than that an order was placed means one that counts.
        status=till.account.counting_order_statuses[0] if till.account.counting_order_statuses else "NEW",
        delivery_status="WAITING",
        payment_status="UNPAID",
        currency=till.account.currency,
        product_cost_minor=0,
        subtotal_minor=0,
        discount_minor=0,
        tax_minor=0,
        shipping_minor=0,
        total_minor=0,
        store_id=said.store_id,
    )


def _set_order_state(till: Till, placed: Placed, order: Order) -> None:
    said = placed.said.said
    by_type = STATUS_OF_TYPE.get(placed.said.type)
    if "status" in said:
        order.status = said["status"]
    elif by_type in till.account.order_statuses:
        order.status = by_type or order.status
    if "isReturned" in said:
        order.is_returned = placed.said.is_said("isReturned")
    elif "status" in said or placed.said.type in STATUS_OF_TYPE:
        # What says nothing of it (a refund that was paid) leaves a return a return.
        order.is_returned = placed.said.type == RETURNED or order.status == STATUS_OF_TYPE[RETURNED]
    order.delivery_status = placed.said.word("deliveryStatus") or order.delivery_status
    order.source = placed.said.word("source") or order.source
    order.coupon_code = placed.said.word("couponCode") or order.coupon_code
    if "origin" in said:
        order.origin = OrderOrigin(said["origin"])
    if RECEIPT_KEY in said:
        named = (placed.customer_id, said[RECEIPT_KEY])
        if (receipt := till.receipts.get(named)) is not None:
            order.receipt_id, order.payment_status = receipt.id, PAID
        else:
            till.awaited.orders[named] = order
    order.payment_status = placed.said.word("paymentStatus") or order.payment_status
    order.attributes = with_own_attributes(order.attributes, placed.said, till.account)


async def _set_order_lines(till: Till, placed: Placed, order: Order) -> None:
    """What is given is converted and rounded; what it adds up to is added up again, so that ruling 19 holds in both."""
    said, items = placed.said, placed.said.items
    by = conversion_of(till, items, order.placed_at)
    prices = [to_minor(item.unit_price, by.source) for item in items]
    extras = [to_minor(said.amount(key), by.source) for key in ("discount", "tax", "shipping")]
    given = order_amounts(zip(prices, (item.quantity for item in items), strict=True), *extras)
    kept_prices = [by.kept(price) for price in prices]
    kept = order_amounts(
        zip(kept_prices, (item.quantity for item in items), strict=True), *(by.kept(extra) for extra in extras)
    )
    order.currency, order.product_count = by.currency, sum(pieces(item.quantity) for item in items)
    order.subtotal_minor, order.product_cost_minor = kept.subtotal_minor, kept.product_cost_minor
    order.discount_minor, order.tax_minor, order.shipping_minor = (
        kept.discount_minor,
        kept.tax_minor,
        kept.shipping_minor,
    )
    order.total_minor = kept.total_minor
    order.original = by.original(
        product_cost=given.product_cost_minor,
        subtotal=given.subtotal_minor,
        discount=given.discount_minor,
        tax=given.tax_minor,
        shipping=given.shipping_minor,
        total=given.total_minor,
    )
    await drop_lines(till, OrderItem, OrderItem.order_id, order)
    for line, (item, price, kept_price) in enumerate(zip(items, prices, kept_prices, strict=True), start=1):
        till.lines.append(
            OrderItem(
                customer_id=order.customer_id,
                order_id=order.id,
                line=line,
                currency=by.currency,
                unit_price_minor=kept_price,
                total_minor=order_line_total(kept_price, item.quantity),
                original=by.original(unit_price=price, total=order_line_total(price, item.quantity)),
                **product_of(till, item),
            )
        )
