"""A note, as the schema shows it."""

from datetime import datetime

import strawberry

from profiles.notes import NoteRow
from profiles.viewer import Viewer, shown_actor
from resolvers.about import AboutCustomer, about
from resolvers.ids import encode
from resolvers.types.node import Node


@strawberry.type(description="What a member of staff wrote about a customer.")
class Note(Node):
    customer: AboutCustomer | None = strawberry.field(description="Whom it is about.")
    body: str = strawberry.field(description="The text, up to 10,000 characters.")
    author: str = strawberry.field(description='Who wrote it; partners see "staff".')
    created_at: datetime = strawberry.field(description="When it was written.")
    updated_at: datetime = strawberry.field(description="When its text last changed.")


def shape_note(row: NoteRow, viewer: Viewer) -> Note:
    """A row as a node."""
    return Note(
        id=strawberry.ID(encode("Note", row.customer_id, row.id)),
        customer=about(row.customer_id),
        body=row.body,
        author=shown_actor(viewer, row.author),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
