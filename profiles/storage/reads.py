"""A read as a value: one statement compiled once per dialect, its parameters, and how its rows become a mapping."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Table,
    UnaryExpression,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy import any_ as any_of

from profiles.columns import IdList, Instant, TextList
from profiles.storage.keeping import Described, Kept, described
from profiles.storage.prepared import DIALECTS as DIALECTS
from profiles.storage.prepared import FOR_ONE_KEY, ONLY, Only, Prepared, is_for_one_key, prepare
from profiles.storage.prepared import DialectName as DialectName
from profiles.storage.prepared import Row as Row

K = TypeVar("K")
V = TypeVar("V", covariant=True)
Build = Callable[[DialectName], Select[Any]]
KEYS = ("ids", "customer_ids", "values")
"""The names of the parameters that hold the keys a read is about (of pairs: their customers)."""


class Statement:
    """A statement by the function that builds it; built and compiled at most once per dialect and form.

    A statement that `is_planned_by_values` gains from a plan made for the values (a prefix that an index can find, a
    filter that is rare or common), so they are not hidden from the planner.
    """

    __slots__ = ("_build", "_described", "_forms", "_is_planned_by_values")

    def __init__(self, build: Build, is_planned_by_values: bool = False) -> None:
        self._build = build
        self._is_planned_by_values = is_planned_by_values
        self._forms: dict[tuple[DialectName, bool], Prepared] = {}
        self._described: dict[DialectName, Described] = {}

    def on(self, dialect: DialectName, one_key: bool = False) -> Prepared:
        """The compiled form for the dialect; for `one_key` the shorter one that PostgreSQL has for a single key."""
        prepared = self._forms.get((dialect, one_key))
        if prepared is None:
            form = FOR_ONE_KEY if one_key and dialect == "postgresql" else dialect
            prepared = prepare(self._build(form), dialect, self._is_planned_by_values)
            self._forms[dialect, one_key] = prepared
        return prepared

    def described(self, dialect: DialectName) -> Described:
        """What is kept of its rows is kept under this; whichever form read them, the rows are the same."""
        known = self._described.get(dialect)
        if known is None:
            known = self._described[dialect] = described(self._build(dialect), DIALECTS[dialect])
        return known


def statement(build: Build) -> Statement:
    """Decorator: a function from dialect to Select becomes a Statement."""
    return Statement(build)


def shaped(
    maxsize: int = 256, is_planned_by_values: bool = False
) -> Callable[[Callable[..., Build]], Callable[..., Statement]]:
    """Decorator: a function from a (hashable) shape to a builder becomes one that keeps a Statement per shape."""

    def wrap(make: Callable[..., Build]) -> Callable[..., Statement]:
        @lru_cache(maxsize=maxsize)
        def kept(*shape: Any) -> Statement:
            return Statement(make(*shape), is_planned_by_values)

        return kept

    return wrap


@dataclass(frozen=True, slots=True)
class Read(Generic[K, V]):
    """One question about many keys. `collect` turns decoded rows into answers by key; a key without rows is absent.

    `kept` says how its rows may be kept for later; without it they never are. `stamps` are the places in a row of a
    customer's id and generation, where rows carry them.
    """

    statement: Statement
    parameters: Mapping[str, Any]
    collect: Callable[[list[Row]], Mapping[K, V]]
    kept: Kept | None = None
    stamps: tuple[int, int] | None = None

    def collected(self, outcome: list[Row] | Exception) -> Mapping[K, V] | Exception:
        """The answers in these rows; rows that make no answer fail their own read alone."""
        if isinstance(outcome, Exception):
            return outcome
        try:
            return self.collect(outcome)
        except Exception as error:  # noqa: BLE001 - as above
            return error

    @property
    def breadth(self) -> int:
        """How many keys it is about; pairs that are all one customer's are one, and so is a list of everything."""
        for name in KEYS:
            keys = self.parameters.get(name)
            if keys is not None:
                return 1 if name == "customer_ids" and len(set(keys)) == 1 else len(keys)
        return 1


def among_ids(dialect: DialectName, column: ColumnElement[Any], parameter: str = "ids") -> ColumnElement[bool]:
    """`column = ANY(ids)`, the ids being one parameter, so that the SQL text does not depend on their number."""
    if is_for_one_key(dialect) and parameter in KEYS:
        return is_only(column, parameter)
    ids = bindparam(parameter, type_=IdList())
    if dialect == "postgresql":
        return column == any_of(ids)
    return column.in_(select(func.json_each(ids).table_valued("value").c.value))


def among_texts(dialect: DialectName, column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """`column = ANY(texts)`, the texts being one parameter."""
    if is_for_one_key(dialect) and parameter in KEYS:
        return is_only(column, parameter)
    texts = bindparam(parameter, type_=TextList())
    if dialect == "postgresql":
        return column == any_of(texts)
    return column.in_(select(func.json_each(texts).table_valued("value").c.value))


def is_only(column: ColumnElement[Any], parameter: str = "ids") -> ColumnElement[bool]:
    """`column = id`, the id being the only one in a parameter of many: for the form about one key."""
    return column == bindparam(f"{ONLY}{parameter}", type_=Only(column.type))


def newest(
    dialect: DialectName,
    table: FromClause,
    *,
    order: Sequence[str],
    where: Callable[[Any], Sequence[ColumnElement[bool]]] = lambda _: (),
    columns: Sequence[str] | None = None,
    customers: FromClause,
    descending: bool = True,
    positioned: bool = False,
    owner: Sequence[str] = (),
) -> Select[Any]:
    """The newest rows of each of many customers: parameters `ids` and `limit`.

    Never a window over everything: PostgreSQL gets a LATERAL that also names the ids, so that a sharded database can
    prune; SQLite, which has no LATERAL, picks rowids per id. `order` names columns, the last unique, all descending (or
    all ascending: a rank). `where` gets the (aliased) columns. `positioned` begins behind a row, as `before` says; then
    `order` is a time and an id. Rows arrive by customer, in that order. `owner` names
    columns of the customers that precede the row's own; a customer without rows is then one row of nulls behind them.
    For one customer it is a plain select.
    """
    limit: BindParameter[int] = bindparam("limit")
    names = list(columns) if columns is not None else [column.name for column in table.c]

    def ordered(row: FromClause) -> list[UnaryExpression[Any]]:
        return [row.c[name].desc() if descending else row.c[name].asc() for name in order]

    def wanted(row: FromClause) -> list[ColumnElement[bool]]:
        behind = [before(*[row.c[name] for name in order])] if positioned else []
        return [*where(row.c), *behind]

    if is_for_one_key(dialect):
        row = table.alias("r")
        own = (
            select(*[row.c[name] for name in names])
            .where(is_only(row.c.customer_id), *wanted(row))
            .order_by(*ordered(row))
            .limit(limit)
        )
        if not owner:
            return own
        rows = own.subquery("page")
        return (
            select(*[customers.c[name] for name in owner], *[rows.c[name] for name in names])
            .select_from(customers.outerjoin(rows, true()))
            .where(is_only(customers.c.id))
            .order_by(*ordered(rows))
        )
    if dialect == "postgresql":
        row = table.alias("r")
        page = (
            select(*[row.c[name] for name in names])
            .where(row.c.customer_id == customers.c.id, among_ids(dialect, row.c.customer_id), *wanted(row))
            .order_by(*ordered(row))
            .limit(limit)
            .lateral("page")
        )
        return (
            select(*[customers.c[name] for name in owner], *[page.c[name] for name in names])
            .select_from(customers.join(page, true(), isouter=bool(owner)))
            .where(among_ids(dialect, customers.c.id))
            .order_by(page.c.customer_id, *ordered(page))
        )
    row, inner = table.alias("r"), table.alias("i")
    ids = func.json_each(bindparam("ids", type_=IdList())).table_valued("value").alias("k")
    rowids = (
        select(literal_column("i.rowid"))
        .select_from(inner)
        .where(inner.c.customer_id == ids.c.value, *wanted(inner))
        .order_by(*ordered(inner))
        .limit(limit)
        .correlate(ids)
        .scalar_subquery()
    )
    owners: FromClause = ids.join(customers, customers.c.id == ids.c.value) if owner else ids
    return (
        select(*[customers.c[name] for name in owner], *[row.c[name] for name in names])
        .select_from(owners.join(row, literal_column("r.rowid").in_(rowids), isouter=bool(owner)))
        .order_by(row.c.customer_id, *ordered(row))
    )


def before(time: ColumnElement[Any], id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Keyset paging, newest first: strictly after the row whose time and id are `after_time`, `after_id`."""
    return tuple_(time, id) < tuple_(bindparam("after_time", type_=Instant()), bindparam("after_id", type_=id.type))


def counted(
    dialect: DialectName,
    table: FromClause,
    where: Callable[[Any], Sequence[ColumnElement[bool]]] = lambda _: (),
) -> Select[Any]:
    """How many rows each of many customers has: (customer_id, count); a customer without rows is absent."""
    return (
        select(table.c.customer_id, func.count())
        .where(among_ids(dialect, table.c.customer_id), *where(table.c))
        .group_by(table.c.customer_id)
    )


def table(model: Any) -> Table:
    """The SQLAlchemy table behind a SQLModel class."""
    declared: Table = model.__table__
    return declared
