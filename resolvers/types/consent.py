"""Consents, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles.consents import ConsentState, ConsentStatus
from profiles.storage.pages import checked_first
from profiles.viewer import Viewer, shown_actor
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.types.channel import Channel
from resolvers.types.enums import described
from resolvers.types.node import Node

described(
    ConsentStatus,
    "What the newest change of a consent says.",
    {"GRANTED": "The customer allowed it.", "REVOKED": "The customer took it back."},
)


@strawberry.type(description="One change of a consent; the history is never overwritten.")
class ConsentChange:
    status: ConsentStatus = strawberry.field(description="What it became.")
    at: datetime = strawberry.field(description="When.")
    source: str = strawberry.field(description="Where the customer said so.")
    actor: str = strawberry.field(description='Who recorded it; partners see "staff".')


@strawberry.type(description="What a customer allowed, and since when.")
class Consent(Node):
    state: strawberry.Private[ConsentState]
    viewer: strawberry.Private[Viewer]
    name: str = strawberry.field(description="Its name in the account.")
    channels: list[Channel] = strawberry.field(description="The channels that it blocks while it is revoked.")
    status: ConsentStatus = strawberry.field(description="What its newest change says.")
    granted_at: datetime | None = strawberry.field(description="When it was last granted; null if never.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null while it is granted.")
    source: str = strawberry.field(description="Where its newest change came from.")

    @strawberry.field(description="Its changes, newest first.")
    def history(self, first: First = 20) -> list[ConsentChange]:
        return [
            ConsentChange(
                status=change.status, at=change.at, source=change.source, actor=shown_actor(self.viewer, change.actor)
            )
            for change in self.state.changes[: checked_first(first)]
        ]


def shape_consent(state: ConsentState, info: Info) -> Consent:
    """A consent as a node; a name that the account no longer defines blocks no channel."""
    definition = info.context.account.consent_names.get(state.name)
    return Consent(
        id=strawberry.ID(encode("Consent", state.customer_id, state.name)),
        state=state,
        viewer=info.context.viewer,
        name=state.name,
        channels=[Channel(channel) for channel in definition.channels] if definition else [],
        status=state.status,
        granted_at=state.granted_at,
        revoked_at=state.revoked_at,
        source=state.source,
    )
