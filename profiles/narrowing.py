"""Narrowing a list of receipts or orders: by the beginning of a number, by status, store and time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam

from profiles.columns import Instant
from profiles.errors import BadRequest
from profiles.folding import folded
from profiles.storage.pages import MAX_FIRST, PageOf
from profiles.storage.reads import DialectName, among_ids, among_texts
from profiles.text import LIKE_ESCAPE, is_storable, like_prefix, search_key

Shape = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are wanted; None does not narrow, an empty tuple matches nothing (ruling 30).

    `begins` ignores case and accents; the time is from `since`, inclusive, to `until`, exclusive.
    """

    begins: str | None = None
    statuses: tuple[str, ...] | None = None
    store_ids: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def shape(self) -> Shape:
        """What the statement depends on: which of the parts are said."""
        return tuple(name for name in self.__dataclass_fields__ if getattr(self, name) is not None)

    def parameters(self) -> dict[str, Any]:
        """The values of the parts that are said."""
        said = {name: getattr(self, name) for name in self.shape}
        if self.begins is not None:
            said["begins"] = like_prefix(search_key(self.begins))
        if self.statuses is not None:
            said["statuses"] = [status for status in self.statuses if is_storable(status)]
        return said


def check_period(since: datetime | None, until: datetime | None) -> None:
    """Raises BadRequest where a filter's `from` is after its `to`: nothing could be found, which is hardly meant."""
    if since is not None and until is not None and since > until:
        raise BadRequest("`from` is after `to`.", ("filter", "from"))


@dataclass(frozen=True, slots=True)
class NarrowedPage:
    """Which page of a narrowed list."""

    narrowing: Narrowing
    page: PageOf

    @property
    def shape(self) -> tuple[Shape, bool]:
        """What the statement depends on: the narrowing's shape, and whether the page begins behind a cursor."""
        return self.narrowing.shape, self.page.after is not None

    def parameters(self, customer_ids: Sequence[int]) -> dict[str, Any]:
        """The parameters of the statement for these customers."""
        return self.page.parameters(customer_ids) | self.narrowing.parameters()


@lru_cache(maxsize=MAX_FIRST + 1)
def whole(page: PageOf) -> NarrowedPage:
    """A page of everything: the same object for the same page, so that it is hashed once."""
    return NarrowedPage(Narrowing(), page)


def conditions(dialect: DialectName, row: Any, shape: Shape, begins: str, time: str) -> list[ColumnElement[bool]]:
    """The SQL of a narrowing's shape over (aliased) columns; `begins` and `time` name the columns those parts mean."""
    parts: dict[str, Callable[[], ColumnElement[bool]]] = {
        "begins": lambda: folded(row[begins], row[f"{begins}_key"]).like(bindparam("begins"), escape=LIKE_ESCAPE),
        "statuses": lambda: among_texts(dialect, row.status, "statuses"),
        "store_ids": lambda: among_ids(dialect, row.store_id, "store_ids"),
        "since": lambda: row[time] >= bindparam("since", type_=Instant()),
        "until": lambda: row[time] < bindparam("until", type_=Instant()),
    }
    return [parts[name]() for name in shape]
