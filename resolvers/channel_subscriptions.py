"""The panel of subscriptions by channel."""

from executor.promises import Each, Later
from resolvers.context import Info
from resolvers.types.subscription import ChannelSubscription, shape_channels


def panel(info: Info) -> Each[list[ChannelSubscription] | None]:
    choices = info.context.loaders.channel_choices
    return lambda about: Later(choices.ask(about.customer_id, None), shape_channels)
