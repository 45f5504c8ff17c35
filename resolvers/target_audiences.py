"""The panel of target audiences, and the list of all of them."""

from executor.promises import Each
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection, named_list
from resolvers.types.target_audience import TargetAudience


def panel(info: Info) -> Each[list[TargetAudience] | None]:
    audiences = info.context.loaders.target_audiences_of
    return lambda about: audiences.ask(about.customer_id, None)


def target_audiences(
    info: Info, search: Search = None, first: First = 20, after: After = None
) -> Connection[TargetAudience] | None:
    loaders = info.context.loaders
    return named_list(loaders.target_audience_list, loaders.target_audience_list_count, search, first, after)
