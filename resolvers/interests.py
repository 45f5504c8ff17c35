"""The panel of interests."""

from datetime import datetime
from typing import Annotated

import strawberry

from executor.promises import Each
from profiles.catalog import CategoryRow
from profiles.interests import MOST_INTERESTS, InterestStatus
from profiles.interests.reading import InterestsOf
from profiles.storage.pages import checked_first
from resolvers.context import Info
from resolvers.rows import derived
from resolvers.types.enums import described
from resolvers.types.product import Category, shape_category

described(
    InterestStatus,
    "What became of an interest.",
    {
        "OPEN": "They looked lately and have not bought from the category since.",
        "SATISFIED": "They bought from the category at or after their latest look at it.",
        "EXPIRED": "Their latest look was longer ago than the account's `interestWindowDays`.",
    },
)


@strawberry.type(description="A category of products that the customer looked at on the website.")
class Interest:
    category: Category = derived(
        lambda root: shape_category(CategoryRow(root.category_id, root.category_name)),
        Category,
        description="What they looked at, directly or through its products.",
    )
    score: float = strawberry.field(
        description="How strong it is in this minute: each view inside the window counts 1 when new and halves every "
        "half window."
    )
    view_count: int = strawberry.field(description="Views inside the window.")
    last_viewed_at: datetime = strawberry.field(description="The latest look.")
    expires_at: datetime = strawberry.field(description="When the interest ends if they do not look again.")
    status: InterestStatus = strawberry.field(description="What became of it.")


First = Annotated[
    int, strawberry.argument(description=f"How many at most, 0 to 100; never more than {MOST_INTERESTS} are shown.")
]
IncludeSatisfied = Annotated[
    bool,
    strawberry.argument(description="Whether satisfied and expired interests of the last two windows are shown too."),
]


def panel(info: Info, first: First = 10, include_satisfied: IncludeSatisfied = False) -> Each[list[Interest] | None]:
    asked = InterestsOf(checked_first(first), include_satisfied)
    interests = info.context.loaders.strongest_interests
    return lambda about: interests.ask(about.customer_id, asked)
