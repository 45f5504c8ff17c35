"""Keeping: what comes back from bytes is what went in, and every read that is to be kept can be."""

import inspect
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from loaders import Loaders
from loaders.base import Asking, Loader
from loaders.tick import Costs, Tick
from profiles.account import load_account
from profiles.affinities.reading import AffinitiesOf
from profiles.contacts import Channel
from profiles.customers import IdentifierKind
from profiles.interests.reading import InterestsOf
from profiles.moment import Moment
from profiles.narrowing import NarrowedPage, Narrowing
from profiles.storage.keeping import LONGEST_ENTRY_BYTES, packed, unpacked
from profiles.storage.memory import Memory
from profiles.storage.pages import PageOf, SearchedPage
from profiles.storage.reads import Read
from profiles.timeline.filtering import EventFilter
from profiles.timeline.reading import EventPage
from profiles.viewer import SYSTEM

MOMENT = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
KINDS = tuple(
    kind | None for kind in (int, datetime, date, Channel, dict[str, Any] | list[Any] | str | int | float | bool, float)
)
ROWS: list[tuple[Any, ...]] = [
    (2**63 - 1, MOMENT, date(2026, 5, 6), Channel.EMAIL, {"a": [1, 1.5, None, True, "ß"]}, 0.1),
    (-(2**63), datetime(1, 1, 1, tzinfo=UTC), date(9999, 12, 31), None, [], -0.0),
    (None, None, None, None, None, None),
]
PAGE = PageOf(3, None)
ARGUMENTS: dict[str, Any] = {
    "BestRecommendations": 3,
    "CategoryChoices": "news",
    "CustomerByIdentifier": IdentifierKind.EMAIL,
    "EventCount": EventFilter(),
    "FavoriteProducts": 3,
    "FavoriteStores": 3,
    "LatestChanges": PAGE,
    "LatestEvents": EventPage(EventFilter(), PAGE),
    "LatestMailings": PAGE,
    "LatestNotes": SearchedPage(None, PAGE),
    "LatestOrders": NarrowedPage(Narrowing(), PAGE),
    "LatestPolls": PAGE,
    "LatestPromoCodes": PAGE,
    "LatestPurchasedProducts": SearchedPage("tea", PAGE),
    "LatestReceipts": NarrowedPage(Narrowing(), PAGE),
    "Memberships": True,
    "OrderCount": Narrowing(),
    "ReceiptCount": Narrowing(),
    "RecentlyViewed": 3,
    "SessionActions": PAGE,
    "StrongestAffinities": AffinitiesOf(("category", "store"), 3),
    "StrongestInterests": InterestsOf(3, True),
}
"""What the loaders are asked with, where that is not None."""
NEVER_KEPT = {
    "CategoryList",
    "CategoryListCount",
    "EveryBusinessUnit",
    "EverySource",
    "FewAsTyped",
    "FoundCount",
    "FoundCustomers",
    "FoundSums",
    "MailingList",
    "MailingListCount",
    "PollList",
    "PollListCount",
    "ProductList",
    "ProductListCount",
    "SegmentList",
    "SegmentListCount",
    "SourcesOf",
    "StoreList",
    "StoreListCount",
    "TagList",
    "TagListCount",
    "TargetAudienceList",
    "TargetAudienceListCount",
}
"""Lists of whoever fits, whole lists, and a customer's sources: any event changes when those were last heard of."""


def test_rows_come_back_equal_and_of_the_same_types() -> None:
    entry = packed(ROWS, 3, 4)
    assert entry is not None
    back = unpacked(entry, KINDS, 3, 4)
    assert back == ROWS
    assert [[type(value) for value in row] for row in back] == [[type(value) for value in row] for row in ROWS]


@pytest.mark.parametrize(("generation", "account"), [(2, 4), (4, 4), (3, 3), (3, 5), (-3, 4)])
def test_rows_of_another_generation_are_none(generation: int, account: int) -> None:
    entry = packed(ROWS, 3, 4)
    assert entry is not None
    assert unpacked(entry, KINDS, generation, account) is None


def test_no_rows_are_kept_as_such() -> None:
    entry = packed([], 3, 4)
    assert entry is not None
    assert unpacked(entry, KINDS, 3, 4) == []


def test_rows_of_other_types_are_none() -> None:
    entry = packed([("text",)], 3, 4)
    assert entry is not None
    assert unpacked(entry, (int | None,), 3, 4) is None
    assert unpacked(entry, (str | None, str | None), 3, 4) is None


@pytest.mark.parametrize("rows", [[(2**70,)], [(object(),)], [("x" * LONGEST_ENTRY_BYTES,)]])
def test_what_cannot_be_kept_is_not(rows: list[tuple[Any, ...]]) -> None:
    assert packed(rows, 3, 4) is None


def test_an_amount_never_comes_back_as_another_type() -> None:
    entry = packed([(Decimal("1.5"),)], 3, 4)
    assert entry is not None
    assert unpacked(entry, (float | None,), 3, 4) is None


async def reads() -> dict[str, Read[Any, Any]]:
    """The read of every loader."""
    moment = Moment(MOMENT)
    loaders = Loaders(Tick(None, Costs()), Asking(SYSTEM, load_account(), moment))  # type: ignore[arg-type]
    found: dict[str, Read[Any, Any]] = {}
    for name, _ in inspect.getmembers(Loaders, lambda each: type(each).__name__ == "loader"):
        made: Loader[Any, Any, Any] = getattr(loaders, name)
        kind = type(made).__name__
        if kind in NEVER_KEPT:
            continue
        by_pair = "tuple" in str(inspect.signature(made.read).parameters["ids"].annotation)
        ids: list[Any] = [(1, 2)] if by_pair else ["one"] if kind == "CustomerByIdentifier" else [1]
        found[kind] = made.read(ids, ARGUMENTS.get(kind))
    return found


async def test_every_read_of_a_customer_can_be_kept_and_none_has_the_name_of_another(dialect: str) -> None:
    names: dict[str, str] = {}
    for kind, read in (await reads()).items():
        assert read.kept is not None, kind
        described = read.statement.described(dialect)  # type: ignore[arg-type]
        assert described.kinds is not None, kind
        names[kind] = read.kept.name(described, read.parameters)
    assert len(set(names.values())) == len(names)
    assert len(names) > 30


async def test_whatever_is_asked_beside_the_keys_is_another_name(dialect: str) -> None:
    def name(read: Read[Any, Any]) -> str:
        assert read.kept is not None
        return read.kept.name(read.statement.described(dialect), read.parameters)  # type: ignore[arg-type]

    moment = Moment(MOMENT)
    loaders = Loaders(Tick(None, Costs()), Asking(SYSTEM, load_account(), moment))  # type: ignore[arg-type]
    events = loaders.latest_events
    asked = [
        EventPage(EventFilter(types=types), PageOf(first, None)) for types in (None, ("a",), ("b",)) for first in (3, 4)
    ]
    assert len({name(events.read([1], each)) for each in asked}) == len(asked)
    assert name(events.read([1], asked[0])) == name(events.read([2, 3], asked[0]))
    spans = [InterestsOf(3, include) for include in (True, False)]
    assert len({name(loaders.strongest_interests.read([1], each)) for each in spans}) == 2


def test_the_memory_is_bounded_and_forgets_what_was_not_asked_for_longest() -> None:
    memory = Memory(limit_bytes=1_000)
    for name in ("a", "b"):
        memory.put(1, name, b"x" * 100, 60)
    assert memory.get(1, "a") == b"x" * 100
    for name in ("c", "d"):
        memory.put(1, name, b"x" * 150, 60)
    assert [memory.get(1, name) is not None for name in "abcd"] == [False, False, True, True]
    memory.put(2, "huge", b"x" * 2_000, 60)
    assert memory.get(2, "huge") is None
    assert memory.get(1, "d") is None


def test_nothing_outlives_its_time() -> None:
    moment = 0.0
    memory = Memory(clock=lambda: moment)
    memory.put(1, "a", b"x", 60)
    moment = 59.9
    assert memory.get(1, "a") == b"x"
    moment = 60.0
    assert memory.get(1, "a") is None
