"""Loading: what a connection for loading can do, on either database."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlmodel import SQLModel

from profiles.storage.reads import DialectName, Row


class Bulk(Protocol):
    """One open transaction on one connection. It commits when its block ends well, else nothing of it remains."""

    dialect: DialectName

    async def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        """Inserts the rows that break no unique rule; gives how many were really inserted.

        Values are Python values in the order of `columns` (aware datetimes, dates, StrEnums, dicts and lists for
        documents); a column that is not named gets the model's default. Foreign keys are checked: parents come first.
        """
        ...

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Runs one statement; gives its rows, decoded, where it is a SELECT, else an empty list."""
        ...


class Loader(Protocol):
    """A connection for loading."""

    dialect: DialectName

    def transaction(self, keys_in_sets: bool = False, part: str | None = None) -> AbstractAsyncContextManager[Bulk]:
        """One transaction. It holds the load's lock: two loads at once take turns, transaction by transaction.

        With `part`, the name of what is loaded, it takes turns with others of that name and with those without a name
        alone: on PostgreSQL a load has two such transactions at once. Parts must not load rows of the same customers.

        The database looks for the parents of each row by itself; that costs three quarters of a large load. With
        `keys_in_sets`, `insert` looks for all different parents of its rows with one question each, before it inserts
        (and on PostgreSQL locks them, as the database would), and raises UnknownParent. Then statements given to
        `execute` must keep the foreign keys by what they say: the database does not look after them. Where PostgreSQL
        does not let the role choose, or where tables have triggers of somebody's own, it goes on checking row by row.
        """
        ...

    async def analyze(self) -> None:
        """Tells the planner what the tables hold now; after a large load the old statistics mislead it."""
        ...
