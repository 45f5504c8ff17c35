"""Six hundred made-up households with what is generated around them, and how tests look at it."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sources.rows import EventRow, HouseholdFacts, ShapeRows
from sources.shape import shape_household
from sources.shape.draft import SHOWCASE_HOUSEHOLD
from tests.sources.households import CLOCK, made_household, made_reference, made_world

HOUSEHOLDS = 600
FOREIGN = {"GB", "DE", "FR"}

REFERENCE = made_reference()
WORLD = made_world(REFERENCE)
FACTS = [made_household(number, number - 1, WORLD, REFERENCE) for number in range(1, HOUSEHOLDS + 1)]
SHAPES = [shape_household(facts, WORLD, CLOCK) for facts in FACTS]
ALL = list(zip(FACTS, SHAPES, strict=True))


def named(shape: ShapeRows, model: Any) -> list[dict[str, Any]]:
    """The rows of a table, each by column name."""
    columns, rows = shape.rows.tables.get(model, ((), []))
    return [dict(zip(columns, row, strict=True)) for row in rows]


def all_named(model: Any) -> list[dict[str, Any]]:
    return [row for shape in SHAPES for row in named(shape, model)]


def all_events() -> Iterator[EventRow]:
    return chain.from_iterable(shape.events for shape in SHAPES)


def showcase() -> tuple[HouseholdFacts, ShapeRows]:
    return next((facts, shape) for facts, shape in ALL if facts.household_id == SHOWCASE_HOUSEHOLD)


def share(condition: Iterator[bool]) -> float:
    answers = list(condition)
    return sum(answers) / len(answers)
