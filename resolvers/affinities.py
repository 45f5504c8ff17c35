"""The panel of affinities."""

from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.affinities.reading import AffinitiesOf, asked_attributes
from profiles.storage.pages import checked_first
from resolvers.arguments import First
from resolvers.context import Info


@strawberry.type(description="How strongly the customer is drawn to one value of an attribute, such as a brand.")
class Affinity:
    attribute: str = strawberry.field(description="One of the account's `affinityAttributes`.")
    value: str = strawberry.field(description="The category, brand, department or store, by name.")
    score: float = strawberry.field(
        description="The value's share of the attribute's total over the last 365 days, above 0 and at most 1. A "
        "purchase counts 3 and a view 1 when new; both halve every 90 days."
    )


Attribute = Annotated[
    str | None,
    strawberry.argument(
        description="One of the account's `affinityAttributes`; null means all of them, each value with its share "
        "within its own attribute."
    ),
]


def panel(info: Info, attribute: Attribute = None, first: First = 10) -> Each[list[Affinity] | None]:
    asked = AffinitiesOf(asked_attributes(info.context.account, attribute), checked_first(first))
    strongest = info.context.loaders.strongest_affinities
    return lambda about: strongest.ask(about.customer_id, asked)
