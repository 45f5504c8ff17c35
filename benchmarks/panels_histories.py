"""The two histories of `make bench-panels`: how much of everything a customer of 100 and one of 100,000 events has."""

from dataclasses import dataclass

from profiles.segments import MOST_PAST
from profiles.timeline import EventCategory

ABANDONED = 10
"""Lines that were left behind lately: of everybody equally many."""

Mix = dict[EventCategory, int]

OF_100_EVENTS: Mix = {
    EventCategory.PRODUCT_VIEW: 26,
    EventCategory.CATEGORY_VIEW: 10,
    EventCategory.PAGE_VIEW: 4,
    EventCategory.SITE_VISIT: 4,
    EventCategory.EMAIL: 3,
    EventCategory.MAILING_MASS: 6,
    EventCategory.MAILING_CAMPAIGN: 5,
    EventCategory.RECEIPT: 11,
    EventCategory.ORDER: 11,
    EventCategory.CART_ABANDONED: 2,
    EventCategory.CALL_CENTER: 2,
    EventCategory.BONUS_ACCRUED: 2,
    EventCategory.POINTS_ACCRUED: 2,
    EventCategory.TAG_ASSIGNED: 2,
    EventCategory.LIFECYCLE: 2,
    EventCategory.CONSENT: 2,
    EventCategory.NOTE: 2,
    EventCategory.SEGMENT: 2,
    EventCategory.PROFILE: 2,
}
OF_100_000_EVENTS: Mix = {
    EventCategory.PRODUCT_VIEW: 35_000,
    EventCategory.CATEGORY_VIEW: 15_000,
    EventCategory.PAGE_VIEW: 15_000,
    EventCategory.SITE_VISIT: 10_000,
    EventCategory.EMAIL: 9_000,
    EventCategory.MAILING_MASS: 3_000,
    EventCategory.MAILING_CAMPAIGN: 2_000,
    EventCategory.RECEIPT: 3_000,
    EventCategory.ORDER: 1_000,
    EventCategory.CART_ABANDONED: 300,
    EventCategory.CALL_CENTER: 1_200,
    EventCategory.BONUS_ACCRUED: 1_500,
    EventCategory.POINTS_ACCRUED: 1_000,
    EventCategory.TAG_ASSIGNED: 500,
    EventCategory.LIFECYCLE: 100,
    EventCategory.CONSENT: 500,
    EventCategory.NOTE: 300,
    EventCategory.SEGMENT: 600,
    EventCategory.PROFILE: 1_000,
}


@dataclass(frozen=True, slots=True)
class History:
    """How long a customer's history is: events by category, and what else has been gathered beside them."""

    events: Mix
    consent_changes: int
    changes: int
    notes: int
    promo_codes: int
    polls: int
    past_segments: int
    lots: int
    left_lines: int

    @property
    def count(self) -> int:
        """How many events."""
        return sum(self.events.values())

    @property
    def mailings(self) -> int:
        """How many mailings they took part in."""
        return self.events[EventCategory.MAILING_MASS] + self.events[EventCategory.MAILING_CAMPAIGN]


SHORT = History(OF_100_EVENTS, 6, 11, 11, 11, 11, MOST_PAST, 12, ABANDONED)
LONG = History(OF_100_000_EVENTS, 500, 1_000, 300, 1_000, 100, 300, 300, 3_000)


def part_of(history: History, parts: int) -> History:
    """A history that many times shorter, at least as long as the short one."""
    least = SHORT
    return History(
        {kind: max(least.events[kind], count // parts) for kind, count in history.events.items()},
        *(
            max(getattr(least, name), getattr(history, name) // parts)
            for name in list(History.__dataclass_fields__)[1:]
        ),
    )
