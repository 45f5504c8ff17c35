"""The timeline: everything a customer did or was sent, one row an event, numbered per customer in commit order."""

from profiles.timeline.tables import (
    EventCategory,
    OutboxEntry,
    Session,
    SessionState,
    TimelineEvent,
    TimelineKind,
    ViewedCategory,
)
from profiles.timeline.visibility import visible_categories

__all__ = [
    "EventCategory",
    "OutboxEntry",
    "Session",
    "SessionState",
    "TimelineEvent",
    "TimelineKind",
    "ViewedCategory",
    "visible_categories",
]
