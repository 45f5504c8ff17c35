"""The moment of an operation: what time it is for it, and until when what it says of that time stays true."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

MINUTE = timedelta(minutes=1)
T = TypeVar("T")


class Moment:
    """One operation's time. Who reads it thereby says how far the answer depends on it, and so cannot forget to."""

    __slots__ = ("_now", "true_until")

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.true_until: datetime | None = None
        """When what was derived from the time so far may become another; None: never, for nothing was."""

    @property
    def is_only_now(self) -> bool:
        """Whether something follows from the exact instant, so that it is already over."""
        return self.true_until == self._now

    @property
    def now(self) -> datetime:
        """The exact instant: what follows from it is true at this instant only."""
        self.true_until = self._now
        return self._now

    @property
    def minute(self) -> datetime:
        """The instant at which the running minute began: what follows from it is true until the next begins.

        For what changes slowly and all the time: days, the weight of views, pauses.
        """
        began = self._now.replace(second=0, microsecond=0)
        ends = began + MINUTE
        if self.true_until is None or ends < self.true_until:
            self.true_until = ends
        return began

    def derive(self, of: Callable[[datetime], tuple[T, datetime | None]]) -> T:
        """What follows from the exact instant by a rule that knows when it will say something else (None: never).

        For what changes at moments that can be told: what begins, ends, or has been left alone for an hour.
        """
        value, ends = of(self._now)
        if ends is not None and (self.true_until is None or ends < self.true_until):
            self.true_until = ends
        return value
