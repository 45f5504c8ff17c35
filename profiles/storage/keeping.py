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
from sqlalchemy import Boolean, Float, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from profiles.columns import Choice, Day, Instant, InstantList, Json

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

    def name(self, sql: str, kinds: Kinds, fixed: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
        """What the rows depend on beside their key: statement, types, parameters. Raises TypeError for a parameter that
        cannot be written down."""
        left_out = (*_KEY_PARAMETERS[self.whose], *self.clock)
        said = sorted((name, value) for name, value in {**fixed, **parameters}.items() if name not in left_out)
        return _digest(_text_digest(sql, kinds), _ENCODER.encode(said))


BY_CUSTOMER = Kept(Whose.CUSTOMER)
BY_PAIR = Kept(Whose.PAIR)
BY_REFERENCE = Kept(Whose.REFERENCE)
BY_IDENTIFIER = Kept(Whose.IDENTIFIER)


def kinds_of(types: Sequence[TypeEngine[Any]]) -> Kinds | None:
    """The Python type of each of these columns, or None where one is not known: such rows cannot be kept."""
    kinds = [_kind(type) for type in types]
    return tuple(kind | None for kind in kinds) if None not in kinds else None


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
        case InstantList():
            return list[datetime]
        case TypeDecorator():
            return _kind(type.impl_instance)
        case Boolean():
            return bool
        case Integer():
            return int
        case Float():
            return float
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


@lru_cache(maxsize=1024)
def _text_digest(sql: str, kinds: Kinds) -> bytes:
    return blake2b(f"{sql}\n{kinds!r}".encode(), digest_size=16).digest()


def _digest(*parts: bytes) -> str:
    return blake2b(b"\n".join(parts), digest_size=16).hexdigest()
