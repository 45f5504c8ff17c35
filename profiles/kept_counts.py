"""Kept counts: how many rows a customer's lists have, counted by whoever writes them instead of by whoever asks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Delete, Insert, delete, event, func, insert, literal, select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from profiles.columns import key, reference, text
from profiles.customers import locked
from profiles.storage.adding import add_up
from profiles.storage.reads import Build, DialectName, among_ids, shaped, table

COUNTED: Mapping[str, str | None] = {
    "changes": "field",
    "mailing_participations": None,
    "notes": None,
    "orders": None,
    "poll_participations": None,
    "promo_codes": None,
    "receipts": None,
}
"""The tables whose rows are counted. A column here divides them into parts, by what it says before its first point:
rights decide by it which rows somebody sees."""

WHOLE = ""
"""The part of every row of a table that has none."""

COLUMNS = ("customer_id", "list_name", "part", "row_count")


class KeptCount(SQLModel, table=True):
    """How many rows of a table, or of one part of it, a customer has; where there is no row of this, none.

    Kept in the transaction of every write of such rows: by the unit of work, and by a load for the rows in its hand.
    """

    __tablename__ = "kept_counts"
    customer_id: int = key(foreign_key="customers.id")
    list_name: str = text(primary_key=True)
    part: str = text(primary_key=True)
    row_count: int = reference()


@shaped()
def counts_of(model: Any, hidden: tuple[str, ...] = ()) -> Build:
    """The rows (customer_id, count) of a counted table, without those of the hidden parts; parameter `ids`."""
    name, kept = table(model).name, table(KeptCount).c

    def build(dialect: DialectName) -> Any:
        of = [among_ids(dialect, kept.customer_id), kept.list_name == literal(name)]
        if COUNTED[name] is None:
            return select(kept.customer_id, kept.row_count).where(*of)
        total = func.sum(kept.row_count, type_=BigInteger()).cast(BigInteger())
        shown = [kept.part != literal(part) for part in hidden]
        return select(kept.customer_id, total).where(*of, *shown).group_by(kept.customer_id)

    return build


def counted_rows(name: str, rows: Iterable[tuple[int, Any]]) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS` for these rows of a table (the customer, and the column that divides them), of customers
    who have no others."""
    counts = Counter((customer_id, _part(name, value)) for customer_id, value in rows)
    return [(customer_id, name, part, count) for (customer_id, part), count in counts.items()]


async def recount_rows(
    run: Any, dialect: DialectName, customer_ids: Sequence[int], names: Iterable[str] = COUNTED
) -> None:
    """Counts the rows of these customers anew, who are locked by it until the transaction ends."""
    if customer_ids:
        ids = {"ids": list(customer_ids)}
        await run.execute(locked(dialect), ids)
        for name in sorted(names):
            for statement in _recounted(dialect, name):
                await run.execute(statement, ids)


class RowsWritten:
    """What a session writes of counted rows: it sees those that are flushed."""

    def __init__(self, session: Session) -> None:
        self._changes: Counter[tuple[int, str, str]] = Counter()
        self._session = session
        event.listen(session, "after_flush", lambda *_: self._see())

    async def keep(self, run: Any, dialect: DialectName) -> None:
        """Brings the counts up to what was flushed since the last time."""
        changes, self._changes = self._changes, Counter()
        await add_up(run, dialect, KeptCount, changes)

    def _see(self) -> None:
        for rows, change in ((self._session.new, 1), (self._session.deleted, -1)):
            for row in rows:
                name = row.__tablename__
                if name in COUNTED:
                    by = COUNTED[name]
                    self._changes[row.customer_id, name, _part(name, by and getattr(row, by))] += change


def _part(name: str, value: Any) -> str:
    return WHOLE if COUNTED[name] is None else str(value).partition(".")[0]


@lru_cache(maxsize=32)
def _recounted(dialect: DialectName, name: str) -> tuple[Delete, Insert]:
    kept, rows, by = table(KeptCount), SQLModel.metadata.tables[name].c, COUNTED[name]
    part: ColumnElement[str] = literal(WHOLE) if by is None else _before_the_point(dialect, rows[by])
    # The part has a name: a bound value that is repeated would count as another expression to group by.
    each = select(rows.customer_id, part.label("part")).where(among_ids(dialect, rows.customer_id)).subquery("each")
    counts = select(each.c.customer_id, literal(name), each.c.part, func.count()).group_by(
        each.c.customer_id, each.c.part
    )
    return (
        delete(kept).where(among_ids(dialect, kept.c.customer_id), kept.c.list_name == literal(name)),
        insert(kept).from_select(list(COLUMNS), counts, include_defaults=False),
    )


def _before_the_point(dialect: DialectName, column: ColumnElement[str]) -> ColumnElement[str]:
    if dialect == "postgresql":
        return func.split_part(column, ".", 1)
    return func.substr(column, 1, func.instr(column.concat("."), ".") - 1)
