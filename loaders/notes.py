"""Notes, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.notes import NoteRow, latest_notes, note_counts, notes_by_id
from profiles.storage.pages import Page, SearchedPage
from profiles.storage.pairs import Pair
from profiles.storage.reads import Read


class LatestNotes(Loader[int, SearchedPage, Page[NoteRow]]):
    """Each customer's newest notes, one page."""

    def read(self, ids: Sequence[int], arguments: SearchedPage) -> Read[int, Page[NoteRow]]:
        return latest_notes(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[NoteRow]:
        return Page.empty()


class NoteCount(Loader[int, str | None, int]):
    """How many notes each customer has."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return note_counts(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class NoteById(Loader[Pair, None, NoteRow | None]):
    """Single notes."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, NoteRow | None]:
        return notes_by_id(self.asking.viewer, ids)

    def missing(self, id: Pair) -> NoteRow | None:
        return None
