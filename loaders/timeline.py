"""The timeline and the visits in it, batched."""

from collections.abc import Sequence

from loaders.base import Loader
from profiles.storage.pages import Page, PageOf
from profiles.storage.pairs import Pair
from profiles.storage.reads import Read
from profiles.timeline.filtering import EventFilter
from profiles.timeline.reading import (
    BRIEF,
    WHOLE,
    EventPage,
    TimelinePage,
    TimelineRow,
    event_counts,
    events_by_id,
    latest_events,
)
from profiles.timeline.sessions import (
    ActionRow,
    SessionRow,
    action_counts,
    latest_live_sessions,
    session_actions,
    sessions_by_id,
)


class LatestEvents(Loader[int, EventPage, TimelinePage]):
    """Each customer's newest events, one page, and the live cursor of that moment."""

    def read(self, ids: Sequence[int], arguments: EventPage) -> Read[int, TimelinePage]:
        cut = BRIEF if TimelineRow in self.asking.brief else WHOLE
        return latest_events(self.asking.viewer, self.asking.account, ids, arguments, cut)

    def missing(self, id: int) -> TimelinePage:
        return TimelinePage(Page.empty(), 0)


class EventCount(Loader[int, EventFilter, int]):
    """How many events each customer has."""

    def read(self, ids: Sequence[int], arguments: EventFilter) -> Read[int, int]:
        return event_counts(self.asking.viewer, self.asking.account, ids, arguments)

    def missing(self, id: int) -> int:
        return 0


class EventById(Loader[Pair, None, TimelineRow | None]):
    """Single events."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, TimelineRow | None]:
        return events_by_id(self.asking.viewer, self.asking.account, ids)

    def missing(self, id: Pair) -> TimelineRow | None:
        return None


class SessionById(Loader[Pair, None, SessionRow | None]):
    """Single visits."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, SessionRow | None]:
        return sessions_by_id(self.asking.viewer, ids)

    def missing(self, id: Pair) -> SessionRow | None:
        return None


class LatestLiveSession(Loader[int, None, SessionRow | None]):
    """Of each customer's visits that are stored as live the one that was heard of last."""

    def read(self, ids: Sequence[int], arguments: None) -> Read[int, SessionRow | None]:
        return latest_live_sessions(self.asking.viewer, ids)

    def missing(self, id: int) -> SessionRow | None:
        return None


class SessionActions(Loader[Pair, PageOf, Page[ActionRow]]):
    """What was done in each visit, one page."""

    def read(self, ids: Sequence[Pair], arguments: PageOf) -> Read[Pair, Page[ActionRow]]:
        return session_actions(self.asking.viewer, self.asking.account, ids, arguments)

    def missing(self, id: Pair) -> Page[ActionRow]:
        return Page.empty()


class SessionActionCount(Loader[Pair, None, int]):
    """How much was done in each visit."""

    def read(self, ids: Sequence[Pair], arguments: None) -> Read[Pair, int]:
        return action_counts(self.asking.viewer, self.asking.account, ids)

    def missing(self, id: Pair) -> int:
        return 0
