"""Mailings, campaigns and participations, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles.mailings import CampaignRow, MailingKind, MailingRow, ParticipationRow
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.scalars import URL
from resolvers.types.channel import Channel
from resolvers.types.enums import described
from resolvers.types.node import Node

described(
    MailingKind,
    "Whether a mailing stands alone.",
    {"MASS": "A mass mailing of its own.", "CAMPAIGN": "Part of a campaign."},
)


@strawberry.type(description="A marketing campaign.")
class Campaign(Node):
    name: str = strawberry.field(description="Its name.")
    url: URL | None = strawberry.field(description="Its page; null where it has none.")
    starts_at: datetime | None = strawberry.field(description="When it begins.")
    ends_at: datetime | None = strawberry.field(description="When it ends.")


@strawberry.type(description="Something that was sent to many customers over one channel.")
class Mailing(Node):
    campaign_id: strawberry.Private[int | None]
    name: str = strawberry.field(description="Its name.")
    channel: Channel = strawberry.field(description="How it was sent.")
    kind: MailingKind = strawberry.field(description="Whether it belongs to a campaign.")
    url: URL | None = strawberry.field(description="Its page; null where it has none.")

    @strawberry.field(description="The campaign it belongs to; null for a mass mailing.")
    async def campaign(self, info: Info) -> Campaign | None:
        if self.campaign_id is None:
            return None
        row = await info.context.loaders.campaign_by_id.ask(self.campaign_id, None)
        return shape_campaign(row) if row else None


@strawberry.type(description="A customer took part in a mailing.")
class MailingParticipation:
    mailing_id: strawberry.Private[int]
    participated_at: datetime = strawberry.field(description="When it was sent, or would have been.")
    is_control_group: bool = strawberry.field(description="Whether the customer was held back for comparison.")

    @strawberry.field(description="Which mailing.")
    async def mailing(self, info: Info) -> Mailing:
        row = await info.context.loaders.mailing_by_id.ask(self.mailing_id, None)
        if row is None:
            raise LookupError("a participation names a mailing that is gone")
        return shape_mailing(row)


def shape_campaign(row: CampaignRow) -> Campaign:
    """A row as a node."""
    return Campaign(
        id=strawberry.ID(encode("Campaign", row.id)),
        name=row.name,
        url=URL(row.url) if row.url else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def shape_mailing(row: MailingRow) -> Mailing:
    """A row as a node."""
    return Mailing(
        id=strawberry.ID(encode("Mailing", row.id)),
        campaign_id=row.campaign_id,
        name=row.name,
        channel=row.channel,
        kind=row.kind,
        url=URL(row.url) if row.url else None,
    )


def shape_participation(row: ParticipationRow) -> MailingParticipation:
    """A row as the schema shows it."""
    return MailingParticipation(
        mailing_id=row.mailing_id, participated_at=row.participated_at, is_control_group=row.is_control_group
    )
