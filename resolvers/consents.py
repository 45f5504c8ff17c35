"""The panel of consents."""

from collections.abc import Awaitable
from typing import Any

import strawberry

from resolvers.about import About
from resolvers.context import Info
from resolvers.types.consent import Consent


def panel(about: strawberry.Parent[About], info: Info) -> Awaitable[list[Consent] | None]:
    states: Any = info.context.loaders.consents.ask(about.customer_id, None)
    return states
