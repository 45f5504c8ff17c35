"""Attribute definitions: what an attribute is, and the built-in ones, which show fields of the schema (ruling 32)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from profiles.contacts import ContactWarning, PhoneType
from profiles.customers import Gender, SubscriptionStatus
from profiles.orders import OrderOrigin
from profiles.rfm.rules import SEGMENTS
from profiles.timeline.details import LifecycleStage


class AttributeType(StrEnum):
    """How an attribute's value is read: canonical text that stands for one of these."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATETIME = "DATETIME"
    CHOICE = "CHOICE"
    MONEY = "MONEY"


class AttributeEntity(StrEnum):
    """What an attribute describes."""

    CUSTOMER = "CUSTOMER"
    RECEIPT = "RECEIPT"
    RECEIPT_ITEM = "RECEIPT_ITEM"
    ORDER = "ORDER"
    ORDER_ITEM = "ORDER_ITEM"

    @property
    def plural(self) -> str:
        """For people: `customers`, `receipt items`."""
        return f"{self.value.lower().replace('_', ' ')}s"


class Block(StrEnum):
    """A place on the screen whose attribute list the account chooses."""

    PROFILE = "PROFILE"
    RECEIPT_LIST = "RECEIPT_LIST"
    RECEIPT_ATTRIBUTES = "RECEIPT_ATTRIBUTES"
    RECEIPT_ITEMS = "RECEIPT_ITEMS"
    ORDER_LIST = "ORDER_LIST"
    ORDER_ATTRIBUTES = "ORDER_ATTRIBUTES"
    ORDER_ITEMS = "ORDER_ITEMS"


BLOCK_ENTITY: Mapping[Block, AttributeEntity] = {
    Block.PROFILE: AttributeEntity.CUSTOMER,
    Block.RECEIPT_LIST: AttributeEntity.RECEIPT,
    Block.RECEIPT_ATTRIBUTES: AttributeEntity.RECEIPT,
    Block.RECEIPT_ITEMS: AttributeEntity.RECEIPT_ITEM,
    Block.ORDER_LIST: AttributeEntity.ORDER,
    Block.ORDER_ATTRIBUTES: AttributeEntity.ORDER,
    Block.ORDER_ITEMS: AttributeEntity.ORDER_ITEM,
}
"""What each block describes."""


class Strict(BaseModel):
    """A part of the account's file: an unknown name in it is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AttributeDefinition(Strict):
    """What an attribute is called and how its value reads. A built-in one has the path of the field it shows as key."""

    key: str
    label: str
    type: AttributeType = AttributeType.TEXT
    entity: AttributeEntity = AttributeEntity.CUSTOMER
    choices: tuple[str, ...] = ()
    is_editable: bool = True
    is_personal: bool = False
    is_custom: bool = True


_CHOICES: Mapping[str, Iterable[str]] = {
    "gender": Gender,
    "email.warning": ContactWarning,
    "phone.warning": ContactWarning,
    "phone.type": PhoneType,
    "subscriptionStatus": SubscriptionStatus,
    "rfm.segment": SEGMENTS,
    "lifecycle.stage": LifecycleStage,
    "origin": OrderOrigin,
}


def _built_in(entity: AttributeEntity, *rows: tuple[str, str, AttributeType, bool]) -> tuple[AttributeDefinition, ...]:
    return tuple(
        AttributeDefinition(
            key=key,
            label=label,
            type=type_,
            entity=entity,
            choices=tuple(map(str, _CHOICES[key])) if type_ is AttributeType.CHOICE else (),
            is_editable=False,
            is_personal=personal,
            is_custom=False,
        )
        for key, label, type_, personal in rows
    )


T = AttributeType
BUILT_IN_ATTRIBUTES: tuple[AttributeDefinition, ...] = (
    *_built_in(
        AttributeEntity.CUSTOMER,
        ("externalId", "External ID", T.TEXT, False),
        ("crmId", "CRM ID", T.TEXT, True),
        ("firstName", "First name", T.TEXT, True),
        ("lastName", "Last name", T.TEXT, True),
        ("gender", "Gender", T.CHOICE, True),
        ("birthDate", "Date of birth", T.DATE, True),
        ("country", "Country", T.TEXT, True),
        ("city", "City", T.TEXT, True),
        ("address", "Address", T.TEXT, True),
        ("email.value", "Email", T.TEXT, True),
        ("email.warning", "Email warning", T.CHOICE, False),
        ("phone.value", "Phone", T.TEXT, True),
        ("phone.type", "Phone type", T.CHOICE, False),
        ("phone.warning", "Phone warning", T.CHOICE, False),
        ("subscriptionStatus", "Email subscription", T.CHOICE, False),
        ("createdAt", "Profile created", T.DATETIME, False),
        ("updatedAt", "Profile edited", T.DATETIME, False),
        ("registeredAt", "Registered", T.DATETIME, False),
        ("subscribedAt", "Subscribed", T.DATETIME, False),
        ("metrics.receiptCount", "Receipts", T.NUMBER, False),
        ("metrics.firstReceiptAt", "First receipt", T.DATETIME, False),
        ("metrics.lastReceiptAt", "Last receipt", T.DATETIME, False),
        ("metrics.daysSinceFirstReceipt", "Days since first receipt", T.NUMBER, False),
        ("metrics.daysSinceLastReceipt", "Days since last receipt", T.NUMBER, False),
        ("metrics.lastReceiptAmount", "Last receipt, amount", T.MONEY, False),
        ("metrics.receiptTotal", "Total in receipts", T.MONEY, False),
        ("metrics.averageReceipt", "Average receipt", T.MONEY, False),
        ("metrics.averageItemsPerReceipt", "Items per receipt", T.NUMBER, False),
        ("metrics.averageItemPricePerReceipt", "Average price in receipts", T.MONEY, False),
        ("metrics.orderCount", "Orders", T.NUMBER, False),
        ("metrics.attributedOrderCount", "Attributed orders", T.NUMBER, False),
        ("metrics.firstOrderAt", "First order", T.DATETIME, False),
        ("metrics.secondOrderAt", "Second order", T.DATETIME, False),
        ("metrics.lastOrderAt", "Last order", T.DATETIME, False),
        ("metrics.daysSinceFirstOrder", "Days since first order", T.NUMBER, False),
        ("metrics.daysSinceLastOrder", "Days since last order", T.NUMBER, False),
        ("metrics.orderTotal", "Total in orders", T.MONEY, False),
        ("metrics.averageOrder", "Average order", T.MONEY, False),
        ("metrics.averageItemsPerOrder", "Items per order", T.NUMBER, False),
        ("metrics.averageOrderItemPrice", "Average price in orders", T.MONEY, False),
        ("metrics.lastOrderValue.amount", "Last order, value", T.MONEY, False),
        ("metrics.totalSpent.net", "Total spent", T.MONEY, False),
        ("metrics.totalSpent.returnsTotal", "Total of returns", T.MONEY, False),
        ("metrics.totalSpent.returnCount", "Returned orders", T.NUMBER, False),
        ("metrics.daysSinceRegistration", "Days since registration", T.NUMBER, False),
        ("metrics.lastActivityAt", "Last activity", T.DATETIME, False),
        ("metrics.visitCount", "Visits", T.NUMBER, False),
        ("metrics.firstVisitAt", "First visit", T.DATETIME, False),
        ("metrics.lastVisitAt", "Last visit", T.DATETIME, False),
        ("loyalty.accrued", "Bonuses ever accrued", T.NUMBER, False),
        ("loyalty.active", "Active bonuses", T.NUMBER, False),
        ("loyalty.pendingActivation", "Bonuses pending activation", T.NUMBER, False),
        ("loyalty.pendingDeactivation", "Bonuses pending deactivation", T.NUMBER, False),
        ("loyalty.nextDeactivationAt", "Next deactivation of bonuses", T.DATETIME, False),
        ("loyalty.nextDeactivationAmount", "Bonuses deactivated next", T.NUMBER, False),
        ("loyalty.points", "Points", T.NUMBER, False),
        ("rfm.segment", "RFM segment", T.CHOICE, False),
        ("rfm.recency", "Recency", T.NUMBER, False),
        ("rfm.frequency", "Frequency", T.NUMBER, False),
        ("rfm.monetary", "Monetary", T.NUMBER, False),
        ("lifecycle.stage", "Life cycle", T.CHOICE, False),
        ("lifecycle.atRiskAt", "At risk from", T.DATETIME, False),
        ("lifecycle.lapsedAt", "Lapsed from", T.DATETIME, False),
        ("lifecycle.probabilityAlive", "Probability alive", T.NUMBER, False),
        ("lifecycle.expectedOrdersNext90Days", "Orders expected in 90 days", T.NUMBER, False),
    ),
    *_built_in(
        AttributeEntity.RECEIPT,
        ("externalId", "Identifier", T.TEXT, False),
        ("number", "Number", T.TEXT, False),
        ("issuedAt", "Date", T.DATETIME, False),
        ("status", "Status", T.TEXT, False),
        ("paymentStatus", "Payment status", T.TEXT, False),
        ("productTotal", "Product cost", T.MONEY, False),
        ("deliveryCost", "Delivery cost", T.MONEY, False),
        ("discount", "Discount", T.MONEY, False),
        ("total", "Total", T.MONEY, False),
        ("store", "Store", T.TEXT, False),
    ),
    *_built_in(
        AttributeEntity.RECEIPT_ITEM,
        ("productExternalId", "Identifier", T.TEXT, False),
        ("name", "Name", T.TEXT, False),
        ("quantity", "Quantity", T.NUMBER, False),
        ("price", "Price", T.MONEY, False),
        ("total", "Total cost", T.MONEY, False),
    ),
    *_built_in(
        AttributeEntity.ORDER,
        ("externalId", "Identifier", T.TEXT, False),
        ("number", "Number", T.TEXT, False),
        ("placedAt", "Date", T.DATETIME, False),
        ("origin", "Origin", T.CHOICE, False),
        ("status", "Status", T.TEXT, False),
        ("deliveryStatus", "Delivery status", T.TEXT, False),
        ("paymentStatus", "Payment status", T.TEXT, False),
        ("productCount", "Products", T.NUMBER, False),
        ("productCost", "Product cost", T.MONEY, False),
        ("subtotal", "Subtotal", T.MONEY, False),
        ("discount", "Discount", T.MONEY, False),
        ("tax", "Tax", T.MONEY, False),
        ("shipping", "Shipping", T.MONEY, False),
        ("total", "Total", T.MONEY, False),
        ("source", "Source", T.TEXT, False),
        ("couponCode", "Coupon code", T.TEXT, False),
        ("store", "Store", T.TEXT, False),
    ),
    *_built_in(
        AttributeEntity.ORDER_ITEM,
        ("productExternalId", "Identifier", T.TEXT, False),
        ("name", "Name", T.TEXT, False),
        ("quantity", "Quantity", T.NUMBER, False),
        ("unitPrice", "Price", T.MONEY, False),
        ("total", "Total cost", T.MONEY, False),
    ),
)
