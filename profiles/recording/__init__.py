"""Recording: what other systems say happened becomes events of the timeline, purchases and visits."""

from profiles.recording.inputs import CustomerRef, RecordedEvent, RecordedItem
from profiles.recording.record import MOST_EVENTS, Recorded, record_events

__all__ = ["MOST_EVENTS", "CustomerRef", "Recorded", "RecordedEvent", "RecordedItem", "record_events"]
