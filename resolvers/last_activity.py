"""The panel of the last activity."""

from typing import Any

from executor.promises import Each, Later
from profiles.storage.pages import PageOf
from profiles.summaries.metrics import ACTIVITY
from profiles.timeline.filtering import EventFilter
from profiles.timeline.reading import EventPage, TimelinePage
from resolvers.context import Info
from resolvers.types.event import TimelineEvent

NEWEST = EventPage(EventFilter(categories=ACTIVITY), PageOf(1, None))


def panel(info: Info) -> Each[TimelineEvent | None]:
    events = info.context.loaders.latest_events
    return lambda about: Later(events.ask(about.customer_id, NEWEST), _newest)


def _newest(found: TimelinePage) -> Any:
    rows = found.page.rows
    return rows[0] if rows else None
