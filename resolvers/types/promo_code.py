"""Promo codes, as the schema shows them."""

from datetime import datetime
from typing import Annotated, Union

import strawberry

from profiles.promo_codes import PromoCodeOriginKind, PromoCodeRow
from resolvers.context import Info
from resolvers.types.mailing import Campaign, Mailing, shape_campaign, shape_mailing

PromoCodeOrigin = Annotated[
    Union[Mailing, Campaign],  # noqa: UP007 - strawberry reads the name off the annotated union
    strawberry.union("PromoCodeOrigin", description="What a promo code was issued in."),
]


@strawberry.type(description="A code issued to one customer.")
class PromoCode:
    origin_kind: strawberry.Private[PromoCodeOriginKind | None]
    origin_id: strawberry.Private[int | None]
    code: str = strawberry.field(description="What the customer enters.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    is_reissued: bool = strawberry.field(description="Whether the customer had been given it before.")
    redeemed_at: datetime | None = strawberry.field(description="When it was used; null while it is not.")

    @strawberry.field(description="The mailing or campaign it was issued in; null where it is not known.")
    async def origin(self, info: Info) -> PromoCodeOrigin | None:
        loaders = info.context.loaders
        if self.origin_id is None:
            return None
        if self.origin_kind is PromoCodeOriginKind.MAILING:
            mailing = await loaders.mailing_by_id.ask(self.origin_id, None)
            return shape_mailing(mailing) if mailing else None
        campaign = await loaders.campaign_by_id.ask(self.origin_id, None)
        return shape_campaign(campaign) if campaign else None


def shape_promo_code(row: PromoCodeRow) -> PromoCode:
    """A row as the schema shows it."""
    return PromoCode(
        origin_kind=row.origin_kind,
        origin_id=row.origin_id,
        code=row.code,
        issued_at=row.issued_at,
        is_reissued=row.is_reissued,
        redeemed_at=row.redeemed_at,
    )
