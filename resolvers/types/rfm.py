"""RFM, as the schema shows it."""

import strawberry

from profiles import rfm


@strawberry.type(
    description="How lately, how often and for how much they purchased, compared with all who did. Scores share out "
    "the account's purchasers to five equal parts, as far as equal values allow, as of the last recompute; a new "
    "purchase is scored at once."
)
class Rfm:
    segment: str = strawberry.field(
        description="The name for recency and frequency together, one of `Account.rfmSegments`."
    )
    recency: int = strawberry.field(description="How lately, 1 to 5; 5 is best.")
    frequency: int = strawberry.field(description="How often, 1 to 5; 5 is best.")
    monetary: int = strawberry.field(description="For how much, without what was returned, 1 to 5; 5 is best.")


def shape_rfm(row: rfm.Rfm | None) -> Rfm | None:
    """Scores as the schema shows them."""
    if row is None:
        return None
    return Rfm(segment=row.segment, recency=row.recency, frequency=row.frequency, monetary=row.monetary)
