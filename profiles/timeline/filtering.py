"""Filters of events: which are wanted, what a viewer sees of them, and how a statement says so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam

from profiles.account import Account
from profiles.columns import Instant
from profiles.storage.reads import DialectName, among_ids, among_texts
from profiles.text import is_storable
from profiles.timeline.kinds import NOWHERE
from profiles.timeline.tables import EventCategory
from profiles.timeline.visibility import visible_categories
from profiles.viewer import Viewer

Shape = tuple[str, ...]
IN_TIME = frozenset({"since", "until"})
"""The parts of a filter that say nothing of an event's kind."""
OF_CATEGORIES: Shape = ("categories",)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; None does not filter, an empty tuple matches nothing (ruling 30).

    The time is from `since`, inclusive, to `until`, exclusive.
    """

    categories: tuple[EventCategory, ...] | None = None
    types: tuple[str, ...] | None = None
    store_ids: tuple[int, ...] | None = None
    business_unit_ids: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def seen_by(self, viewer: Viewer, account: Account) -> "EventFilter":
        """The filter, narrowed to what this viewer sees. All categories are no condition: that is the usual case."""
        visible = visible_categories(viewer, account)
        wanted = visible if self.categories is None else visible & set(self.categories)
        categories = None if len(wanted) == len(EventCategory) else tuple(sorted(wanted))
        if categories is None and self.categories is None:
            return self
        return EventFilter(categories, self.types, self.store_ids, self.business_unit_ids, self.since, self.until)

    @property
    def shape(self) -> Shape:
        """What the statement depends on: which of the parts are said."""
        return tuple(name for name in self.__dataclass_fields__ if getattr(self, name) is not None)

    def parameters(self) -> dict[str, Any]:
        """The values of the parts that are said."""
        said = {name: getattr(self, name) for name in self.shape}
        if self.types is not None:
            said["types"] = [type for type in self.types if is_storable(type)]
        return said


EVERYTHING = EventFilter()


def conditions(dialect: DialectName, event: Any, shape: Shape) -> list[ColumnElement[bool]]:
    """These parts of a filter as conditions on the columns of an event, or of a kind."""
    parts: dict[str, Callable[[], ColumnElement[bool]]] = {
        "categories": lambda: among_texts(dialect, event.category, "categories"),
        "types": lambda: among_texts(dialect, event.type, "types"),
        "store_ids": lambda: _among_places(dialect, event.store_id, "store_ids"),
        "business_unit_ids": lambda: _among_places(dialect, event.business_unit_id, "business_unit_ids"),
        "since": lambda: event.occurred_at >= bindparam("since", type_=Instant()),
        "until": lambda: event.occurred_at < bindparam("until", type_=Instant()),
    }
    return [parts[name]() for name in shape]


def _among_places(dialect: DialectName, place: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """That a kind has no place is written as one that nobody may ask for."""
    return and_(among_ids(dialect, place, parameter), place != NOWHERE)


def parts_of(shape: Shape) -> tuple[Shape, Shape]:
    """The parts that say something of an event's kind, and those of its time."""
    in_time = tuple(name for name in shape if name in IN_TIME)
    return tuple(name for name in shape if name not in IN_TIME), in_time
