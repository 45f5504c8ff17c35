"""A read as a value: one statement compiled once per dialect, its parameters, and how its rows become a mapping."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Float,
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
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect

from profiles.columns import IdList, Instant, TextList

DialectName = Literal["sqlite", "postgresql"]
K = TypeVar("K")
V = TypeVar("V", covariant=True)
Row = tuple[Any, ...]
Build = Callable[[DialectName], Select[Any]]

DIALECTS: Mapping[DialectName, Dialect] = {"sqlite": SQLiteDialect_pysqlite(), "postgresql": PGDialect_asyncpg()}  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL text for one dialect, with the order of its parameters and the conversions at both ends."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    encoders: Mapping[str, Callable[[Any], Any]]
    decoders: tuple[tuple[int, Callable[[Any], Any]], ...]

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The driver's positional arguments. LIMIT and literals bring binds of their own: `fixed`."""
        merged = {**self.fixed, **parameters}
        encoders = self.encoders
        return [encoders[name](merged[name]) if name in encoders else merged[name] for name in self.names]

    def decode(self, rows: Sequence[Any]) -> list[Row]:
        """The driver's rows as plain tuples of Python values."""
        if not self.decoders:
            return [tuple(row) for row in rows]
        decoded = []
        for row in rows:
            values = list(row)
            for position, convert in self.decoders:
                if values[position] is not None:
                    values[position] = convert(values[position])
            decoded.append(tuple(values))
        return decoded


def prepare(statement: Select[Any], dialect_name: DialectName) -> Prepared:
    """Compiles a statement for a dialect, with positional parameters."""
    dialect = DIALECTS[dialect_name]
    compiled = statement.compile(dialect=dialect)
    names = tuple(compiled.positiontup or ())
    encoders: dict[str, Callable[[Any], Any]] = {}
    for name in names:
        process = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            encoders[name] = process
    decoders = []
    for position, column in enumerate(statement.selected_columns):
        if isinstance(column.type, Float):
            # A float is a float in both drivers; asyncpg's conversion would ask for its type on the wire.
            continue
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            decoders.append((position, convert))
    # A parameter that the read must give has no value here: forgetting it is an error and not a NULL.
    fixed = {name: compiled.params[name] for name in names if not compiled.binds[name].required}
    return Prepared(str(compiled), names, fixed, encoders, tuple(decoders))


class Statement:
    """A statement by the function that builds it; built and compiled at most once per dialect."""

    __slots__ = ("_build", "_prepared")

    def __init__(self, build: Build) -> None:
        self._build = build
        self._prepared: dict[DialectName, Prepared] = {}

    def on(self, dialect: DialectName) -> Prepared:
        """The compiled form for the dialect."""
        prepared = self._prepared.get(dialect)
        if prepared is None:
            prepared = self._prepared[dialect] = prepare(self._build(dialect), dialect)
        return prepared


def statement(build: Build) -> Statement:
    """Decorator: a function from dialect to Select becomes a Statement."""
    return Statement(build)


def shaped(maxsize: int = 256) -> Callable[[Callable[..., Build]], Callable[..., Statement]]:
    """Decorator: a function from a (hashable) shape to a builder becomes one that keeps a Statement per shape."""

    def wrap(make: Callable[..., Build]) -> Callable[..., Statement]:
        @lru_cache(maxsize=maxsize)
        def kept(*shape: Any) -> Statement:
            return Statement(make(*shape))

        return kept

    return wrap


@dataclass(frozen=True, slots=True)
class Read(Generic[K, V]):
    """One question about many keys. `collect` turns decoded rows into answers by key; a key without rows is absent."""

    statement: Statement
    parameters: Mapping[str, Any]
    collect: Callable[[list[Row]], Mapping[K, V]]


def among_ids(dialect: DialectName, column: ColumnElement[Any], parameter: str = "ids") -> ColumnElement[bool]:
    """`column = ANY(ids)`, the ids being one parameter, so that the SQL text does not depend on their number."""
    ids = bindparam(parameter, type_=IdList())
    if dialect == "postgresql":
        return column == any_of(ids)
    return column.in_(select(func.json_each(ids).table_valued("value").c.value))


def among_texts(dialect: DialectName, column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """`column = ANY(texts)`, the texts being one parameter."""
    texts = bindparam(parameter, type_=TextList())
    if dialect == "postgresql":
        return column == any_of(texts)
    return column.in_(select(func.json_each(texts).table_valued("value").c.value))


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
    """
    limit: BindParameter[int] = bindparam("limit")
    names = list(columns) if columns is not None else [column.name for column in table.c]

    def ordered(row: FromClause) -> list[UnaryExpression[Any]]:
        return [row.c[name].desc() if descending else row.c[name].asc() for name in order]

    def wanted(row: FromClause) -> list[ColumnElement[bool]]:
        behind = [before(*[row.c[name] for name in order])] if positioned else []
        return [*where(row.c), *behind]

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
