"""The panel of loyalty."""

from executor.promises import Each
from resolvers.context import Info
from resolvers.types.loyalty import LoyaltyBalance


def panel(info: Info) -> Each[LoyaltyBalance | None]:
    balances = info.context.loaders.balances
    return lambda about: balances.ask(about.customer_id, None)
