"""Loyalty, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.loyalty import LoyaltyBalance
from profiles.loyalty.reading import balances_of
from profiles.storage.reads import Read


class Balances(Loader[int, None, LoyaltyBalance | None]):
    """Each customer's bonuses and points."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, LoyaltyBalance | None]:
        asking = self.asking
        return balances_of(asking.viewer, asking.account, asking.moment, ids)

    def missing(self, id: int) -> LoyaltyBalance | None:
        return None
