"""The panel of notes."""

import strawberry

from profiles.notes import NoteRow, NotesPage
from resolvers.about import About, page_arguments
from resolvers.arguments import After, First, Search
from resolvers.context import Info
from resolvers.types.connection import Connection
from resolvers.types.note import Note, shape_note


def panel(
    about: strawberry.Parent[About], info: Info, search: Search = None, first: First = 20, after: After = None
) -> Connection[Note] | None:
    loaders, viewer = info.context.loaders, info.context.viewer
    size, position = page_arguments(first, after)
    page = NotesPage(search or None, size, position)

    def shape(row: NoteRow) -> Note:
        return shape_note(row, viewer)

    return Connection(
        load_page=lambda: loaders.latest_notes.ask(about.customer_id, page),
        load_count=lambda: loaders.note_count.ask(about.customer_id, page.search),
        shape=shape,
    )
