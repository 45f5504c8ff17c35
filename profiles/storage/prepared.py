"""Prepared statements: SQL text for one dialect with the conversions at both ends, alone or several as one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

import orjson
from sqlalchemy import Float, LargeBinary, Select, Text, TypeDecorator
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine

from profiles.columns import Choice, Day, Instant, Json, from_micros

DialectName = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]

DIALECTS: Mapping[DialectName, Dialect] = {"sqlite": SQLiteDialect_pysqlite(), "postgresql": PGDialect_asyncpg()}  # type: ignore[no-untyped-call]
KEPT_COMBINATIONS = 256


class _ForOneKey(str):
    """A dialect's name that also says: the statement is about one key."""


FOR_ONE_KEY: DialectName = cast(DialectName, _ForOneKey("postgresql"))
"""PostgreSQL, as a builder gets it for the form of its statement that is about one key. It equals "postgresql", so most
builders need not know; `among_ids`, `newest` and `by_pairs` ask `is_for_one_key` and leave arrays and LATERAL out."""


def is_for_one_key(dialect: DialectName) -> bool:
    """Whether a builder is asked for the form about one key."""
    return isinstance(dialect, _ForOneKey)


class Only(TypeDecorator[Any]):
    """A parameter that is given many keys of which it takes the only one."""

    impl = Text
    cache_ok = True

    def __init__(self, key: TypeEngine[Any]) -> None:
        super().__init__()
        self.key = key

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(self.key)

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        return None if value is None else value[0]


ONLY = "only_"
"""Before the name of a parameter of many keys: the parameter that takes the only one of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """SQL text for one dialect, with the order of its parameters and the conversions at both ends.

    `is_planned_by_values` as in `Statement`.
    """

    sql: str
    takers: tuple[Callable[[Mapping[str, Any]], Any], ...]
    decoders: tuple[tuple[int, Convert], ...]
    is_planned_by_values: bool = False

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The driver's positional arguments. Raises KeyError where a parameter is missing."""
        return [take(parameters) for take in self.takers]

    def decode(self, rows: Sequence[Any]) -> list[Row]:
        """The driver's rows as plain tuples of Python values."""
        if not self.decoders:
            return [tuple(row) for row in rows]
        return self._converted(rows)

    def decode_tuples(self, rows: list[Row]) -> list[Row]:
        """As `decode`, for rows that are tuples already: without anything to convert they stay as they are."""
        return self._converted(rows) if self.decoders else rows

    def _converted(self, rows: Sequence[Any]) -> list[Row]:
        decoded = []
        for row in rows:
            values = list(row)
            for position, convert in self.decoders:
                if values[position] is not None:
                    values[position] = convert(values[position])
            decoded.append(tuple(values))
        return decoded


def prepare(statement: Select[Any], dialect_name: DialectName, is_planned_by_values: bool = False) -> Prepared:
    """Compiles a statement for a dialect, with positional parameters."""
    dialect = DIALECTS[dialect_name]
    compiled = statement.compile(dialect=dialect)
    takers = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        encode = bind.type.dialect_impl(dialect).bind_processor(dialect)
        given = name.removeprefix(ONLY) if isinstance(bind.type, Only) else name
        # A parameter that the read must give has no value here: forgetting it is an error and not a NULL. LIMIT and
        # literals bring binds of their own, which have one.
        fixed = () if bind.required else (compiled.params[name],)
        takers.append(_taker(given, encode, fixed))
    decoders = []
    for position, column in enumerate(statement.selected_columns):
        convert = _decoder(column.type, dialect)
        if convert is not None:
            decoders.append((position, convert))
    return Prepared(str(compiled), tuple(takers), tuple(decoders), is_planned_by_values)


def _taker(name: str, encode: Convert | None, fixed: tuple[Any, ...]) -> Callable[[Mapping[str, Any]], Any]:
    """How one argument is taken from the parameters of a read."""
    if fixed:
        default = fixed[0]
        if encode is None:
            return lambda parameters: parameters.get(name, default)
        return lambda parameters: encode(parameters.get(name, default))
    if encode is None:
        return lambda parameters: parameters[name]
    return lambda parameters: encode(parameters[name])


def _decoder(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """How a value of the driver becomes one of ours; None where it is one already."""
    if isinstance(type, Float | LargeBinary):
        # Both drivers give floats and bytes; asyncpg's conversion of a float would ask for its type on the wire.
        return None
    if isinstance(type, Choice):
        return {choice.value: choice for choice in type.choices}.__getitem__
    if isinstance(type, Json):
        return orjson.loads
    if dialect.name == "postgresql" and isinstance(type, Instant | Day):
        # asyncpg's instants are in UTC, whatever the session's time zone (its wire format has none), and its days days.
        return None
    if isinstance(type, Instant):
        return from_micros
    return type.dialect_impl(dialect).result_processor(dialect, None)


@dataclass(frozen=True, slots=True)
class Combined:
    """Several statements as one, whose only row has a list of rows for each of them."""

    sql: str
    parts: tuple[Prepared, ...]

    def decode(self, record: Sequence[Any]) -> list[list[Row] | Exception]:
        """The rows of each part, or why they cannot be read: that fails the part alone."""
        outcomes: list[list[Row] | Exception] = []
        for part, rows in zip(self.parts, record, strict=True):
            try:
                outcomes.append(part.decode_tuples(rows))
            except Exception as error:  # noqa: BLE001 - a row that cannot be read fails its own read alone
                outcomes.append(error)
        return outcomes


@lru_cache(maxsize=KEPT_COMBINATIONS)
def combined(parts: tuple[Prepared, ...]) -> Combined:
    """The statements (of PostgreSQL) as one; their arguments follow one another.

    Each parameter hides behind a sub-select, which the planner does not look into: the plan is the same whatever the
    values, so PostgreSQL keeps it. Otherwise it may find that plans made for the values look cheaper, and planning a
    dozen reads anew takes longer than running them.
    """
    columns, first = [], 0
    for part in parts:
        columns.append(f"array(SELECT row(q.*) FROM ({_renumbered(part.sql, first)}) AS q)")
        first += len(part.takers)
    return Combined("SELECT " + ",\n".join(columns), parts)


_LIMIT = re.compile(r"LIMIT \$(\d+)")
_PARAMETER = re.compile(r"\$(\d+)(::(?:TIMESTAMP WITH TIME ZONE|DOUBLE PRECISION|[A-Z]+)(?:\[\])?)?")


def _renumbered(sql: str, first: int) -> str:
    # The driver learns a parameter's type from where it stands; inside a sub-select a LIMIT has to say it.
    sql = _LIMIT.sub(r"LIMIT $\1::BIGINT", sql)

    def hidden(found: re.Match[str]) -> str:
        cast = found[2] or ""
        return f"(SELECT ${int(found[1]) + first}{cast}){cast}"

    return _PARAMETER.sub(hidden, sql)
