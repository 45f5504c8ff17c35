"""Calendar of the demo: the source's year moved by whole days, its last day being today, nothing in the future."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from profiles.calendar import day_bounds, start_of_day
from sources.rows import Clock

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def clock_of(last_day: date, zone: ZoneInfo, now: datetime, keep_dates: bool) -> Clock:
    """The clock whose last day is today; with `keep_dates` the source's own days, up to the end of the last one."""
    if keep_dates:
        return Clock(end=start_of_day(last_day + DAY, zone) - SECOND, zone=zone, shift=timedelta())
    return Clock(end=now, zone=zone, shift=now.astimezone(zone).date() - last_day)


class Moments:
    """Turns the source's naive times into instants."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._today = datetime.combine(clock.today, time.min)
        # A last day that is still going on: its times are drawn together into the part that has passed, in order.
        start, over = day_bounds(clock.today, clock.zone)
        self._passed = (clock.end - start) / (over - start) if clock.end + SECOND < over else 1.0
        self._offsets: dict[date, timedelta | None] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone, in which the source's times are."""
        return self._clock.zone

    def instant(self, naive: datetime) -> datetime:
        """The instant in UTC that a naive time of the source stands for; never after the clock's end."""
        local = naive + self._clock.shift
        if local >= self._today and self._passed < 1.0:
            local = self._today + (local - self._today) * self._passed
        offset = self._offset_on(local.date())
        if offset is None:
            moment = local.replace(tzinfo=self._clock.zone).astimezone(UTC)
        else:
            moment = (local - offset).replace(tzinfo=UTC)
        return min(moment, self._clock.end)

    def _offset_on(self, day: date) -> timedelta | None:
        """The zone's offset on a day without a change of the clocks, else null: to ask the zone for each of a hundred
        thousand instants is slow."""
        if day not in self._offsets:
            midnight = datetime.combine(day, time.min, self._clock.zone)
            begins, ends = midnight.utcoffset(), (midnight + DAY).utcoffset()
            self._offsets[day] = begins if begins == ends else None
        return self._offsets[day]

    def planned(self, naive: datetime) -> datetime:
        """The instant in UTC, also where it is still to come: the planned end of something that is running."""
        return (naive + self._clock.shift).replace(tzinfo=self._clock.zone).astimezone(UTC)
