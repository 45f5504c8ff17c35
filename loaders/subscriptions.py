"""Subscription choices, batched."""

from collections.abc import Mapping, Sequence

from loaders.base import Loader
from profiles.contacts import Channel
from profiles.reachability import CategoryChoice
from profiles.storage.reads import Read
from profiles.subscriptions import category_choices, channel_choices


class ChannelChoices(Loader[int, None, Mapping[Channel, bool]]):
    """Which channels each customer wants."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Mapping[Channel, bool]]:
        return channel_choices(self.asking.viewer, ids)

    def missing(self, id: int) -> Mapping[Channel, bool]:
        return {}


class CategoryChoices(Loader[int, str, CategoryChoice]):
    """What each customer chose for one mailing category (the argument: its key)."""

    def read(self, ids: Sequence[int], arguments: str) -> Read[int, CategoryChoice]:
        return category_choices(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> CategoryChoice:
        return CategoryChoice()
