"""The panel of consents."""

from collections.abc import Awaitable

import strawberry

from profiles.consents import ConsentState
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.consent import Consent, shape_consent


async def _shaped(loading: Awaitable[tuple[ConsentState, ...]], info: Info) -> list[Consent]:
    return [shape_consent(state, info) for state in await loading]


def panel(about: strawberry.Parent[About], info: Info) -> Awaitable[list[Consent] | None]:
    return _shaped(info.context.loaders.consents.ask(about.customer_id, None), info)
