"""The panel of subscriptions by mailing category."""

from collections.abc import Mapping

from executor.promises import Each, Later
from profiles.subscriptions import CategorySubscription as Chosen
from resolvers.context import Info
from resolvers.types.subscription import CategorySubscription, shape_subscription


def panel(info: Info) -> Each[list[CategorySubscription] | None]:
    chosen = info.context.loaders.category_subscriptions
    # An inactive category keeps its data and is not shown (ruling 11).
    active = [category for category in info.context.account.mailing_categories if category.is_active]

    def shaped(own: Mapping[str, Chosen]) -> list[CategorySubscription]:
        return [shape_subscription(category, own) for category in active]

    return lambda about: Later(chosen.ask(about.customer_id, None), shaped)
