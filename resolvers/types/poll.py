"""Polls and who took part, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles.polls import AnsweredPollRow, PollRow
from resolvers.context import Info
from resolvers.ids import encode
from resolvers.rows import derived, values_are
from resolvers.scalars import URL
from resolvers.types.node import OPAQUE, Node


@strawberry.type(description="A poll or survey.")
class Poll(Node):
    is_type_of = values_are(PollRow)
    id: strawberry.ID = derived(lambda root: encode("Poll", root.id), strawberry.ID, description=OPAQUE)
    name: str = strawberry.field(description="Its name.")
    results_url: URL | None = derived(
        lambda root: URL(root.results_url) if root.results_url else None,
        URL | None,
        description="The page with its results; null where it has none.",
    )


@strawberry.type(description="A customer took part in a poll.")
class PollParticipation:
    is_type_of = values_are(AnsweredPollRow)
    answered_at: datetime = strawberry.field(description="When they answered.")

    @strawberry.field(description="Which poll.")
    async def poll(row: strawberry.Parent[AnsweredPollRow], info: Info) -> Poll:
        poll = await info.context.loaders.poll_by_id.ask(row.poll_id, None)
        if poll is None:
            raise LookupError("a participation names a poll that is gone")
        shown: Poll = poll  # type: ignore[assignment]  # the row is the value behind the type
        return shown
