"""Days are calendar days on the account's wall, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.calendar import day_bounds, days_between, local_day, start_of_day

BERLIN, NEW_YORK, KOLKATA, KIRITIMATI = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati")
)
ADELAIDE, LORD_HOWE, ST_JOHNS, KATHMANDU = (
    ZoneInfo(name) for name in ("Australia/Adelaide", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu")
)
SAO_PAULO, HAVANA = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/Havana")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # the parts are the first arguments


@pytest.mark.parametrize(
    ("event", "now", "zone", "days"),
    [
        pytest.param(utc(2026, 6, 10, 12), utc(2026, 6, 10, 12), BERLIN, 0, id="this moment"),
        pytest.param(utc(2026, 6, 9, 22, 0), utc(2026, 6, 10, 21, 59), BERLIN, 0, id="a whole day long"),
        pytest.param(utc(2026, 6, 10, 21, 59), utc(2026, 6, 10, 22, 1), BERLIN, 1, id="two minutes over midnight"),
        pytest.param(utc(2026, 6, 10, 21, 59), utc(2026, 6, 10, 22, 1), ZoneInfo("UTC"), 0, id="no midnight in UTC"),
        pytest.param(utc(2026, 6, 10, 21, 59), utc(2026, 6, 10, 22, 1), NEW_YORK, 0, id="no midnight in New York"),
        pytest.param(utc(2026, 6, 10, 18, 29), utc(2026, 6, 10, 18, 31), KOLKATA, 1, id="a half-hour zone"),
        pytest.param(utc(2026, 6, 10, 9, 59), utc(2026, 6, 10, 10, 1), KIRITIMATI, 1, id="fourteen hours ahead"),
        pytest.param(utc(2026, 3, 28, 22, 59), utc(2026, 3, 29, 22, 1), BERLIN, 2, id="around the 23-hour day"),
        pytest.param(utc(2026, 3, 28, 23, 0), utc(2026, 3, 29, 22, 0), BERLIN, 1, id="23 hours are a day in spring"),
        pytest.param(
            utc(2026, 10, 24, 22, 0), utc(2026, 10, 25, 22, 59), BERLIN, 0, id="24:59 hours are none in autumn"
        ),
        pytest.param(utc(2026, 10, 24, 22, 0), utc(2026, 10, 25, 23, 0), BERLIN, 1, id="25 hours are a day in autumn"),
        pytest.param(utc(2024, 2, 28, 12), utc(2024, 3, 1, 12), BERLIN, 2, id="over a leap day"),
        pytest.param(utc(2026, 6, 10, 18, 14), utc(2026, 6, 10, 18, 16), KATHMANDU, 1, id="a three-quarter-hour zone"),
        pytest.param(utc(2026, 3, 9, 2, 29), utc(2026, 3, 9, 2, 31), ST_JOHNS, 1, id="half an hour off, in summer"),
        pytest.param(utc(2026, 11, 2, 3, 29), utc(2026, 11, 2, 3, 31), ST_JOHNS, 1, id="half an hour off, in winter"),
        pytest.param(utc(2026, 11, 2, 2, 29), utc(2026, 11, 2, 2, 31), ST_JOHNS, 0, id="that was midnight in summer"),
        pytest.param(
            utc(2026, 10, 3, 14, 30), utc(2026, 10, 4, 13, 29), ADELAIDE, 0, id="spring in the south, 22:59 hours"
        ),
        pytest.param(utc(2026, 10, 3, 14, 30), utc(2026, 10, 4, 13, 30), ADELAIDE, 1, id="23 hours in the south"),
        pytest.param(
            utc(2026, 4, 4, 13, 30), utc(2026, 4, 5, 14, 29), ADELAIDE, 0, id="autumn in the south, 24:59 hours"
        ),
        pytest.param(utc(2026, 4, 4, 13, 30), utc(2026, 4, 5, 14, 30), ADELAIDE, 1, id="autumn in the south, 25 hours"),
        pytest.param(utc(2025, 12, 31, 22, 59), utc(2026, 12, 31, 12), BERLIN, 365, id="a year"),
        pytest.param(utc(2026, 6, 11, 12), utc(2026, 6, 10, 12), BERLIN, -1, id="a source's clock runs ahead"),
    ],
)
def test_days_are_counted_by_dates_in_the_accounts_zone(
    event: datetime, now: datetime, zone: ZoneInfo, days: int
) -> None:
    assert days_between(event, now, zone) == days


def test_the_offset_an_instant_is_written_with_does_not_matter() -> None:
    written_in_tokyo = datetime(2026, 6, 11, 6, 59, tzinfo=timezone(timedelta(hours=9)))
    assert local_day(written_in_tokyo, BERLIN) == date(2026, 6, 10)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 6, 10, 12)
    with pytest.raises(ValueError, match="time zone"):
        local_day(naive, BERLIN)
    with pytest.raises(ValueError, match="time zone"):
        days_between(naive, utc(2026, 6, 10), BERLIN)


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        pytest.param(date(2026, 6, 10), BERLIN, utc(2026, 6, 9, 22), id="summer"),
        pytest.param(date(2026, 1, 10), BERLIN, utc(2026, 1, 9, 23), id="winter"),
        pytest.param(date(2026, 6, 10), KOLKATA, utc(2026, 6, 9, 18, 30), id="a half-hour zone"),
        pytest.param(date(2018, 11, 4), SAO_PAULO, utc(2018, 11, 4, 3), id="midnight is skipped: the day begins at 1"),
        pytest.param(date(2025, 3, 9), HAVANA, utc(2025, 3, 9, 5), id="midnight is skipped in Havana"),
        pytest.param(date(2018, 2, 18), SAO_PAULO, utc(2018, 2, 18, 3), id="23 to 24 comes twice the evening before"),
        pytest.param(date(2025, 11, 2), HAVANA, utc(2025, 11, 2, 4), id="midnight comes twice: the first"),
    ],
)
def test_a_day_starts_at_its_first_instant(day: date, zone: ZoneInfo, start: datetime) -> None:
    assert start_of_day(day, zone) == start
    assert start_of_day(day, zone).utcoffset() == timedelta(0)
    assert local_day(start, zone) == day
    assert local_day(start - timedelta(microseconds=1), zone) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        pytest.param(date(2026, 3, 29), BERLIN, 23, id="spring in the north"),
        pytest.param(date(2026, 6, 10), BERLIN, 24, id="any other day"),
        pytest.param(date(2026, 10, 25), BERLIN, 25, id="autumn in the north"),
        pytest.param(date(2026, 3, 8), NEW_YORK, 23, id="spring in the default account"),
        pytest.param(date(2026, 11, 1), NEW_YORK, 25, id="autumn in the default account"),
        pytest.param(date(2026, 10, 4), ADELAIDE, 23, id="spring in the south"),
        pytest.param(date(2026, 4, 5), ADELAIDE, 25, id="autumn in the south"),
        pytest.param(date(2026, 10, 4), LORD_HOWE, 23.5, id="where the clocks go by half an hour, forward"),
        pytest.param(date(2026, 4, 5), LORD_HOWE, 24.5, id="where the clocks go by half an hour, back"),
        pytest.param(date(2026, 3, 8), ST_JOHNS, 23, id="half an hour off, spring"),
        pytest.param(date(2026, 11, 1), ST_JOHNS, 25, id="half an hour off, autumn"),
        pytest.param(date(2026, 6, 10), KOLKATA, 24, id="half an hour off, without summer time"),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, zone: ZoneInfo, hours: float) -> None:
    start, end = day_bounds(day, zone)
    assert end - start == timedelta(hours=hours)
    assert days_between(start, end - timedelta(microseconds=1), zone) == 0
    assert days_between(start, end, zone) == days_between(end - timedelta(microseconds=1), end, zone) == 1


@given(
    instant=st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from([BERLIN, NEW_YORK, KOLKATA, KIRITIMATI, SAO_PAULO, HAVANA, ADELAIDE, LORD_HOWE, ST_JOHNS]),
)
def test_every_instant_lies_within_its_own_day(instant: datetime, zone: ZoneInfo) -> None:
    start, end = day_bounds(local_day(instant, zone), zone)
    assert start <= instant < end


@pytest.mark.parametrize("zone", [BERLIN, KIRITIMATI, NEW_YORK])
def test_the_last_instant_there_is_falls_on_the_last_day_there_is(zone: ZoneInfo) -> None:
    assert local_day(datetime.max.replace(tzinfo=UTC), zone) == date.max
