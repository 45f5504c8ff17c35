"""Parents: the rows that others refer to, looked for once per set of rows and not once per row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from typing import Any

from sqlalchemy import MetaData, Table

Key = tuple[Any, ...]


class UnknownParent(Exception):
    """Rows refer to a row that is not there; nothing was inserted."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: the columns that refer, and what they refer to. Every key of ours is of bigints."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]

    def keys_in(self, columns: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> list[Key]:
        """The different keys that the rows refer to, each a tuple; a key with a null refers to nothing."""
        if not all(name in columns for name in self.columns):
            return []
        if len(self.columns) == 1:
            found = set(map(itemgetter(columns[self.columns[0]]), rows))
            found.discard(None)
            return [(value,) for value in found]
        pairs = set(map(itemgetter(*(columns[name] for name in self.columns)), rows))
        return list(compress(pairs, (None not in pair for pair in pairs)))

    def check(self, asked: int, found: int) -> None:
        """Raises UnknownParent where fewer parents were found than asked for."""
        if found != asked:
            raise UnknownParent(
                f"Rows of {self.child} break a foreign key: {asked - found} of the {asked} rows of {self.parent} "
                f"that they name in {', '.join(self.columns)} are not there."
            )


class Held:
    """The keys of the parents that one transaction inserted or found (and locked): nobody else can remove those before
    it ends."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, tuple[str, ...]], set[Key]] = {}

    def add(self, parent: Table, columns: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> None:
        """Remembers these rows, all of them inserted, where others may refer to them."""
        if parent in _parents(parent.metadata):
            names = tuple(parent.primary_key.columns.keys())
            known = self._keys.setdefault((parent.name, names), set())
            known.update(zip(*(map(itemgetter(columns[name]), rows) for name in names), strict=True))

    def find(self, reference: Reference, keys: Iterable[Key]) -> None:
        """Remembers that these parents were looked for and are there."""
        self._keys.setdefault((reference.parent, reference.parent_columns), set()).update(keys)

    def others(self, reference: Reference, keys: Sequence[Key]) -> list[Key]:
        """Those of the keys that have still to be looked for."""
        known = self._keys.get((reference.parent, reference.parent_columns))
        return list(keys) if known is None else [key for key in keys if key not in known]


@lru_cache(maxsize=1)
def _parents(metadata: MetaData) -> frozenset[Table]:
    return frozenset(
        constraint.referred_table for table in metadata.tables.values() for constraint in table.foreign_key_constraints
    )


@lru_cache(maxsize=128)
def references(child: Table) -> tuple[Reference, ...]:
    """The foreign keys of a table."""
    return tuple(
        Reference(
            child=child.name,
            columns=tuple(element.parent.name for element in constraint.elements),
            parent=constraint.referred_table.name,
            parent_columns=tuple(element.column.name for element in constraint.elements),
        )
        for constraint in sorted(child.foreign_key_constraints, key=lambda found: tuple(found.column_keys))
    )
