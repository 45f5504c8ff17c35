"""The panel of metrics."""

from collections.abc import Awaitable

import strawberry

from profiles.metrics import Metrics, MetricsRow
from resolvers.about import About
from resolvers.context import Info
from resolvers.types.metrics import CustomerMetrics


def panel(about: strawberry.Parent[About], info: Info) -> Awaitable[CustomerMetrics | None]:
    return _shaped(info.context.loaders.metrics_of.ask(about.customer_id, None), about, info)


async def _shaped(loading: Awaitable[MetricsRow], about: About, info: Info) -> CustomerMetrics:
    context = info.context
    return CustomerMetrics(metrics=Metrics(await loading, context.account, context.moment.minute))
