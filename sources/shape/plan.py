"""The plan: a newsletter every four weeks, between them offers that bring promo codes, and now and then a poll."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from profiles.contacts import Channel
from profiles.ids import imported_id
from profiles.mailings import MailingKind
from sources.rows import SOURCE, Clock
from sources.shop import MAILING_SITE, POLL_SITE


@dataclass(frozen=True, slots=True)
class MassMailing:
    """A mailing to everybody subscribed to its channel; `code_prefix` where it brings a promo code."""

    mailing_id: int
    external_id: str
    name: str
    channel: Channel
    category: str  # key of a mailing category of the account
    sent_at: datetime
    code_prefix: str | None
    url: str
    kind: MailingKind = MailingKind.MASS


# Days before the end of the data, name, channel, category, prefix of the promo codes.
_PLAN: tuple[tuple[int, str, Channel, str, str | None], ...] = (
    *((days, f"Newsletter {12 - days // 28}", Channel.EMAIL, "newsletter", None) for days in range(9, 337, 28)),
    (345, "Fresh start", Channel.EMAIL, "offers", "FRESH"),
    (282, "Spring offers", Channel.EMAIL, "offers", "SPRING"),
    (240, "Flash sale by text message", Channel.SMS, "offers", None),
    (198, "Summer grill", Channel.EMAIL, "offers", "GRILL"),
    (163, "Festival tickets", Channel.EMAIL, "entertainment", None),
    (128, "Back to school", Channel.EMAIL, "offers", "SCHOOL"),
    (96, "The app knows your list", Channel.PUSH, "newsletter", None),
    (68, "Harvest weeks", Channel.EMAIL, "offers", "HARVEST"),
    (47, "Late evening sale by text message", Channel.SMS, "offers", None),
    (30, "Thank you week", Channel.EMAIL, "offers", "THANKS"),
    (6, "This week only", Channel.EMAIL, "offers", "WEEKLY"),
)
_SENT_AT = time(9, 30)


@dataclass(frozen=True, slots=True)
class PlannedPoll:
    """A poll that is open for two weeks from `opens_at`."""

    poll_id: int
    external_id: str
    name: str
    opens_at: datetime
    results_url: str


# Days before the end of the data, name.
_POLLS: tuple[tuple[int, str], ...] = (
    (318, "How did you hear of us?"),
    (251, "Opening hours on Sundays"),
    (187, "Tasting: five olive oils"),
    (120, "Delivery or pick-up?"),
    (64, "Crème fraîche: the old recipe or the new one"),
    (17, "How satisfied are you?"),
)


@lru_cache(maxsize=4)
def poll_plan(clock: Clock) -> tuple[PlannedPoll, ...]:
    """All polls of the year before the clock's end, oldest first."""
    return tuple(
        PlannedPoll(
            poll_id=imported_id(SOURCE, "poll", f"poll-{days}"),
            external_id=f"poll-{days}",
            name=name,
            opens_at=datetime.combine(clock.today - timedelta(days=days), _SENT_AT, clock.zone).astimezone(UTC),
            results_url=f"{POLL_SITE}/poll-{days}/results",
        )
        for days, name in sorted(_POLLS, reverse=True)
    )


@lru_cache(maxsize=4)
def mailing_plan(clock: Clock) -> tuple[MassMailing, ...]:
    """All mass mailings of the year before the clock's end, oldest first."""
    return tuple(
        _mailing(clock, days, name, channel, category, prefix)
        for days, name, channel, category, prefix in sorted(_PLAN, reverse=True)
    )


def _mailing(clock: Clock, days: int, name: str, channel: Channel, category: str, prefix: str | None) -> MassMailing:
    external_id = f"mass-{days}"
    sent_at = datetime.combine(clock.today - timedelta(days=days), _SENT_AT, tzinfo=clock.zone).astimezone(UTC)
    return MassMailing(
        mailing_id=imported_id(SOURCE, "mailing", external_id),
        external_id=external_id,
        name=name,
        channel=channel,
        category=category,
        sent_at=sent_at,
        code_prefix=prefix,
        url=f"{MAILING_SITE}/{external_id}",
    )
