"""The plan of mass mailings: a newsletter every four weeks, and between them offers that bring promo codes."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from profiles.contacts import Channel
from profiles.ids import imported_id
from profiles.mailings import MailingKind
from sources.rows import SOURCE, Clock

SITE = "https://shop.corner-market.example"
MAILING_SITE = "https://mailings.corner-market.example"


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
