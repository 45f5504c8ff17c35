"""The moment: who reads the time says thereby until when the answer stays true."""

from datetime import UTC, datetime, timedelta

from profiles.moment import Moment

NOW = datetime(2026, 3, 1, 12, 30, 17, 250, tzinfo=UTC)
MINUTE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_what_never_asks_for_the_time_stays_true() -> None:
    assert Moment(NOW).true_until is None


def test_what_goes_by_the_minute_is_true_until_the_next_begins() -> None:
    moment = Moment(NOW)
    assert (moment.minute, moment.true_until) == (MINUTE, MINUTE + timedelta(minutes=1))


def test_what_goes_by_the_instant_is_true_at_it_only_whoever_else_asks() -> None:
    first, second = Moment(NOW), Moment(NOW)
    assert (first.now, first.minute, first.true_until) == (NOW, MINUTE, NOW)
    assert (second.minute, second.now, second.true_until) == (MINUTE, NOW, NOW)


def test_what_changes_at_a_moment_that_is_known_is_true_until_the_first_of_them() -> None:
    moment = Moment(NOW)
    hour = timedelta(hours=1)
    assert moment.derive(lambda now: (now, None)) == NOW
    assert moment.true_until is None
    for ends in (NOW + 2 * hour, NOW + hour, NOW + 3 * hour):
        moment.derive(lambda now, ends=ends: ("said", ends))  # type: ignore[misc]
    assert (moment.true_until, moment.is_only_now) == (NOW + hour, False)
