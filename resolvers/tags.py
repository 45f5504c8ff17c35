"""The panel of tags, and the list of all tags."""

from operator import attrgetter

from executor.promises import Each
from profiles.listing import WHOLE_LIST, ListPage, name_place
from profiles.storage.pages import checked_first
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.tag import Tag


def panel(info: Info) -> Each[list[Tag] | None]:
    tags = info.context.loaders.tags_of
    return lambda about: tags.ask(about.customer_id, None)


def tags(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Tag] | None:
    loaders = info.context.loaders
    page = ListPage(search or None, checked_first(first), name_place(after))
    return Connection(
        owner=WHOLE_LIST,
        pages=loaders.tag_list,
        asked=page,
        counts=loaders.tag_list_count,
        counted=page.search,
        node=attrgetter("row"),
    )
