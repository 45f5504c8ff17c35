"""The panel of the life cycle."""

from executor.promises import Each, Later
from resolvers.context import Info
from resolvers.types.lifecycle import Lifecycle, shape_lifecycle


def panel(info: Info) -> Each[Lifecycle | None]:
    lives = info.context.loaders.lifecycle_of
    return lambda about: Later(lives.ask(about.customer_id, None), shape_lifecycle)
