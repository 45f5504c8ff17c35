"""A change of a profile, as the schema shows it."""

from datetime import datetime

import strawberry

from executor.promises import placeless
from profiles.changes import ChangeRow, is_personal
from profiles.viewer import Scope, shown_actor
from resolvers.context import Info
from resolvers.ids import owned
from resolvers.rows import derived, values_are
from resolvers.types.node import OPAQUE, Node


@strawberry.type(description="Who changed what, and the value before and after.")
class Change(Node):
    is_type_of = values_are(ChangeRow)
    id: strawberry.ID = derived(owned("Change"), strawberry.ID, description=OPAQUE)
    at: datetime = strawberry.field(description="When.")

    @strawberry.field(description='Who changed it; partners see "staff".')
    @placeless
    def actor(row: strawberry.Parent[ChangeRow], info: Info) -> str:
        return shown_actor(info.context.viewer, row.actor)

    field: str = strawberry.field(
        description="What changed: a field of `Customer`, or `attributes.` or `consents.` and the name of one."
    )

    @strawberry.field(
        description="The value before, as canonical text; null where there was none, and for a personal field without "
        "the scope `personal:read`."
    )
    @placeless
    def before(row: strawberry.Parent[ChangeRow], info: Info) -> str | None:
        return _shown(row, row.before, info)

    @strawberry.field(
        description="The value after, as canonical text; null where it was removed, and for a personal field without "
        "the scope `personal:read`."
    )
    @placeless
    def after(row: strawberry.Parent[ChangeRow], info: Info) -> str | None:
        return _shown(row, row.after, info)


def _shown(row: ChangeRow, value: str | None, info: Info) -> str | None:
    context = info.context
    if value is None or context.viewer.may(Scope.PERSONAL_READ):
        return value
    return None if is_personal(row.field, context.account) else value
