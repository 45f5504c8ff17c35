"""The panel of changes."""

from executor.promises import Each
from resolvers.arguments import After, First, page_arguments
from resolvers.context import Info
from resolvers.types.change import Change
from resolvers.types.connection import Connection, of_customer


def panel(info: Info, first: First = 20, after: After = None) -> Each[Connection[Change] | None]:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return of_customer(loaders.latest_changes, page, loaders.change_count, None)
