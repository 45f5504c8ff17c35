"""Receipts, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.narrowing import NarrowedPage, Narrowing
from profiles.receipts import (
    BRIEF,
    BRIEF_ITEM,
    WHOLE,
    WHOLE_ITEM,
    ReceiptItemRow,
    ReceiptRow,
    items_of_receipts,
    latest_receipts,
    receipt_counts,
    receipts_by_id,
)
from profiles.storage.pages import Page
from profiles.storage.pairs import Pair
from profiles.storage.reads import Read


class LatestReceipts(Loader[int, NarrowedPage, Page[ReceiptRow]]):
    """Each customer's newest receipts, one page."""

    def read(self, ids: Sequence[int], arguments: NarrowedPage) -> Read[int, Page[ReceiptRow]]:
        cut = BRIEF if ReceiptRow in self.asking.brief else WHOLE
        return latest_receipts(self.asking.viewer, ids, arguments, cut)

    def missing(self, id: int) -> Page[ReceiptRow]:
        return Page.empty()


class ReceiptCount(Loader[int, Narrowing, int]):
    """How many receipts each customer has."""

    def read(self, ids: Sequence[int], arguments: Narrowing) -> Read[int, int]:
        return receipt_counts(self.asking.viewer, ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class ReceiptById(Loader[Pair, None, ReceiptRow | None]):
    """Single receipts."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, ReceiptRow | None]:
        return receipts_by_id(self.asking.viewer, ids)

    def missing(self, id: Pair) -> ReceiptRow | None:
        return None


class ItemsOfReceipt(Loader[Pair, None, tuple[ReceiptItemRow, ...]]):
    """The lines of each receipt."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, tuple[ReceiptItemRow, ...]]:
        cut = BRIEF_ITEM if ReceiptItemRow in self.asking.brief else WHOLE_ITEM
        return items_of_receipts(self.asking.viewer, ids, cut)

    def missing(self, id: Pair) -> tuple[ReceiptItemRow, ...]:
        return ()
