"""Receipts as they are recorded: made by the event that says what was bought, and linked to the order they are for."""

from decimal import Decimal

from profiles.amounts import receipt_amounts, receipt_line_price
from profiles.folding import stored_key
from profiles.ids import new_id
from profiles.money import to_minor
from profiles.receipts import Receipt, ReceiptItem
from profiles.recording.inputs import with_own_attributes
from profiles.recording.placed import Placed
from profiles.recording.till import PAID, Till, conversion_of, drop_lines, product_of, receipt_name


async def keep_receipt(till: Till, placed: Placed) -> None:
    said, key = placed.said, (placed.customer_id, receipt_name(placed) or "")
    receipt = till.receipts.get(key)
    if receipt is None:
        if not said.items:
            return  # nothing is known of it but this event
        receipt = till.receipts[key] = _new_receipt(till, placed, key[1])
    placed.subject_id, placed.description = receipt.id, receipt.number
    named = (placed.customer_id, said.order_external_id or "")
    order = till.orders.get(named) or till.awaited.orders.get(key)
    if order is None:
        till.awaited.receipts[named] = receipt.id
    else:
        order.receipt_id, order.payment_status = receipt.id, PAID
        till.unit.session.add(order)
    row_key = (receipt.customer_id, receipt.id)
    if said.occurred_at < till.latest.get(row_key, said.occurred_at):
        return
    till.latest[row_key] = said.occurred_at
    receipt.status = said.word("status") or receipt.status
    receipt.payment_status = said.word("paymentStatus") or receipt.payment_status
    receipt.attributes = with_own_attributes(receipt.attributes, said, till.account)
    if said.items:
        await _set_receipt_lines(till, placed, receipt)
    till.unit.session.add(receipt)


def _new_receipt(till: Till, placed: Placed, external_id: str) -> Receipt:
    said = placed.said
    number = said.word("number") or external_id
    return Receipt(
        customer_id=placed.customer_id,
        id=new_id(),
        external_id=external_id,
        number=number,
        number_key=stored_key(number),
        issued_at=said.occurred_at,
        status="COMPLETED",
        payment_status=PAID,
        currency=till.account.currency,
        product_total_minor=0,
        discount_minor=0,
        total_minor=0,
        store_id=said.store_id,
    )


async def _set_receipt_lines(till: Till, placed: Placed, receipt: Receipt) -> None:
    said, items = placed.said, placed.said.items
    by = conversion_of(till, items, receipt.issued_at)
    totals = [to_minor(item.unit_price * (item.quantity or Decimal(1)), by.source) for item in items]
    delivery = to_minor(said.amount("deliveryCost"), by.source) if "deliveryCost" in said.said else None
    discount = to_minor(said.amount("discount"), by.source)
    given = receipt_amounts(totals, delivery, discount)
    kept_totals = [by.kept(total) for total in totals]
    kept = receipt_amounts(kept_totals, None if delivery is None else by.kept(delivery), by.kept(discount))
    receipt.currency, receipt.product_total_minor = by.currency, kept.product_total_minor
    receipt.delivery_cost_minor, receipt.discount_minor = kept.delivery_cost_minor, kept.discount_minor
    receipt.total_minor = kept.total_minor
    receipt.original = by.original(
        product_total=given.product_total_minor,
        delivery_cost=given.delivery_cost_minor,
        discount=given.discount_minor,
        total=given.total_minor,
    )
    await drop_lines(till, ReceiptItem, ReceiptItem.receipt_id, receipt)
    for line, (item, total, kept_total) in enumerate(zip(items, totals, kept_totals, strict=True), start=1):
        till.lines.append(
            ReceiptItem(
                customer_id=receipt.customer_id,
                receipt_id=receipt.id,
                line=line,
                currency=by.currency,
                price_minor=receipt_line_price(kept_total, item.quantity),
                total_minor=kept_total,
                original=by.original(price=receipt_line_price(total, item.quantity), total=total),
                **product_of(till, item),
            )
        )
