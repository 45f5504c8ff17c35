"""Tags, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.listing import Listed, ListPage
from profiles.storage.pages import Page
from profiles.storage.reads import Read
from profiles.tags import TagRow, tag_list, tag_list_count, tags_by_id, tags_of


class TagsOf(Loader[int, None, tuple[TagRow, ...]]):
    """The tags each customer wears."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, tuple[TagRow, ...]]:
        return tags_of(self.asking.viewer, ids)

    def missing(self, id: int) -> tuple[TagRow, ...]:
        return ()


class TagById(Loader[int, None, TagRow | None]):
    """Single tags."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, TagRow | None]:
        return tags_by_id(self.asking.viewer, ids)

    def missing(self, id: int) -> TagRow | None:
        return None


class TagList(Loader[int, ListPage, Page[Listed[TagRow]]]):
    """All tags by name, one page."""

    def read(self, ids: Sequence[int], arguments: ListPage) -> Read[int, Page[Listed[TagRow]]]:
        return tag_list(self.asking.viewer, arguments)

    def missing(self, id: int) -> Page[Listed[TagRow]]:
        return Page.empty()


class TagListCount(Loader[int, str | None, int]):
    """How many tags there are."""

    def read(self, ids: Sequence[int], arguments: str | None) -> Read[int, int]:
        return tag_list_count(self.asking.viewer, arguments)

    def missing(self, id: int) -> int:
        return 0
