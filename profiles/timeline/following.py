"""What follows from events: how many of each kind there are, and which categories were viewed when."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from profiles.storage.reads import DialectName
from profiles.timeline.kinds import OF_EVENTS, Kind, change_kinds, kind_of, recount_kinds
from profiles.timeline.tables import TimelineEvent
from profiles.timeline.viewed import OF_VIEWS, View, add_views, view_of, viewed_anew, write_views


class EventsWritten:
    """What a session writes of events: it sees those that are flushed, and keeps what follows from them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kinds: Counter[Kind] = Counter()
        self._views: list[View] = []
        self._unsure: set[int] = set()
        event.listen(session, "after_flush", lambda *_: self._see())

    async def keep(self, connection: Any, dialect: DialectName) -> None:
        """Brings what follows up to what was flushed since the last time; the customers are locked or new."""
        kinds, views, unsure = self._kinds, self._views, self._unsure
        self._kinds, self._views, self._unsure = Counter(), [], set()
        await change_kinds(connection, dialect, kinds)
        await add_views(connection, dialect, [view for view in views if view[0] not in unsure])
        await _view_anew(connection, dialect, sorted(unsure))

    def _see(self) -> None:
        # Each row is new, dirty or deleted in the one flush that writes it.
        for row in self._session.new:
            if isinstance(row, TimelineEvent):
                self._kinds[kind_of(row)] += 1
                if row.viewed_category_id is not None:
                    self._views.append(view_of(row))
        for row in (*self._session.deleted, *self._session.dirty):
            if isinstance(row, TimelineEvent):
                is_there = row not in self._session.deleted
                self._kinds[_before(row, OF_EVENTS)] -= 1
                self._kinds[kind_of(row)] += is_there
                self._unlearn(row, is_there)

    def _unlearn(self, row: TimelineEvent, is_there: bool) -> None:
        """A view that is none any more leaves its place to an older one, which only the events know."""
        before, after = _before(row, OF_VIEWS), view_of(row) if is_there else None
        for view in (before, after):
            if before != after and view is not None and view[1] is not None:
                self._unsure.add(view[0])


async def recount_events(connection: Any, dialect: DialectName, customer_ids: Sequence[int]) -> None:
    """Derives what follows from these customers' events anew; they are locked by it until the transaction ends."""
    await recount_kinds(connection, dialect, customer_ids)
    await _view_anew(connection, dialect, customer_ids)


async def _view_anew(connection: Any, dialect: DialectName, customer_ids: Sequence[int]) -> None:
    await write_views(connection, dialect, await viewed_anew(connection, dialect, customer_ids))


def _before(row: TimelineEvent, names: Sequence[str]) -> tuple[Any, ...]:
    """These values as they are in the database."""
    attributes = inspect(row).attrs
    return tuple((*attributes[name].history.deleted, getattr(row, name))[0] for name in names)
