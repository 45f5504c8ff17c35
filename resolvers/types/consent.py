"""Consents, as the schema shows them."""

from datetime import datetime
from typing import Any

import strawberry

from executor.promises import placeless
from profiles.consents import ConsentChangeRow, ConsentState, ConsentStatus
from profiles.storage.pages import checked_first
from profiles.viewer import shown_actor
from resolvers.arguments import First
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.rows import derived, values_are
from resolvers.types.channel import Channel
from resolvers.types.enums import described
from resolvers.types.node import OPAQUE, Node

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

    @strawberry.field(description='Who recorded it; partners see "staff".')
    @placeless
    def actor(change: strawberry.Parent[ConsentChangeRow], info: Info) -> str:
        return shown_actor(info.context.viewer, change.actor)


@strawberry.type(description="What a customer allowed, and since when.")
class Consent(Node):
    is_type_of = values_are(ConsentState)
    id: strawberry.ID = derived(
        lambda root: encode("Consent", root.customer_id, root.name), strawberry.ID, description=OPAQUE
    )
    name: str = strawberry.field(description="Its name in the account.")

    @strawberry.field(description="The channels that it blocks while it is revoked.")
    @placeless
    def channels(state: strawberry.Parent[ConsentState], info: Info) -> list[Channel]:
        # A name that the account no longer defines blocks no channel.
        definition = info.context.account.consent_names.get(state.name)
        return [Channel(channel) for channel in definition.channels] if definition else []

    status: ConsentStatus = strawberry.field(description="What its newest change says.")
    granted_at: datetime | None = strawberry.field(description="When it was last granted; null if never.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null while it is granted.")
    source: str = strawberry.field(description="Where its newest change came from.")

    @strawberry.field(description="Its changes, newest first.")
    async def history(state: strawberry.Parent[ConsentState], info: Info, first: First = 20) -> list[ConsentChange]:
        histories = info.context.loaders.consent_histories.ask(state.customer_id, checked_first(first))
        changes: Any = (await histories).get(state.name, ())
        return changes
