"""The field of kind: a contact has never purchased, a customer has (ruling 17)."""

from collections.abc import Awaitable

import strawberry

from profiles.metrics import MetricsRow
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.identity import CustomerKind


def kind(about: strawberry.Parent[About], info: Info) -> Awaitable[CustomerKind | None]:
    return _shaped(info.context.loaders.metrics_of.ask(about.customer_id, None))


async def _shaped(loading: Awaitable[MetricsRow]) -> CustomerKind:
    return (await loading).kind
