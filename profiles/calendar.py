"""Calendar: which day an instant falls on in the account's time zone, and how many days lie between."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day on the account's wall. Raises ValueError for a naive instant: its day would be a guess."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        # Sources say "for ever" by the last instant there is; east of UTC its day would be one too late for a date.
        return instant.date()


def days_between(event: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Calendar days from the event's date to today: 1 from 23:59 to 00:01; negative if it lies ahead."""
    return (local_day(now, zone) - local_day(event, zone)).days


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The day's first instant, in UTC; where the clocks jump over midnight, the instant of the jump."""
    # A skipped midnight with fold 0 is read with the offset before the jump, which is the jump itself; a repeated
    # midnight with fold 0 is the first of the two.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The day as `from <= t < to`, in UTC: 23, 24 or 25 hours apart, as the clocks go."""
    return start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
