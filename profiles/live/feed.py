"""The feed: a customer's new events, each once, in the order of their numbers, for as long as somebody takes them."""

from collections.abc import AsyncGenerator

from profiles.account import Account
from profiles.errors import BadCursor, NotFound
from profiles.storage.store import Store
from profiles.timeline.filtering import EventFilter
from profiles.timeline.reading import TimelineRow, events_after
from profiles.viewer import Viewer

AT_ONCE = 100
"""How many events one look takes: what somebody who was away for long missed comes in several looks."""

LOOK_SECONDS = 4.0
"""How long a lost announcement delays an event at most: without news the timeline is looked at anyway."""

NO_EVENTS = EventFilter(categories=())


async def begin(store: Store, viewer: Viewer, account: Account, customer_id: int, after: int | None) -> int:
    """The number behind which to follow: `after`, or the newest event's where it is None.

    Raises NotFound for an unknown customer, BadCursor for a number that no event has yet.
    """
    read = events_after(viewer, account, [customer_id], NO_EVENTS, 0, AT_ONCE)
    news = (await store.answer(read)).get(customer_id)
    if news is None:
        raise NotFound("There is no such customer.", ("customerId",))
    if after is None:
        return news.sequence
    if after > news.sequence:
        raise BadCursor("This live cursor is not one of this customer.")
    return after


async def follow(
    store: Store,
    viewer: Viewer,
    account: Account,
    customer_id: int,
    wanted: EventFilter,
    after: int,
) -> AsyncGenerator[TimelineRow]:
    """The wanted events behind the number `after`, oldest first; ends only when the customer is gone.

    Listening begins before the first look, so an event committed in between is announced to somebody who hears it. The
    generator holds a listener until it is closed (`contextlib.aclosing`). Raises SourceUnavailable.
    """
    last = after
    async with store.bus.listen(customer_id) as waiting:
        while True:
            read = events_after(viewer, account, [customer_id], wanted, last, AT_ONCE)
            news = (await store.answer(read)).get(customer_id)
            if news is None:
                return
            for row in news.rows:
                yield row
            # What was not wanted is behind us too: it is not looked at again.
            last = min(news.sequence, last + AT_ONCE)
            if last == news.sequence:
                await waiting.news(LOOK_SECONDS)
