"""A note, as the schema shows it."""

from datetime import datetime

import strawberry

from executor.promises import placeless
from profiles.notes import NoteRow
from profiles.viewer import shown_actor
from resolvers.about import AboutCustomer, about
from resolvers.context import Info
from resolvers.ids import owned
from resolvers.rows import derived, values_are
from resolvers.types.node import OPAQUE, Node


@strawberry.type(description="What a member of staff wrote about a customer.")
class Note(Node):
    is_type_of = values_are(NoteRow)
    id: strawberry.ID = derived(owned("Note"), strawberry.ID, description=OPAQUE)
    customer: AboutCustomer | None = derived(
        lambda root: about(root.customer_id), AboutCustomer | None, description="Whom it is about."
    )
    body: str = strawberry.field(description="The text, up to 10,000 characters.")

    @strawberry.field(description='Who wrote it; partners see "staff".')
    @placeless
    def author(row: strawberry.Parent[NoteRow], info: Info) -> str:
        return shown_actor(info.context.viewer, row.author)

    created_at: datetime = strawberry.field(description="When it was written.")
    updated_at: datetime = strawberry.field(description="When its text last changed.")
