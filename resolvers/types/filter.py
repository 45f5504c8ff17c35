"""The filter of a list of customers, as the schema asks for it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from profiles.cart import CartStatus
from resolvers.types import cart  # noqa: F401 - describes the enum
from resolvers.types.channel import Channel
from resolvers.types.contact import ContactWarning, PhoneType
from resolvers.types.identity import CustomerKind, Gender, SubscriptionStatus
from resolvers.types.lifecycle import LifecycleStage


def _said(description: str, name: str | None = None) -> Any:
    """A part of an input that may be left out: null does not filter either."""
    return strawberry.field(default=None, description=description, name=name)


@strawberry.input(description="A text; case and accents are ignored. What is said is joined by AND.")
class TextFilter:
    equals: str | None = _said("The whole text.")
    starts_with: str | None = _said("How the text begins.")
    contains: str | None = _said("A part of the text.")
    is_missing: bool | None = _said("true: there is none; false: there is one.")


@strawberry.input(description="Whole numbers between two bounds, both included.")
class IntRange:
    from_: int | None = _said("The least; null leaves this end open.", "from")
    to: int | None = _said("The greatest; null leaves this end open.")


@strawberry.input(description="Numbers between two bounds, both included.")
class FloatRange:
    from_: float | None = _said("The least; null leaves this end open.", "from")
    to: float | None = _said("The greatest; null leaves this end open.")


@strawberry.input(description="Exact numbers, or amounts in the account's currency, between two bounds, both included.")
class DecimalRange:
    from_: Decimal | None = _said("The least; null leaves this end open.", "from")
    to: Decimal | None = _said("The greatest; null leaves this end open.")


@strawberry.input(description="Calendar days between two days, both included.")
class DateRange:
    from_: date | None = _said("The first day; null leaves this end open.", "from")
    to: date | None = _said("The last day; null leaves this end open.")


@strawberry.input(description="Instants `from` <= t < `to`.")
class DateTimeRange:
    from_: datetime | None = _said("The earliest instant; null leaves this end open.", "from")
    to: datetime | None = _said("The first instant that is too late; null leaves this end open.")


@strawberry.input(description="An attribute of the customer by its key. What is said of its value is joined by AND.")
class AttributeFilter:
    key: str = strawberry.field(
        description="Its key in `Account.attributeDefinitions`; the path of a built-in one (`city`, "
        "`metrics.orderCount`) works too, but for days since something: ask when it was. Needs the scope that "
        "reading it needs."
    )
    equals: str | None = _said("Its value as text (ISO dates, point decimals, `true`, `12.34 EUR`, the choice).")
    in_: list[str] | None = _said("Any of these values; an empty list matches nothing.", "in")
    from_: str | None = _said("The least number, amount or day, or the earliest instant; included.", "from")
    to: str | None = _said("The greatest number, amount or day, included; of instants the first that is too late.")
    is_missing: bool | None = _said("true: there is none; false: there is one.")


@strawberry.input(description="Whether customers took part in any of several mailings or polls.")
class ParticipationFilter:
    ids: list[strawberry.ID] = strawberry.field(description="Which ones; an empty list matches nothing.")
    participated: bool = strawberry.field(default=True, description="true: took part in any; false: in none of them.")
    is_control_group: bool | None = _said("Only participations as (true) or not as (false) control group; null: both.")


@strawberry.input(
    description="Which customers. Fields of one filter are joined by AND; a list means any of its values, an empty one "
    "matches nothing; null does not filter. `and`, `or` and `not` nest up to 8 deep. All filters of one operation "
    "hold at most 60 conditions, each nested filter being one, and one on rows beyond the customer's own counting as "
    "three. Each field needs the scope of what it reads."
)
class CustomerFilter:
    and_: "list[CustomerFilter] | None" = _said("All of these hold.", "and")
    or_: "list[CustomerFilter] | None" = _said("At least one of these holds.", "or")
    not_: "CustomerFilter | None" = _said("This does not hold; it does not where the value is unknown.", "not")
    kind: CustomerKind | None = _said("A contact has never purchased, a customer has.")
    first_name: TextFilter | None = _said("First name.")
    last_name: TextFilter | None = _said("Last name.")
    email: TextFilter | None = _said("Email address; case is ignored.")
    phone: TextFilter | None = _said("Phone number in any spelling; without + it is read in the account's country.")
    address: TextFilter | None = _said("Street address.")
    city: TextFilter | None = _said("City.")
    country: TextFilter | None = _said("Country, as an ISO 3166 code.")
    gender: list[Gender] | None = _said("Any of these.")
    birth_date: DateRange | None = _said("Date of birth.")
    registered_at: DateTimeRange | None = _said("When they registered.")
    created_at: DateTimeRange | None = _said("When the profile was made.")
    attributes: list[AttributeFilter] | None = _said("All of these hold (conditions, not values).")
    segment_ids: list[strawberry.ID] | None = _said("In any of these segments now.")
    target_audience_ids: list[strawberry.ID] | None = _said("In any of these target audiences.")
    tag_ids: list[strawberry.ID] | None = _said("With any of these tags.")
    receipt_count: IntRange | None = _said("Number of receipts.")
    receipt_total: DecimalRange | None = _said("Total of all receipts.")
    average_receipt: DecimalRange | None = _said("Average receipt, as it is shown; of nobody without a receipt.")
    average_item_price_per_receipt: DecimalRange | None = _said("Average price of an item of a receipt, as shown.")
    first_receipt_at: DateTimeRange | None = _said("When the first receipt was issued.")
    last_receipt_at: DateTimeRange | None = _said("When the last receipt was issued.")
    order_count: IntRange | None = _said("Number of orders.")
    order_total: DecimalRange | None = _said("Total of all orders, returned ones included.")
    last_order_at: DateTimeRange | None = _said("When the last order was placed.")
    last_activity_at: DateTimeRange | None = _said("When they were last active on the website or with an email.")
    bought_product_ids: list[strawberry.ID] | None = _said("Purchased any of these products.")
    bought_category_ids: list[strawberry.ID] | None = _said("Purchased a product of any of these categories.")
    favorite_product_ids: list[strawberry.ID] | None = _said("Purchased any of these products at least twice.")
    accrued_bonuses: DecimalRange | None = _said("Bonuses ever accrued; of nobody who was never credited with any.")
    lifecycle_stage: list[LifecycleStage] | None = _said(
        "In any of these stages of the life cycle as of the last recompute, or their last purchase since."
    )
    rfm_segment: list[str] | None = _said("In any of these segments of RFM (`Account.rfmSegments`).")
    mailing: ParticipationFilter | None = _said("Took part in mailings.")
    poll: ParticipationFilter | None = _said("Took part in polls, which have no control group.")
    external_id: TextFilter | None = _said("The id in the source system.")
    crm_id: TextFilter | None = _said("The CRM id.")
    subscription_status: list[SubscriptionStatus] | None = _said("Any of these states of the email channel.")
    subscribed_at: DateTimeRange | None = _said("When they first subscribed to any channel.")
    updated_at: DateTimeRange | None = _said("When the profile was last edited.")
    email_warning: list[ContactWarning] | None = _said("The email address is missing, or is invalid.")
    phone_warning: list[ContactWarning] | None = _said("The phone number is missing, or is invalid.")
    phone_type: list[PhoneType] | None = _said("The phone number is of any of these types.")
    reachable_by: list[Channel] | None = _said("Can be reached by any of these channels, whatever the category.")
    source_ids: list[strawberry.ID] | None = _said("Known to any of these data sources.")
    last_receipt_amount: DecimalRange | None = _said("Total of the last receipt; one in another currency is left out.")
    average_items_per_receipt: FloatRange | None = _said("Average number of items of a receipt.")
    first_order_at: DateTimeRange | None = _said("When the first order was placed.")
    second_order_at: DateTimeRange | None = _said("When the second order was placed.")
    attributed_order_count: IntRange | None = _said("Number of orders won by marketing.")
    average_order: DecimalRange | None = _said("Average order value, as it is shown.")
    average_items_per_order: FloatRange | None = _said("Average number of items of an order.")
    average_order_item_price: DecimalRange | None = _said("Average price of an item of an order, as it is shown.")
    last_order_value: DecimalRange | None = _said("Value of the last order on the account's basis.")
    total_spent: DecimalRange | None = _said("Total of the orders less the returned ones (`totalSpent.net`).")
    return_count: IntRange | None = _said("Number of returned orders.")
    visit_count: IntRange | None = _said("Number of visits.")
    last_visit_at: DateTimeRange | None = _said("When the last visit began.")
    active_bonuses: DecimalRange | None = _said("Bonuses that can be used now.")
    bonuses_pending_activation: DecimalRange | None = _said("Bonuses that cannot be used yet.")
    bonuses_pending_deactivation: DecimalRange | None = _said("The part of the active bonuses that will expire.")
    next_bonus_deactivation_at: DateTimeRange | None = _said("When the first of the active bonuses expire.")
    points: DecimalRange | None = _said("Points, apart from bonuses.")
    rfm_recency: IntRange | None = _said("Score of recency, 1 to 5.")
    rfm_frequency: IntRange | None = _said("Score of frequency, 1 to 5.")
    rfm_monetary: IntRange | None = _said("Score of money, 1 to 5.")
    at_risk_at: DateTimeRange | None = _said("When they are at risk without another purchase; past or ahead.")
    lapsed_at: DateTimeRange | None = _said("When they are lapsed without another purchase; past or ahead.")
    probability_alive: FloatRange | None = _said(
        "How likely they still purchased on the day of the last recompute, or of their last purchase since, 0 to 1. "
        "`Lifecycle` shows it as it is today."
    )
    expected_orders_next90_days: FloatRange | None = _said(
        "Purchases to expect in the 90 days after the last recompute, or their last purchase since. `Lifecycle` shows "
        "it as it is today."
    )
    interest_category_ids: list[strawberry.ID] | None = _said(
        "With an open interest in any of these categories: viewed inside the account's window and not purchased since."
    )
    viewed_product_ids: list[strawberry.ID] | None = _said("Viewed any of these products in the last 90 days.")
    favorite_store_ids: list[strawberry.ID] | None = _said("With a receipt of any of these stores.")
    cart_status: list[CartStatus] | None = _said("The cart is in any of these states now.")
    has_wishlist: bool | None = _said("Whether there is a product on the wish list.")
    promo_code_origin_ids: list[strawberry.ID] | None = _said(
        "With a promo code issued in any of these mailings or campaigns."
    )
    consent_granted: list[str] | None = _said("Any of these consents, by name, is granted now.")
    consent_revoked: list[str] | None = _said("Any of these consents, by name, is revoked now; never granted is not.")
    subscribed_channels: list[Channel] | None = _said("Subscribed to any of these channels.")
    subscribed_category_ids: list[strawberry.ID] | None = _said("Subscribed to any of these mailing categories.")
    has_notes: bool | None = _said("Whether there is a note about them.")
