"""Subscription choices, batched."""

from collections.abc import Mapping, Sequence

from loaders.base import Loader
from profiles.contacts import Channel
from profiles.reachability import CategoryChoice
from profiles.storage.reads import Read
from profiles.subscriptions import (
    CategorySubscription,
    Choice,
    category_choices,
    category_subscriptions,
    channel_choices,
)


class ChannelChoices(Loader[int, None, Mapping[Channel, Choice]]):
    """Which channels each customer wants."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Mapping[Channel, Choice]]:
        return channel_choices(self.asking.viewer, ids)

    def missing(self, id: int) -> Mapping[Channel, Choice]:
        return {}


class CategoryChoices(Loader[int, str, CategoryChoice]):
    """What each customer chose for one mailing category (the argument: its key)."""

    def read(self, ids: Sequence[int], arguments: str) -> Read[int, CategoryChoice]:
        return category_choices(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> CategoryChoice:
        return CategoryChoice()


class CategorySubscriptions(Loader[int, None, Mapping[str, CategorySubscription]]):
    """What each customer chose for every mailing category."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, Mapping[str, CategorySubscription]]:
        return category_subscriptions(self.asking.viewer, ids)

    def missing(self, id: int) -> Mapping[str, CategorySubscription]:
        return {}
