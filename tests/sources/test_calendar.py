"""The calendar of the demo: instants as the account's zone says, also on the days on which its clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sources.complete_journey.calendar import Moments, clock_of

YEAR_BEGINS = datetime(2017, 1, 1)


@pytest.mark.parametrize("name", ["America/Denver", "Europe/Berlin", "Australia/Lord_Howe"])
def test_every_half_hour_of_a_year_is_the_one_that_the_zone_says(name: str) -> None:
    zone = ZoneInfo(name)
    moments = Moments(clock_of(date(2018, 1, 1), zone, datetime(2026, 5, 6, tzinfo=UTC), keep_dates=True))
    local = [YEAR_BEGINS + number * timedelta(minutes=30) for number in range(365 * 48)]
    assert [moments.instant(naive) for naive in local] == [
        naive.replace(tzinfo=zone).astimezone(UTC) for naive in local
    ]
