"""The viewer, as the schema shows them."""

from datetime import datetime

import strawberry

from profiles.viewer import Viewer as Who
from profiles.viewer import ViewerKind
from resolvers.ids import encode
from resolvers.types.enums import described
from resolvers.types.node import Node

described(
    ViewerKind,
    "Whose key it is.",
    {
        "STAFF": "A member of staff, or a frontend on their behalf.",
        "PARTNER": "A partner system; staff appear to it without names.",
        "DEVELOPER": "A developer trying things out.",
    },
)


@strawberry.type(description="How much a key may ask: so much at once, and what was asked is given back bit by bit.")
class RateLimit:
    limit: int = strawberry.field(description="How much the key may ask at once, in units of cost.")
    remaining: int = strawberry.field(description="How much of that is left now.")
    restore_rate: int = strawberry.field(description="How much is given back each second.")
    reset_at: datetime = strawberry.field(description="When all of it is there again, if nothing else is asked.")


@strawberry.type(description="Who asks.")
class Viewer(Node):
    name: str = strawberry.field(description="The key's name.")
    kind: ViewerKind = strawberry.field(description="Whose key it is.")
    scopes: list[str] = strawberry.field(description="What the key may do, sorted.")
    rate_limit: RateLimit | None = strawberry.field(
        default=None, description="How much the key may still ask. Null where nothing limits it: so far, for every key."
    )


def shape_viewer(viewer: Who) -> Viewer:
    """The viewer as a node; nobody can fetch another's."""
    return Viewer(
        id=strawberry.ID(encode("Viewer", viewer.id)), name=viewer.name, kind=viewer.kind, scopes=sorted(viewer.scopes)
    )
