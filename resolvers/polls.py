"""The panel of polls, and the list of all polls."""

from executor.promises import Each
from resolvers.arguments import After, First, Search, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, named_list, of_customer
from resolvers.types.poll import Poll, PollParticipation


def panel(info: Info, first: First = 10, after: After = None) -> Each[Connection[PollParticipation] | None]:
    loaders, page = info.context.loaders, page_arguments(first, after)
    return of_customer(loaders.latest_polls, page, loaders.poll_count, None)


def polls(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Poll] | None:
    loaders = info.context.loaders
    return named_list(loaders.poll_list, loaders.poll_list_count, search, first, after)
