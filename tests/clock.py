"""A clock for gateways of tests: it stands still until the test turns it."""

from datetime import datetime, timedelta


class Clock:
    """What time it is. A test module that needs one overrides the fixture `clock`."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        """So many seconds later."""
        self.now += timedelta(seconds=seconds)
