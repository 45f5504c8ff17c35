"""The panel of metrics."""

from executor.promises import Each, Later
from profiles.metrics import Metrics, MetricsRow
from resolvers.context import Info
from resolvers.types.metrics import CustomerMetrics


def panel(info: Info) -> Each[CustomerMetrics | None]:
    context = info.context
    metrics = context.loaders.metrics_of

    def shaped(row: MetricsRow) -> CustomerMetrics:
        return CustomerMetrics(metrics=Metrics(row, context.account, context.moment.minute))

    return lambda about: Later(metrics.ask(about.customer_id, None), shaped)
