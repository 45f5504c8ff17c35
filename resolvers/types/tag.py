"""Tags, as the schema shows them."""

import strawberry

from profiles.finding.reads import Selection, Within
from profiles.finding.sorting import Sort
from profiles.tags import TagRow
from profiles.viewer import Scope
from resolvers.arguments import After, First
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import encode
from resolvers.rows import derived, values_are
from resolvers.types.customer_list import CustomerConnection, customer_list
from resolvers.types.node import OPAQUE, Node

WEARERS = Selection(Within.TAG)


def _customers(
    root: strawberry.Parent[TagRow], info: Info, first: First = 20, after: After = None
) -> CustomerConnection | None:
    return customer_list(info, WEARERS, Sort(), first, after, root.id)


@strawberry.type(description="A label that staff put on customers.")
class Tag(Node):
    is_type_of = values_are(TagRow)
    id: strawberry.ID = derived(lambda root: encode("Tag", root.id), strawberry.ID, description=OPAQUE)
    name: str = strawberry.field(description="Its name, unique ignoring case, up to 100 characters.")
    customers: CustomerConnection | None = guarded(
        _customers,
        needs=Scope.CUSTOMERS_LIST,
        description="The customers with this tag, the newest profile first.",
    )
