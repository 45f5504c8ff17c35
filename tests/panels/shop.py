"""A small shop for the tests of purchases: its catalog, its customers, and rows of what they bought."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import SQLModel

from profiles.catalog import BusinessUnit, Category, Product, Store
from profiles.customers import Customer, SubscriptionStatus
from profiles.folding import stored_key
from profiles.orders import Order, OrderItem, OrderOrigin
from profiles.purchases import PurchasedProduct, PurchasedStore
from profiles.receipts import Receipt, ReceiptItem
from resolvers.ids import encode
from tests.gateway_client import Answer, Gateway

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MAIN_STREET, ONLINE = 1, 2
MILK, BREAD, DESSERT, UNPRICED = 11, 12, 13, 14
PRODUCT_NAMES = {MILK: "Whole milk", BREAD: "Rye bread", DESSERT: "Crème Brûlée", UNPRICED: "40011"}


async def arrange(gateway: Gateway, rows: Iterable[SQLModel]) -> None:
    """Writes the rows, one table after another in the given order: what a row refers to comes before it."""
    async with gateway.store.write() as unit:
        for _, group in groupby(rows, key=type):
            unit.session.add_all(list(group))
            await unit.session.flush()


async def open_shop(gateway: Gateway, customer_ids: Sequence[int] = (1,)) -> None:
    """The catalog, and these customers."""
    await arrange(
        gateway,
        [
            BusinessUnit(id=5, number=20, name="North"),
            Store(id=MAIN_STREET, external_id="s-1", name="Main Street", business_unit_id=5),
            Store(id=ONLINE, external_id="s-2", name="Online"),
            Category(id=7, name="Dairy"),
            *(product(id, name) for id, name in PRODUCT_NAMES.items()),
            *(
                Customer(
                    id=id,
                    external_id=f"c-{id}",
                    subscription_status=SubscriptionStatus.NEVER_SUBSCRIBED,
                    created_at=NOON,
                    updated_at=NOON,
                )
                for id in customer_ids
            ),
        ],
    )


def product(id: int, name: str) -> Product:
    """A product of the shop; the last one is known by its external id only."""
    is_named = id != UNPRICED
    return Product(
        id=id,
        external_id=name if not is_named else f"p-{id}",
        name=name,
        name_key=stored_key(name),
        is_named=is_named,
        category_id=7 if is_named else None,
        price_minor=id * 100 if is_named else None,
        price_currency="USD" if is_named else None,
    )


def receipt(customer_id: int, id: int, **changes: Any) -> Receipt:
    """A receipt of 10.00 USD, issued `id` hours before noon."""
    values: dict[str, Any] = {
        "external_id": f"r-{id}",
        "number": f"N-{id:03}",
        "issued_at": NOON - timedelta(hours=id),
        "status": "COMPLETED",
        "payment_status": "PAID",
        "currency": "USD",
        "product_total_minor": 1000,
        "discount_minor": 150,
        "total_minor": 1000,
        "store_id": MAIN_STREET,
    }
    values |= changes
    return Receipt(customer_id=customer_id, id=id, number_key=stored_key(values["number"]), **values)


def receipt_item(customer_id: int, receipt_id: int, line: int, **changes: Any) -> ReceiptItem:
    """Two bottles of milk for 10.00 USD."""
    values: dict[str, Any] = {
        "product_id": MILK,
        "product_external_id": "p-11",
        "name": "Whole milk",
        "quantity_milli": 2000,
        "currency": "USD",
        "price_minor": 500,
        "total_minor": 1000,
    }
    return ReceiptItem(customer_id=customer_id, receipt_id=receipt_id, line=line, **(values | changes))


def order(customer_id: int, id: int, **changes: Any) -> Order:
    """An order of 20.00 USD less 3.00, with 1.36 tax and 5.00 shipping, placed `id` hours before noon."""
    values: dict[str, Any] = {
        "external_id": f"WEB-{id:03}",
        "number": f"O{id}",
        "placed_at": NOON - timedelta(hours=id),
        "origin": OrderOrigin.WEB,
        "status": "CONFIRMED",
        "delivery_status": "SHIPPED",
        "payment_status": "PAID",
        "product_count": 2,
        "currency": "USD",
        "subtotal_minor": 2000,
        "discount_minor": 300,
        "product_cost_minor": 1700,
        "tax_minor": 136,
        "shipping_minor": 500,
        "total_minor": 2336,
        "source": "website",
        "store_id": ONLINE,
    }
    values |= changes
    return Order(customer_id=customer_id, id=id, external_id_key=stored_key(values["external_id"]), **values)


def order_item(customer_id: int, order_id: int, line: int, **changes: Any) -> OrderItem:
    """Two loaves of bread at 10.00 USD."""
    values: dict[str, Any] = {
        "product_id": BREAD,
        "product_external_id": "p-12",
        "name": "Rye bread",
        "quantity_milli": 2000,
        "currency": "USD",
        "unit_price_minor": 1000,
        "total_minor": 2000,
    }
    return OrderItem(customer_id=customer_id, order_id=order_id, line=line, **(values | changes))


def purchased(customer_id: int, product_id: int, count: int, last: datetime, **changes: Any) -> PurchasedProduct:
    """A product purchased `count` times, all by receipt."""
    values = {"quantity_milli": count * 1000, "receipt_count": count, "order_count": 0} | changes
    return PurchasedProduct(
        customer_id=customer_id, product_id=product_id, purchase_count=count, last_purchased_at=last, **values
    )


def purchased_at(customer_id: int, store_id: int, count: int, last: datetime) -> PurchasedStore:
    """A store with that many receipts."""
    return PurchasedStore(customer_id=customer_id, store_id=store_id, receipt_count=count, last_receipt_at=last)


def customer_id(id: int = 1) -> str:
    """A customer's global id."""
    return encode("Customer", id)


def reads(answer: Answer) -> dict[str, int]:
    """The loaders that read for the answer, with their keys. One that reads twice would show as a list too short."""
    batches = answer.extensions["profile"]["loaderBatches"]
    by_loader = {batch["loader"]: batch["keys"] for batch in batches}
    assert len(by_loader) == len(batches), batches
    return by_loader
