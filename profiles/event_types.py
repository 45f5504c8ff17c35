"""Event types: those that an account's file names, and those of the events that the gateway writes itself."""

from profiles.attribute_definitions import Strict
from profiles.timeline import EventCategory


class EventType(Strict):
    """A kind of event: what it is called, for a machine within its category, and for people."""

    key: str
    label: str
    category: EventCategory


OWN_EVENT_TYPES = (
    EventType(key="tag_assigned", label="Tag assigned", category=EventCategory.TAG_ASSIGNED),
    EventType(key="tag_removed", label="Tag removed", category=EventCategory.TAG_ASSIGNED),
    EventType(key="lifecycle_changed", label="Life cycle changed", category=EventCategory.LIFECYCLE),
    EventType(key="consent_granted", label="Consent granted", category=EventCategory.CONSENT),
    EventType(key="consent_revoked", label="Consent revoked", category=EventCategory.CONSENT),
    EventType(key="note_added", label="Note added", category=EventCategory.NOTE),
    EventType(key="note_deleted", label="Note deleted", category=EventCategory.NOTE),
    EventType(key="segment_entered", label="Segment entered", category=EventCategory.SEGMENT),
    EventType(key="segment_left", label="Segment left", category=EventCategory.SEGMENT),
    EventType(key="profile_created", label="Profile was created", category=EventCategory.PROFILE),
    EventType(key="profile_changed", label="Profile changed", category=EventCategory.PROFILE),
    EventType(key="registered", label="Customer registered", category=EventCategory.PROFILE),
)
"""What writes and imports tell of a profile; nobody records these (`recordEvents` refuses their categories)."""
