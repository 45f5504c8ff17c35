"""The panel of tags, and the list of all tags."""

from collections.abc import Awaitable
from operator import attrgetter
from typing import Any

import strawberry

from profiles.listing import WHOLE_LIST, ListPage, name_place
from profiles.storage.pages import checked_first
from resolvers.about import About
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.tag import Tag


def panel(about: strawberry.Parent[About], info: Info) -> Awaitable[list[Tag] | None]:
    tags: Any = info.context.loaders.tags_of.ask(about.customer_id, None)
    return tags


def tags(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Tag] | None:
    loaders = info.context.loaders
    page = ListPage(search or None, checked_first(first), name_place(after))
    return Connection(
        load_page=lambda: loaders.tag_list.ask(WHOLE_LIST, page),
        load_count=lambda: loaders.tag_list_count.ask(WHOLE_LIST, page.search),
        node=attrgetter("row"),
    )
