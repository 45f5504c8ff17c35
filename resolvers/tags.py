"""The panel of tags, and the list of all tags."""

from collections.abc import Awaitable

import strawberry

from profiles.listing import WHOLE_LIST, Listed, ListPage, name_place
from profiles.storage.pages import checked_first
from profiles.tags import TagRow
from resolvers.about import About
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.tag import Tag, shape_tag


def panel(about: strawberry.Parent[About], info: Info) -> Awaitable[list[Tag] | None]:
    return _shaped(info.context.loaders.tags_of.ask(about.customer_id, None))


async def _shaped(loading: Awaitable[tuple[TagRow, ...]]) -> list[Tag]:
    return [shape_tag(row) for row in await loading]


def tags(info: Info, search: Search = None, first: First = 20, after: After = None) -> Connection[Tag] | None:
    loaders = info.context.loaders
    page = ListPage(search or None, checked_first(first), name_place(after))

    def shape(listed: Listed[TagRow]) -> Tag:
        return shape_tag(listed.row)

    return Connection(
        load_page=lambda: loaders.tag_list.ask(WHOLE_LIST, page),
        load_count=lambda: loaders.tag_list_count.ask(WHOLE_LIST, page.search),
        shape=shape,
    )
