"""The panel of tags, and the list of all tags."""

from executor.promises import Each
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection, named_list
from resolvers.types.tag import Tag


def panel(info: Info) -> Each[list[Tag] | None]:
    tags = info.context.loaders.tags_of
    return lambda about: tags.ask(about.customer_id, None)


def tags(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Tag] | None:
    loaders = info.context.loaders
    return named_list(loaders.tag_list, loaders.tag_list_count, search, first, after)
