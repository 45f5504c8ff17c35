"""Listing: small reference lists (segments, tags) by name, searched and paged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, collate, func, select, tuple_

from profiles.errors import BadCursor
from profiles.folding import folded
from profiles.storage.pages import Page, pack, unpack
from profiles.storage.reads import Build, DialectName, Read, Row, shaped, table
from profiles.text import LIKE_ESCAPE, search_parameter

LIST_CURSOR = "n1"
WHOLE_LIST = 0
"""The key under which a list is read: it has no owner."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a row stands in a list by name: its folded name and its id."""

    key: str
    id: int

    def cursor(self) -> str:
        """The opaque cursor of this place."""
        return pack(LIST_CURSOR, self.key.encode().hex(), str(self.id))


def name_place(cursor: str | None) -> NamePlace | None:
    """The place that a cursor stands for. Raises BadCursor."""
    if cursor is None:
        return None
    key, id = unpack(cursor, LIST_CURSOR, 2)
    try:
        place = NamePlace(bytes.fromhex(key).decode(), int(id))
    except ValueError:
        raise BadCursor("This is not a cursor of this list.") from None
    if not 0 <= place.id < 2**63 or "\x00" in place.key:
        raise BadCursor("This is not a cursor of this list.")
    return place


@dataclass(frozen=True, slots=True)
class ListPage:
    """Which page of a list: the names that contain `search`, `first` of them after `after`."""

    search: str | None
    first: int
    after: NamePlace | None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A row of a list, and where it stands."""

    row: T
    position: NamePlace


@dataclass(frozen=True, slots=True)
class NamedList(Generic[T]):
    """A table with `id`, `name` and a key column (`profiles.folding.stored_key` of the name), and what rows become."""

    model: Any
    key: str
    columns: tuple[str, ...]
    make: Callable[..., T]

    def page(self, page: ListPage) -> Read[int, Page[Listed[T]]]:
        """One page by name, under the key `WHOLE_LIST`."""
        parameters: dict[str, Any] = {"limit": page.first + 1} | search_parameter(page.search)
        if page.after is not None:
            parameters |= {"after_key": page.after.key, "after_id": page.after.id}

        def collect(rows: list[Row]) -> Mapping[int, Page[Listed[T]]]:
            found = tuple(Listed(self.make(*row[2:]), NamePlace(row[0], row[1])) for row in rows[: page.first])
            return {WHOLE_LIST: Page(found, len(rows) > page.first, page.after is not None)}

        statement = _page(self.model, self.key, self.columns, page.search is not None, page.after is not None)
        return Read(statement, parameters, collect)

    def count(self, search: str | None) -> Read[int, int]:
        """How many names contain `search`, under the key `WHOLE_LIST`."""
        counting = _count(self.model, self.key, search is not None)
        return Read(counting, search_parameter(search), lambda rows: {WHOLE_LIST: rows[0][0]})


def _key(dialect: DialectName, model: Any, key: str) -> ColumnElement[Any]:
    rows = table(model).c
    name = folded(rows.name, rows[key])
    return collate(name, "C") if dialect == "postgresql" else name


@shaped()
def _page(model: Any, key: str, columns: tuple[str, ...], is_searched: bool, is_positioned: bool) -> Build:
    def build(dialect: DialectName) -> Any:
        rows, name = table(model).c, _key(dialect, model, key)
        query = select(name, rows.id, *(rows[column] for column in columns))
        if is_searched:
            query = query.where(name.like(bindparam("search", type_=Text()), escape=LIKE_ESCAPE))
        if is_positioned:
            after = tuple_(bindparam("after_key", type_=Text()), bindparam("after_id", type_=BigInteger()))
            query = query.where(tuple_(name, rows.id) > after)
        return query.order_by(name, rows.id).limit(bindparam("limit"))

    return build


@shaped()
def _count(model: Any, key: str, is_searched: bool) -> Build:
    def build(dialect: DialectName) -> Any:
        query = select(func.count(table(model).c.id))
        if is_searched:
            query = query.where(_key(dialect, model, key).like(bindparam("search", type_=Text()), escape=LIKE_ESCAPE))
        return query

    return build
