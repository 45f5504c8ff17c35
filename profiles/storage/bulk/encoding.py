"""Encoding: Python values as the drivers take them, and the drivers' rows as Python values."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Executable, Float, SelectBase
from sqlmodel import SQLModel

from profiles.columns import NAIVE, Instant
from profiles.storage.reads import DIALECTS, DialectName, Row, table

ROWS_PER_CALL = 20_000
"""Rows encoded and handed over at once, so that a large table never stands in memory twice."""

Encoder = Callable[[Any], Any]


class Target:
    """A table and some of its columns in one dialect: how their values are encoded, and what the others default to."""

    def __init__(self, model: type[SQLModel], columns: tuple[str, ...], dialect_name: DialectName) -> None:
        declared = table(model)
        dialect = DIALECTS[dialect_name]
        self.declared = declared
        self.table = str(declared.description)
        self.defaults = tuple(
            (name, field.default)
            for name, field in model.model_fields.items()
            if name not in columns and field.default is not None and not field.is_required()
        )
        self.columns = columns + tuple(name for name, _ in self.defaults)
        self.names = ", ".join(self.columns)
        self.places = {name: place for place, name in enumerate(columns)}
        encoders: list[tuple[int, Encoder]] = []
        instants: list[int] = []
        for position, name in enumerate(columns):
            encode = declared.c[name].type.dialect_impl(dialect).bind_processor(dialect)
            if encode is not None and isinstance(declared.c[name].type, Instant) and dialect_name == "postgresql":
                instants.append(position)
            elif encode is not None:
                encoders.append((position, encode))
        # The driver takes them as they are: looked at, but not put into rows anew, which would cost ten times as much.
        self._instants = tuple(instants)
        self._encoders = tuple(encoders)
        self._constants = tuple(value for _, value in self.defaults)

    def encoded(self, rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """The rows as the driver takes them. Raises ValueError for an instant without a time zone."""
        for position in self._instants:
            if any(moment is not None and moment.tzinfo is None for moment in map(itemgetter(position), rows)):
                raise ValueError(NAIVE)
        # Most columns of documents are empty; a look costs a tenth of taking the rows apart.
        encoders = [
            (position, encode) for position, encode in self._encoders if any(row[position] is not None for row in rows)
        ]
        if not encoders and not self._constants:
            return rows
        return self._encode(rows, encoders)

    def _encode(
        self, rows: Iterable[Sequence[Any]], encoders: Sequence[tuple[int, Encoder]]
    ) -> Iterator[Sequence[Any]]:
        constants = self._constants
        for row in rows:
            values = [*row, *constants]
            for position, encode in encoders:
                if values[position] is not None:
                    values[position] = encode(values[position])
            yield values


@lru_cache(maxsize=256)
def target_of(model: type[SQLModel], columns: tuple[str, ...], dialect: DialectName) -> Target:
    """The table with these columns in a dialect."""
    return Target(model, columns, dialect)


class Compiled:
    """Any statement in one dialect, with positional arguments."""

    def __init__(self, statement: Executable, dialect_name: DialectName) -> None:
        assert isinstance(statement, ClauseElement)
        dialect = DIALECTS[dialect_name]
        self._compiled: Any = statement.compile(dialect=dialect)
        self._dialect = dialect
        self.sql = str(self._compiled)
        self.is_select = isinstance(statement, SelectBase)
        self._decoders: list[tuple[int, Encoder]] = []
        if isinstance(statement, SelectBase):
            for position, column in enumerate(statement.selected_columns):
                if isinstance(column.type, Float):
                    continue  # both drivers give floats, and asyncpg's processor wants to know the server's type
                decode = column.type.dialect_impl(dialect).result_processor(dialect, None)
                if decode is not None:
                    self._decoders.append((position, decode))

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Literals bring binds of their own, so both are merged."""
        values = {**self._compiled.params, **parameters}
        arguments = []
        for name in self._compiled.positiontup or ():
            encode = self._compiled.binds[name].type.dialect_impl(self._dialect).bind_processor(self._dialect)
            value = values[name]
            arguments.append(encode(value) if encode is not None else value)
        return arguments

    def decode(self, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """The driver's rows as plain tuples of Python values."""
        decoded = []
        for row in rows:
            values = list(row)
            for position, decode in self._decoders:
                if values[position] is not None:
                    values[position] = decode(values[position])
            decoded.append(tuple(values))
        return decoded


@lru_cache(maxsize=64)
def compiled(statement: Executable, dialect: DialectName) -> Compiled:
    """The statement in a dialect."""
    return Compiled(statement, dialect)


def batches(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows, so many at once as one call takes."""
    for start in itertools.count(0, ROWS_PER_CALL):
        if start >= len(rows):
            return
        yield rows[start : start + ROWS_PER_CALL]
