"""Promo codes, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.promo_codes import PromoCodeRow, latest_promo_codes, promo_code_counts
from profiles.storage.pages import Page, PageOf
from profiles.storage.reads import Read


class LatestPromoCodes(Loader[int, PageOf, Page[PromoCodeRow]]):
    """Each customer's newest promo codes, one page."""

    def read(self, ids: Sequence[int], arguments: PageOf) -> Read[int, Page[PromoCodeRow]]:
        return latest_promo_codes(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> Page[PromoCodeRow]:
        return Page.empty()


class PromoCodeCount(Loader[int, None, int]):
    """How many codes were issued to each customer."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, int]:
        return promo_code_counts(self.asking.viewer, ids)

    def missing(self, id: int) -> int:
        return 0
