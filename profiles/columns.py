"""Column types that read the same through SQLAlchemy and through the bare driver, on SQLite and on PostgreSQL.

Hot reads bypass SQLAlchemy's result machinery, so every type here says itself how a value is written and read in each
dialect. There is no user-defined SQL type among them: a native enum could not travel inside a combined row.
"""

import json
import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NAIVE = "an instant needs a time zone"


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC. Raises ValueError for a naive moment: guessing its zone would be a silent lie."""
    if moment.tzinfo is None:
        raise ValueError(NAIVE)
    return (moment - EPOCH) // MICROSECOND


def to_seconds(moment: datetime) -> float:
    """Seconds since 1970 UTC, exact to the microsecond until the year 2242. The moment has a time zone."""
    return moment.timestamp()


def from_seconds(seconds: float) -> datetime:
    """The instant that `to_seconds` made seconds of, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def from_micros(micros: int) -> datetime:
    """The instant that many microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz on PostgreSQL, microseconds on SQLite (text would not sort across offsets)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return to_micros(value)
        if value.tzinfo is None:
            raise ValueError(NAIVE)
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return from_micros(value)
        # asyncpg's instants are in UTC, whatever the session's time zone: the wire has none.
        return cast(datetime, value)


class Day(TypeDecorator[date]):
    """A calendar day: date on PostgreSQL, ISO text on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Minor(TypeDecorator[int]):
    """An amount in the minor units of its currency (cents, yen, fils); never a float, never a decimal."""

    impl = BigInteger
    cache_ok = True


class Choice(TypeDecorator[StrEnum]):
    """One of an enum's values, kept as text; `profiles.tables` adds the CHECK."""

    impl = Text
    cache_ok = True

    def __init__(self, choices: type[StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.choices(value)


class Json(TypeDecorator[Any]):
    """A small document that is only ever read whole; text in both databases, so both return the same bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class IdList(TypeDecorator[Sequence[int]]):
    """Many ids as one parameter: a bigint array on PostgreSQL, a JSON array for json_each on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.dumps(list(value)) if dialect.name == "sqlite" else list(value)


class TextList(TypeDecorator[Sequence[str]]):
    """Many texts as one parameter: a text array on PostgreSQL, a JSON array for json_each on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text))

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.dumps(list(value)) if dialect.name == "sqlite" else list(value)


def packed_seconds(moments: Sequence[float]) -> bytes:
    """Many moments (`to_seconds`) as one value of a `binary` column, eight bytes each: a thousand datetimes would take
    half a millisecond to make."""
    return struct.pack(f"<{len(moments)}d", *moments)


def seconds_in(packed: bytes) -> tuple[float, ...]:
    """The moments that `packed_seconds` packed."""
    return struct.unpack(f"<{len(packed) // 8}d", packed)


def key(**extra: Any) -> Any:
    """A part of the primary key: a bigint that the application makes (no sequences: they do not shard)."""
    return Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}, **extra)


def reference(nullable: bool = False, **extra: Any) -> Any:
    """The bigint id of another row."""
    return Field(**_default(nullable), sa_type=BigInteger, nullable=nullable, **extra)


def instant(nullable: bool = False, **extra: Any) -> Any:
    """An `Instant` column."""
    return Field(**_default(nullable), sa_type=Instant, nullable=nullable, **extra)


def day(nullable: bool = False, **extra: Any) -> Any:
    """A `Day` column."""
    return Field(**_default(nullable), sa_type=Day, nullable=nullable, **extra)


def minor(nullable: bool = False, **extra: Any) -> Any:
    """A `Minor` column."""
    return Field(**_default(nullable), sa_type=Minor, nullable=nullable, **extra)


def text(nullable: bool = False, **extra: Any) -> Any:
    """A text column."""
    return Field(**_default(nullable), sa_type=Text, nullable=nullable, **extra)


def key_text(nullable: bool = False, **extra: Any) -> Any:
    """A text that searches and sorts compare: by its characters in both databases, not by a language's rules."""
    by_character = Text().with_variant(Text(collation="C"), "postgresql")
    return Field(**_default(nullable), sa_type=by_character, nullable=nullable, **extra)


def binary(**extra: Any) -> Any:
    """A column of bytes, which drivers and caches hand on as they are."""
    return Field(sa_type=LargeBinary, **extra)


def choice(choices: type[StrEnum], nullable: bool = False, **extra: Any) -> Any:
    """A `Choice` column. SQLModel hands `sa_type` to Column as it is, so an instance is fine here."""
    return Field(**_default(nullable), sa_type=Choice(choices), nullable=nullable, **extra)


def document(nullable: bool = False, **extra: Any) -> Any:
    """A `Json` column."""
    return Field(**_default(nullable), sa_type=Json, nullable=nullable, **extra)


def _default(nullable: bool) -> dict[str, Any]:
    return {"default": None} if nullable else {}
