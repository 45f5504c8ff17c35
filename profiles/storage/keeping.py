"""Keeping: which rows of a read may be kept for later, whose they are key by key, and how they become bytes."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import Boolean, Float, Integer, LargeBinary, Select, String
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from profiles.columns import Choice, Day, Instant, Json

ACCOUNT = 0
"""The owner of what belongs to no customer: reference data. No customer has this id."""

LONGEST_ENTRY_BYTES = 65_536
"""What one key of one read may weigh; more is not kept: it would cost others their place."""

Row = tuple[Any, ...]
Kinds = tuple[Any, ...]
"""The Python type of each column of a statement."""

_STAMPS = struct.Struct(">qq")
_ENCODER = msgspec.msgpack.Encoder()


class Whose(Enum):
    """What the keys of a read are."""

    CUSTOMER = auto()
    PAIR = auto()
    """(customer id, other id)"""
    REFERENCE = auto()
    """ids of a reference table"""
    IDENTIFIER = auto()
    """values that open a customer; the rows are (value, customer id, the customer's generation)"""


_KEY_PARAMETERS: Mapping[Whose, tuple[str, ...]] = {
    Whose.CUSTOMER: ("ids",),
    Whose.PAIR: ("customer_ids", "other_ids", "pairs"),
    Whose.REFERENCE: ("ids",),
    Whose.IDENTIFIER: ("values",),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Says of a read that the rows of each of its keys may be kept until that customer's data (or, for reference data,
    the account's) changes.

    Whatever else the rows depend on, rights above all, must stand in the statement or its parameters: they are the name
    under which rows are kept. `clock` names the parameters that only say what time it is; the read must make up for an
    older one when it collects. A row begins with its key.
    """

    whose: Whose
    clock: tuple[str, ...] = ()

    def keys(self, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The keys that these parameters ask about."""
        keys: Sequence[Any] = parameters[_KEY_PARAMETERS[self.whose][-1]]
        return keys

    def narrowed(self, parameters: Mapping[str, Any], keys: Sequence[Any]) -> dict[str, Any]:
        """The parameters that ask the same about some of the keys."""
        if self.whose is not Whose.PAIR:
            return {**parameters, _KEY_PARAMETERS[self.whose][0]: keys}
        customer_ids, other_ids = zip(*keys, strict=True)
        return {**parameters, "customer_ids": customer_ids, "other_ids": other_ids, "pairs": keys}

    def key_of(self, row: Row) -> Any:
        """The key that a row belongs to."""
        return (row[0], row[1]) if self.whose is Whose.PAIR else row[0]

    def owner(self, key: Any) -> int:
        """Whose generation decides how long the key's rows are good: a customer's, or the account's."""
        if self.whose is Whose.CUSTOMER:
            owner: int = key
            return owner
        return int(key[0]) if self.whose is Whose.PAIR else ACCOUNT

    def field(self, name: str, key: Any) -> str:
        """The field under which its owner's hash keeps the key's rows."""
        match self.whose:
            case Whose.CUSTOMER:
                return name
            case Whose.PAIR:
                return f"{name}:{key[1]}"
            case Whose.REFERENCE:
                return f"{name}:{key}"
            case Whose.IDENTIFIER:
                # The value is personal data, which has no place in a name.
                return _digest(name.encode(), str(key).encode())

    def name(self, statement: "Described", parameters: Mapping[str, Any]) -> str:
        """The name of what the rows depend on beside their key: the statement and its parameters.

        Raises TypeError for a parameter that cannot be written down.
        """
        left_out = (*_KEY_PARAMETERS[self.whose], *self.clock)
        said = sorted((name, value) for name, value in parameters.items() if name not in left_out)
        return _digest(statement.digest, _ENCODER.encode(said))


BY_CUSTOMER = Kept(Whose.CUSTOMER)
BY_PAIR = Kept(Whose.PAIR)
BY_REFERENCE = Kept(Whose.REFERENCE)
BY_IDENTIFIER = Kept(Whose.IDENTIFIER)


@dataclass(frozen=True, slots=True)
class Described:
    """A statement as far as what is kept of it depends on it: a digest of its SQL with all its constants and of its
    columns' types, and those types; None where one is not known, and then its rows cannot be kept."""

    digest: bytes
    kinds: Kinds | None


def described(statement: Select[Any], dialect: Dialect) -> Described:
    """The description of a statement in a dialect."""
    compiled = statement.compile(dialect=dialect)
    kinds = [_kind(column.type) for column in statement.selected_columns]
    constants = sorted((name, repr(bind.value)) for name, bind in compiled.binds.items() if not bind.required)
    text = f"{compiled}\n{constants}\n{kinds}"
    known = None if None in kinds else tuple(kind | None for kind in kinds)
    return Described(blake2b(text.encode(), digest_size=16).digest(), known)


def _kind(type: TypeEngine[Any]) -> Any:
    match type:
        case Instant():
            return datetime
        case Day():
            return date
        case Choice():
            return type.choices
        case Json():
            return dict[str, Any] | list[Any] | str | int | float | bool
        case TypeDecorator():
            return _kind(type.impl_instance)
        case Boolean():
            return bool
        case Integer():
            return int
        case Float():
            return float
        case LargeBinary():
            return bytes
        case String():
            return str
    return None


def packed(rows: Sequence[Row], generation: int, account: int) -> bytes | None:
    """Rows with the generations that they were read at (or after); None where they are too many."""
    try:
        entry = _STAMPS.pack(generation, account) + _ENCODER.encode(rows)
    except (TypeError, OverflowError, struct.error):
        return None
    return entry if len(entry) <= LONGEST_ENTRY_BYTES else None


def unpacked(entry: bytes, kinds: Kinds, generation: int, account: int) -> list[Row] | None:
    """The rows, equal to what was packed; None where they are of other generations, or no rows at all."""
    if entry[: _STAMPS.size] != _STAMPS.pack(generation, account):
        return None
    try:
        rows: list[Row] = _decoder(kinds).decode(memoryview(entry)[_STAMPS.size :])
    except msgspec.DecodeError:
        return None
    return rows


@lru_cache(maxsize=512)
def _decoder(kinds: Kinds) -> "msgspec.msgpack.Decoder[Any]":
    return msgspec.msgpack.Decoder(list[tuple.__class_getitem__(kinds)])  # type: ignore[misc]  # a type made of values


def _digest(*parts: bytes) -> str:
    return blake2b(b"\n".join(parts), digest_size=16).hexdigest()
