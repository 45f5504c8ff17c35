"""The panel of notes."""

from executor.promises import Each
from profiles.storage.pages import SearchedPage
from resolvers.arguments import After, First, Search, page_arguments
from resolvers.context import Info
from resolvers.types.connection import Connection, of_customer
from resolvers.types.note import Note


def panel(info: Info, search: Search = None, first: First = 20, after: After = None) -> Each[Connection[Note] | None]:
    loaders = info.context.loaders
    asked = SearchedPage(search or None, page_arguments(first, after))
    return of_customer(loaders.latest_notes, asked, loaders.note_count, asked.search)
