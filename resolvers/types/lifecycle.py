"""Life cycles, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles import lifecycle
from profiles.timeline.details import LifecycleStage
from resolvers.types.enums import described

described(
    LifecycleStage,
    "Where a customer stands.",
    {
        "LEAD": "Has not purchased yet.",
        "NEW": "Has purchased once and is likely to again.",
        "ACTIVE": "Has purchased more than once and is likely to again.",
        "AT_RISK": "Is less likely to purchase again than not.",
        "LAPSED": "Is unlikely to purchase again.",
    },
)


@strawberry.type(
    description="Where they stand in the life cycle today, as a model of all purchase histories (MBG/NBD) sees it. It "
    "is fitted by the recompute; a purchase counts at once. What it predicts is null without a purchase, and where "
    "nobody has purchased twice or nothing was computed yet."
)
class Lifecycle:
    of: strawberry.Private[lifecycle.Lifecycle]
    stage: LifecycleStage = strawberry.field(description="The stage; LEAD without a purchase.")
    at_risk_at: datetime | None = strawberry.field(
        description="The beginning of the first day on which they are alive with less than the account's limit (0.5) "
        "if they do not purchase again; it may be past. Null more than a hundred years ahead."
    )
    lapsed_at: datetime | None = strawberry.field(description="As `atRiskAt`, with the account's lower limit (0.2).")
    probability_alive: float | None = strawberry.field(description="How likely they still purchase, today, 0 to 1.")

    @strawberry.field(
        name="expectedOrdersNext90Days", description="How many purchases to expect of them in the next 90 days."
    )
    def expected_orders(self) -> float | None:
        return self.of.expected_orders_next90_days


def shape_lifecycle(row: lifecycle.Lifecycle) -> Lifecycle:
    """Where a customer stands, as the schema shows it."""
    return Lifecycle(
        of=row,
        stage=row.stage,
        at_risk_at=row.at_risk_at,
        lapsed_at=row.lapsed_at,
        probability_alive=row.probability_alive,
    )


__all__ = ["Lifecycle", "LifecycleStage", "shape_lifecycle"]
