"""Views, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.storage.reads import Read
from profiles.views import Views, chosen_views


class ChosenViews(Loader[int, None, Views]):
    """The attributes that staff chose for the blocks of the screen."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Views]:
        return chosen_views(self.asking.viewer)

    def missing(self, id: int) -> Views:
        return {}
