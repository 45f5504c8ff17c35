"""Notes, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.notes import NoteRow, NotesPage, latest_notes, note_counts, notes_by_id
from profiles.storage.pages import Page
from profiles.storage.reads import Read


class LatestNotes(Loader[int, NotesPage, Page[NoteRow]]):
    """Each customer's newest notes, one page."""

    def read(self, ids: Sequence[int], arguments: NotesPage) -> Read[int, Page[NoteRow]]:
        return latest_notes(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[NoteRow]:
        return Page.empty()


class NoteCount(Loader[int, str | None, int]):
    """How many notes each customer has."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return note_counts(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class NoteById(Loader[tuple[int, int], None, NoteRow | None]):
    """Single notes."""

    def read(self, ids: Sequence[tuple[int, int]], arguments: None) -> Read[tuple[int, int], NoteRow | None]:
        return notes_by_id(self.asking.viewer, ids)

    def missing(self, id: tuple[int, int]) -> NoteRow | None:
        return None
