"""The panel of consents."""

from executor.promises import Each
from resolvers.context import Info
from resolvers.types.consent import Consent


def panel(info: Info) -> Each[list[Consent] | None]:
    consents = info.context.loaders.consents
    return lambda about: consents.ask(about.customer_id, None)
