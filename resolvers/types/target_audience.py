"""Target audiences, as the schema shows them."""

import strawberry

from profiles.finding.reads import Selection, Within
from profiles.finding.sorting import Sort
from profiles.target_audiences import TargetAudienceRow
from profiles.viewer import Scope
from resolvers.arguments import After, First
from resolvers.context import Info
from resolvers.guard import guarded
from resolvers.ids import encode
from resolvers.rows import derived, values_are
from resolvers.types.customer_list import CustomerConnection, customer_list
from resolvers.types.node import OPAQUE, Node

MEMBERS = Selection(Within.TARGET_AUDIENCE)


def _customers(
    root: strawberry.Parent[TargetAudienceRow], info: Info, first: First = 20, after: After = None
) -> CustomerConnection | None:
    return customer_list(info, MEMBERS, Sort(), first, after, root.id)


@strawberry.type(description="A group of customers that a source made; it cannot be edited here.")
class TargetAudience(Node):
    is_type_of = values_are(TargetAudienceRow)
    id: strawberry.ID = derived(lambda root: encode("TargetAudience", root.id), strawberry.ID, description=OPAQUE)
    name: str = strawberry.field(description="Its name in the source.")
    customers: CustomerConnection | None = guarded(
        _customers,
        needs=Scope.CUSTOMERS_LIST,
        description="The customers who belong to it, the newest profile first.",
    )
