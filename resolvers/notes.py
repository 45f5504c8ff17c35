"""The panel of notes."""

import strawberry

from profiles.storage.pages import SearchedPage
from resolvers.about import About
from resolvers.arguments import After, First, Search, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.note import Note


def panel(
    about: strawberry.Parent[About], info: Info, search: Search = None, first: First = 20, after: After = None
) -> Connection[Note] | None:
    loaders = info.context.loaders
    asked = SearchedPage(search or None, page_arguments(first, after))

    return Connection(
        load_page=lambda: loaders.latest_notes.ask(about.customer_id, asked),
        load_count=lambda: loaders.note_count.ask(about.customer_id, asked.search),
    )
