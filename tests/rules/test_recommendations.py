"""A product is not recommended while its last purchase is less than the pause ago."""

from datetime import UTC, datetime, timedelta

import pytest

from profiles.recommendations import is_paused

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
PAUSE = timedelta(days=30)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("last_purchased_at", "pause", "paused"),
    [
        pytest.param(None, PAUSE, False, id="never purchased"),
        pytest.param(NOW, PAUSE, True, id="purchased at this instant"),
        pytest.param(NOW + INSTANT, PAUSE, True, id="purchased by a clock that runs ahead"),
        pytest.param(NOW - PAUSE + INSTANT, PAUSE, True, id="purchased just less than thirty days ago"),
        pytest.param(NOW - PAUSE, PAUSE, False, id="purchased exactly thirty days ago"),
        pytest.param(NOW - PAUSE - INSTANT, PAUSE, False, id="purchased just more than thirty days ago"),
        pytest.param(NOW, timedelta(0), False, id="purchased at this instant, and there is no pause"),
    ],
)
def test_the_pause_ends_exactly_its_days_after_the_last_purchase(
    last_purchased_at: datetime | None, pause: timedelta, paused: bool
) -> None:
    assert is_paused(last_purchased_at, NOW, pause) is paused
