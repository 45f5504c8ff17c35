"""The balance of the loyalty programme, as the schema shows it."""

from datetime import datetime
from decimal import Decimal

import strawberry

from profiles import loyalty
from resolvers.rows import values_are


@strawberry.type(description="A customer's bonuses and points in the loyalty programme, now.")
class LoyaltyBalance:
    is_type_of = values_are(loyalty.LoyaltyBalance)

    accrued: Decimal = strawberry.field(description="All bonuses ever accrued.")
    active: Decimal = strawberry.field(description="Bonuses that can be used now.")
    pending_activation: Decimal = strawberry.field(
        description="Bonuses that were accrued and cannot be used yet; not among the active ones."
    )
    pending_deactivation: Decimal = strawberry.field(description="The part of the active bonuses that will expire.")
    next_deactivation_at: datetime | None = strawberry.field(
        description="When the first of the active bonuses expire; null where none will."
    )
    next_deactivation_amount: Decimal | None = strawberry.field(
        description="How many active bonuses expire on that calendar day in the account's time zone; null where none "
        "will."
    )
    points: Decimal = strawberry.field(description="The score, apart from bonuses.")
