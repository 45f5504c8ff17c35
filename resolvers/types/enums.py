"""How a domain enum becomes a schema enum, with a sentence for each of its values."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import strawberry

E = TypeVar("E", bound=type[StrEnum])


def described(choices: E, description: str, values: Mapping[str, str]) -> E:
    """Registers a domain enum with the schema. Raises KeyError for a value without a sentence."""
    registered: Any = strawberry.enum(choices, description=description)
    for value in registered.__strawberry_definition__.values:
        value.description = values[value.name]
    return choices
