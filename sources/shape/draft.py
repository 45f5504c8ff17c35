"""A household while it is being shaped: its facts, what was generated so far, and its own dice for each topic."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import SQLModel

from profiles.changes import Change
from profiles.ids import imported_id
from profiles.timeline import EventCategory
from sources.rows import SOURCE, Clock, EventRow, HouseholdFacts, ShapeRows, World

SEED = 2017
"""The seed of everything generated, unless a caller names another."""

CHANGE_COLUMNS = ("customer_id", "id", "at", "actor", "field", "before", "after")

SHOWCASE_HOUSEHOLD = 58
"""The household that the documentation opens: it gets something in every panel, where others get it by chance."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One household. All chance comes from `dice`, so neither the order nor the number of households changes it."""

    facts: HouseholdFacts
    world: World
    clock: Clock
    seed: int = SEED
    shape: ShapeRows = field(default_factory=ShapeRows)

    @property
    def is_showcase(self) -> bool:
        """Whether chance has to be kind in every panel."""
        return self.facts.household_id == SHOWCASE_HOUSEHOLD

    def dice(self, topic: str) -> Random:
        """Fresh dice for a topic: a change in one topic leaves the others as they were."""
        return Random(f"{self.seed}:{self.facts.household_id}:{topic}")

    def id(self, kind: str, key: str) -> int:
        """The id of a generated row, equal on every import."""
        return imported_id(SOURCE, kind, f"{self.facts.household_id}:{key}")

    def is_past(self, moment: datetime) -> bool:
        """Whether it has happened by the end of the demo data."""
        return moment <= self.clock.end

    def happen(
        self,
        key: str,
        category: EventCategory,
        type: str,
        name: str,
        at: datetime,
        received_at: datetime | None = None,
        **columns: Any,
    ) -> None:
        """Adds an event; `key` is unique in its household and type. It is received within two minutes if not said."""
        id = self.id("event", f"{type}:{key}")
        received = received_at if received_at is not None else at + timedelta(seconds=id % 120)
        self.shape.events.append(
            EventRow(
                customer_id=self.facts.customer_id,
                id=id,
                category=category,
                type=type,
                name=name,
                occurred_at=at,
                received_at=min(received, self.clock.end),
                **columns,
            )
        )

    def changed(self, key: str, field: str, before: str | None, after: str | None, actor: str, at: datetime) -> None:
        """Adds a change to the profile's history; `key` is unique in its household and field."""
        row = (self.facts.customer_id, self.id("change", f"{field}:{key}"), at, actor, field, before, after)
        self.add(Change, CHANGE_COLUMNS, [row])

    def add(self, model: type[SQLModel], columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Adds rows of a table; columns that are not named get the model's default."""
        if rows:
            self.shape.rows.add(model, columns, rows)


def said(**values: str | int) -> dict[str, Any]:
    """An event's details as they are stored: labels in sentence case, values as text."""
    return {
        "details": [
            {"label": label.replace("_", " ").capitalize(), "value": str(value)} for label, value in values.items()
        ]
    }
