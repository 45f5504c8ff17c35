"""The newest change of a consent is its state; what was never granted is not revoked, and blocks nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from profiles.account import load_account
from profiles.consents import KEPT_COLUMNS, STATE_COLUMNS, ConsentState, ConsentStatus, closed_channels, kept_consents
from profiles.contacts import Channel

START = datetime(2026, 1, 1, tzinfo=UTC)
G, R = ConsentStatus.GRANTED, ConsentStatus.REVOKED


def state(*history: ConsentStatus, name: str = "news") -> ConsentState:
    """A consent that went through these changes, one a day."""
    changes = [
        (1, day, name, status, START + timedelta(days=day), f"source {day}", "Ann")
        for day, status in enumerate(history)
    ]
    (kept,) = kept_consents(changes)
    row = dict(zip(KEPT_COLUMNS, kept, strict=True))
    return ConsentState(*[row[name] for name in STATE_COLUMNS])


@pytest.mark.parametrize(
    ("history", "status", "granted_on", "revoked_on"),
    [
        pytest.param([G], G, 0, None, id="granted"),
        pytest.param([R], R, None, 0, id="revoked without ever having been granted"),
        pytest.param([G, R], R, 0, 1, id="granted, then revoked"),
        pytest.param([G, R, G], G, 2, None, id="granted again: no longer revoked"),
        pytest.param([R, G], G, 1, None, id="refused at first, then granted"),
        pytest.param([G, R, G, R], R, 2, 3, id="revoked for the second time"),
    ],
)
def test_the_newest_change_is_the_state_and_the_last_of_each_kind_its_date(
    history: Sequence[ConsentStatus], status: ConsentStatus, granted_on: int | None, revoked_on: int | None
) -> None:
    def day(number: int | None) -> datetime | None:
        return None if number is None else START + timedelta(days=number)

    consent = state(*history)
    assert (consent.status, consent.granted_at, consent.revoked_at) == (status, day(granted_on), day(revoked_on))
    assert consent.source == f"source {len(history) - 1}"


NEWS = {Channel.EMAIL, Channel.SMS, Channel.PUSH}


@pytest.mark.parametrize(
    ("states", "closed"),
    [
        pytest.param([], set(), id="never granted is not revoked"),
        pytest.param([state(G)], set(), id="granted"),
        pytest.param([state(G, R)], NEWS, id="revoked"),
        pytest.param([state(R)], NEWS, id="revoked without ever having been granted"),
        pytest.param([state(G, R, G)], set(), id="granted again"),
        pytest.param([state(R), state(G, R, name="calls")], NEWS | {Channel.PHONE}, id="two revoked: both close"),
        pytest.param([state(G), state(R, name="calls")], {Channel.PHONE}, id="one revoked beside one granted"),
        pytest.param([state(R, name="profiling")], set(), id="a definition that names no channel"),
        pytest.param([state(R, name="forgotten")], set(), id="a name that the account does not define"),
    ],
)
def test_a_revoked_consent_closes_the_channels_of_its_definition(
    states: Sequence[ConsentState], closed: set[Channel]
) -> None:
    assert closed_channels(states, load_account()) == closed
